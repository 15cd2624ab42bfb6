/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_runner.c - runs case files: `case_runner [--tap] [FILE|FOLDER]...`, tests/cases where none
 * is named.
 *
 * The language is told in case_file.c. For every case it also does, unasked:
 *	every truncation   each frame cut at every length, alone: the facts are among the whole's,
 *	                   so that no text is a whole one's beginning
 *	flips              bytes changed at random from a fixed seed: no crash, all counts add up
 *	vlan, qinq, gre    every frame inside a tag, two tags, a tunnel: the same facts there
 *	fragments          every IP packet in pieces, in order and backwards: the same facts
 *	twice              the same again in the same task: nothing new
 *	streams            conversations in segments of 1 and 7 bytes, swapped, repeated: the same
 *	                   facts
 * A case of many or long frames is tried at some places only, always the same. Prints each
 * failure as file:line: what; ends with "N passed, N failed", a case's each variant counting one.
 * --tap also prints a line of the Test Anything Protocol for each.
 */
#include "case.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Frames run for all truncations, and for all flips, of one case: about so many. */
enum { WORK_MAX = 60000, FLIPS_A_FRAME = 64, STREAM_MAX = 4096 };

static unsigned passed, failed;
static bool tap;
static unsigned failures; /* of the variant that runs now */

void case_fails(const struct case_file *c, unsigned line, const char *format, ...)
{
	va_list args;

	failures++;
	va_start(args, format);
	printf("%s:%u: ", c->path, line);
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

/* Ends a variant. */
static void tally(const struct case_file *c, const char *variant)
{
	if (failures == 0)
		passed++;
	else
		failed++;
	if (tap)
		printf("%sok %u - %s: %s\n", failures ? "not " : "", passed + failed, c->path,
		       variant);
	failures = 0;
}

static void run_whole(struct run *r, const struct frames *f, const struct case_file *c,
                      const char *variant)
{
	run_begin(r, false);
	run_frames(r, f);
	run_finish(r, c, variant);
}

/* ---- the variants ---- */

static void try_disguise(const struct case_file *c, const struct run *base, struct frames *f,
                         const struct disguise *d)
{
	struct run r;

	run_whole(&r, f, c, d->name);
	check_same(c, base, &r, d);
	run_free(&r);
	frames_free(f);
	tally(c, d->name);
}

static void try_tags(const struct case_file *c, const struct run *base, const struct frames *f)
{
	struct frames tagged = {0}, twice = {0};

	if (!frames_vlan(f, &tagged, 0x8100, 7))
		return;
	frames_vlan(&tagged, &twice, 0x88a8, 8);
	try_disguise(c, base, &tagged, &(struct disguise){.name = "vlan", .vlan = 7});
	try_disguise(c, base, &twice, &(struct disguise){.name = "qinq", .vlan = 8});
}

static void try_gre(const struct case_file *c, const struct run *base, const struct frames *f)
{
	struct frames inside = {0};

	if (frames_gre(f, &inside, 7))
		try_disguise(
			c, base, &inside,
			&(struct disguise){.name = "gre", .realm = "gre:7", .outer = wrap_mac});
}

static void try_fragments(const struct case_file *c, const struct run *base, const struct frames *f)
{
	static const char *const names[] = {"fragments", "fragments backwards"};

	for (unsigned i = 0; i < 2; i++) {
		struct frames pieces = {0};
		if (frames_fragmented(f, &pieces, i == 1))
			try_disguise(c, base, &pieces,
			             &(struct disguise){.name = names[i], .pieces = true});
		else
			frames_free(&pieces);
	}
}

static void try_streams(const struct case_file *c, const struct run *base, const struct frames *f)
{
	static const struct layout layouts[] = {
		{1, false, false}, {7, true, false}, {7, false, true}, {1400, false, true}};
	static const char *const names[] = {"segments of 1", "segments swapped", "segments twice",
	                                    "segments of 1400 twice"};
	size_t bytes = 0;

	for (unsigned i = 0; i < f->count; i++)
		bytes += f->list[i].bytes.len;
	for (unsigned i = 0; i < COUNT_OF(layouts) && case_has(c, "tcp"); i++) {
		struct frames other = {0};
		if (bytes / layouts[i].segment > STREAM_MAX)
			continue;
		if (case_build(c, &layouts[i], &other))
			try_disguise(c, base, &other, &(struct disguise){.name = names[i]});
	}
}

static void try_twice(const struct case_file *c, const struct frames *f)
{
	struct run r;

	run_begin(&r, false);
	run_frames(&r, f);
	const unsigned known = r.fact_count;
	run_frames(&r, f);
	for (unsigned i = known; i < r.fact_count; i++)
		case_fails(c, 0, "twice: new at the second time: %s", fact_text(&r.facts[i]));
	run_finish(&r, c, "twice");
	run_free(&r);
	tally(c, "twice");
}

static size_t total_bytes(const struct frames *f)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < f->count; i++)
		bytes += f->list[i].bytes.len;
	return bytes;
}

/* Every n-th place, so that the work stays bounded. */
static size_t stride_of(const struct frames *f, size_t places)
{
	return 1 + places * f->count / WORK_MAX;
}

static void try_truncation(const struct case_file *c, const struct run *base,
                           const struct frames *f, unsigned which, uint32_t len)
{
	char name[64];
	struct run r;

	snprintf(name, sizeof name, "frame %u cut at %u", which + 1, len);
	run_begin(&r, false);
	for (unsigned i = 0; i < f->count; i++)
		run_frame(&r, &f->list[i], i == which ? len : (uint32_t)f->list[i].bytes.len);
	run_finish(&r, c, name);
	check_subset(c, base, &r, name);
	run_free(&r);
}

static void try_truncations(const struct case_file *c, const struct run *base,
                            const struct frames *f)
{
	const size_t stride = stride_of(f, total_bytes(f));
	size_t place = 0;

	for (unsigned i = 0; i < f->count; i++)
		for (uint32_t len = 0; len < f->list[i].bytes.len; len++)
			if (place++ % stride == 0)
				try_truncation(c, base, f, i, len);
	tally(c, "every truncation");
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* One or two bytes of one frame are others. */
static void try_flip(const struct case_file *c, const struct frames *f, unsigned which,
                     uint64_t *random)
{
	struct bytes *b = &f->list[which].bytes;
	uint8_t *const copy = malloc(b->len);
	struct run r;

	memcpy(copy, b->at, b->len);
	for (uint64_t i = 0; i <= next_random(random) % 2; i++)
		b->at[next_random(random) % b->len] = (uint8_t)(next_random(random) & 0xff);
	run_whole(&r, f, c, "flip");
	run_free(&r);
	memcpy(b->at, copy, b->len);
	free(copy);
}

static void try_flips(const struct case_file *c, const struct frames *f)
{
	const size_t stride = stride_of(f, (size_t)f->count * FLIPS_A_FRAME);
	uint64_t random = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t place = 0; place < (size_t)f->count * FLIPS_A_FRAME; place += stride) {
		const unsigned which = (unsigned)(place / FLIPS_A_FRAME);
		if (f->list[which].bytes.len > 0)
			try_flip(c, f, which, &random);
	}
	tally(c, "flips");
}

static void try_all(const struct case_file *c, const struct frames *f)
{
	struct run base;

	run_begin(&base, true);
	run_frames(&base, f);
	run_finish(&base, c, "as written");
	check_expectations(c, &base);
	tally(c, "as written");
	try_twice(c, f);
	try_tags(c, &base, f);
	try_gre(c, &base, f);
	try_fragments(c, &base, f);
	try_streams(c, &base, f);
	try_truncations(c, &base, f);
	try_flips(c, f);
	run_free(&base);
}

/* ---- files ---- */

static void run_case(const char *path)
{
	static const struct layout plain = {.segment = 1400};
	struct case_file c;
	struct frames f = {0};

	if (case_read(path, &c) && case_build(&c, &plain, &f)) {
		check_parses(&c);
		if (f.count > 0)
			try_all(&c, &f);
		else
			tally(&c, "as written");
	} else {
		tally(&c, "as written");
	}
	frames_free(&f);
	case_free(&c);
}

static int visit(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	const size_t len = strlen(path);

	(void)st;
	(void)at;
	if (kind == FTW_F && len > 5 && strcmp(path + len - 5, ".case") == 0)
		run_case(path);
	return 0;
}

int main(int argc, char **argv)
{
	tap = argc > 1 && strcmp(argv[1], "--tap") == 0;
	const int first = tap ? 2 : 1;

	for (int i = first; i < argc || i == first; i++) {
		const char *path = i < argc ? argv[i] : "tests/cases";
		if (nftw(path, visit, 16, FTW_PHYS) != 0) {
			fprintf(stderr, "case_runner: no case files: %s\n", path);
			failed++;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
