/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pack.c - a block says what was put into it, whatever was added, merged and taken out before:
 * random changes of many blocks at once, beside a plain array that is changed the same way.
 */
#include "asset/pack.h"

#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BLOCKS 40u
#define FACTS 64u
#define VALUE 40u

/* A fact of the plain array. */
struct plain {
	struct fact fact;
	uint8_t value[VALUE];
};

struct bed {
	struct arena memory;
	struct values values;
	struct packs packs;
	struct ip own[BLOCKS];
	uint32_t blocks[BLOCKS];
	struct plain plain[BLOCKS][FACTS];
	unsigned count[BLOCKS];
	uint64_t seed;
};

static uint64_t below(struct bed *b, uint64_t most)
{
	b->seed = b->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (b->seed >> 33) % most;
}

static void bed_init(struct bed *b, uint32_t facts, uint64_t seed)
{
	const struct hash_key key = hash_key_fixed();

	*b = (struct bed){.seed = seed};
	assert_int_equal(values_init(&b->values, 1 << 20, &key), 0);
	assert_int_equal(arena_init(&b->memory, packs_room(facts)), 0);
	packs_init(&b->packs, &b->memory, &b->values, facts);
	for (unsigned i = 0; i < BLOCKS; i++) {
		b->own[i].family = i % 3 == 0 ? 0 : i % 3 == 1 ? 4 : 6;
		memset(b->own[i].b, (int)i, b->own[i].family == 6 ? 16 : 4);
	}
}

static void bed_fini(struct bed *b)
{
	for (unsigned i = 0; i < BLOCKS; i++)
		pack_free(&b->packs, &b->blocks[i]);
	assert_int_equal(b->packs.facts, 0);
	assert_int_equal(b->values.index.entries, 0);
	values_fini(&b->values);
	arena_free(&b->memory);
}

/* Times and numbers of every size, and few enough that neighbours share their first packet. */
static struct support random_support(struct bed *b, bool seen)
{
	const uint64_t base = UINT64_C(1700000000000000000);
	struct support s = {.first_ns = base + below(b, 4) * UINT64_C(1000000007) * below(b, 3)};

	if (below(b, 50) == 0)
		s.first_ns = below(b, 2) == 0 ? 0 : UINT64_MAX - 5;
	s.frame = below(b, 2) == 0 ? s.first_ns & 0xffff : below(b, UINT64_C(1) << 40);
	s.count = below(b, 3) == 0 ? 1 + below(b, UINT64_C(1) << 40) : 1;
	s.last_ns = s.first_ns > UINT64_MAX / 2 + base ? s.first_ns
	                                               : s.first_ns + below(b, 3) * 12345678901;
	if (seen)
		s.bytes = below(b, UINT64_C(1) << 50);
	return s;
}

static void random_fact(struct bed *b, unsigned block, struct plain *p)
{
	static const enum fact_kind kinds[] = {FACT_SEEN, FACT_IPV4, FACT_IPV6, FACT_TTL,
	                                       FACT_NAME_HOST};
	const enum fact_kind kind = kinds[below(b, COUNT_OF(kinds))];
	const size_t lens[] = {0, 4, 16, 4, below(b, 2) == 0 ? below(b, 12) : below(b, VALUE)};

	*p = (struct plain){.fact = {.kind = kind,
	                             .by = (uint16_t)below(b, 200),
	                             .grade = (uint8_t)below(b, 3),
	                             .confidence = (uint8_t)below(b, 101),
	                             .cut = below(b, 2) == 0,
	                             .digest = (below(b, UINT64_C(1) << 31) << 20 ^
	                                        below(b, UINT64_C(1) << 31)) &
	                                       PACK_DIGEST,
	                             .support = random_support(b, kind == FACT_SEEN)}};
	for (unsigned i = 0; i < COUNT_OF(kinds); i++)
		if (kinds[i] == kind)
			p->fact.len = lens[i];
	memset(p->value, (int)('a' + below(b, 3)), VALUE);
	if (below(b, 2) == 0 && b->own[block].family != 0)
		memcpy(p->value, b->own[block].b, 16);
}

static void same_fact(const struct plain *want, const struct fact *got)
{
	const struct support *const s = &want->fact.support, *const t = &got->support;

	assert_int_equal(got->kind, want->fact.kind);
	assert_int_equal(got->by, want->fact.by);
	assert_int_equal(got->grade, want->fact.grade);
	assert_int_equal(got->confidence, want->fact.confidence);
	assert_int_equal(got->cut, want->fact.cut);
	assert_int_equal(got->digest, want->fact.digest);
	assert_int_equal(t->first_ns, s->first_ns);
	assert_int_equal(t->last_ns, s->last_ns);
	assert_int_equal(t->frame, s->frame);
	assert_int_equal(t->count, s->count);
	assert_int_equal(t->bytes, s->bytes);
	assert_int_equal(got->len, want->fact.len);
	assert_memory_equal(got->value, want->value, got->len);
}

/* The fact's number in the plain list; how many there are: it is none of them. */
static unsigned plain_of(const struct bed *b, unsigned block, uint64_t digest)
{
	unsigned i = 0;

	while (i < b->count[block] && b->plain[block][i].fact.digest != digest)
		i++;
	return i;
}

/* As many, and each of them: a block says each of its facts once, for their digests differ. */
static void is_same(const struct bed *b, unsigned block)
{
	struct pack_walk walk = pack_look(&b->packs, b->blocks[block], &b->own[block]);
	bool said[FACTS] = {false};
	unsigned count = 0;
	struct fact f;

	for (; pack_next(&walk, &f); count++) {
		const unsigned i = plain_of(b, block, f.digest);
		assert_true(i < b->count[block]);
		assert_false(said[i]);
		said[i] = true;
		same_fact(&b->plain[block][i], &f);
	}
	assert_int_equal(count, b->count[block]);
}

static unsigned count_kind(const struct bed *b, unsigned block, enum fact_kind kind)
{
	unsigned count = 0;

	for (unsigned i = 0; i < b->count[block]; i++)
		count += b->plain[block][i].fact.kind == kind;
	return count;
}

static void add(struct bed *b, unsigned block)
{
	if (b->count[block] == FACTS)
		return;
	struct plain *const p = &b->plain[block][b->count[block]];
	random_fact(b, block, p);
	for (unsigned i = 0; i < b->count[block]; i++)
		if (b->plain[block][i].fact.digest == p->fact.digest)
			return;
	p->fact.value = p->value;
	const struct pack_spot end =
		pack_find(&b->packs, b->blocks[block], p->fact.digest, p->fact.kind);
	assert_false(end.found);
	assert_int_equal(end.count, count_kind(b, block, p->fact.kind));
	if (pack_add(&b->packs, &b->blocks[block], &end, &p->fact, &b->own[block]))
		b->count[block]++;
}

static void merge(struct bed *b, unsigned block)
{
	if (b->count[block] == 0)
		return;
	struct plain *const p = &b->plain[block][below(b, b->count[block])];
	const struct support more = random_support(b, p->fact.kind == FACT_SEEN);
	const struct pack_spot spot =
		pack_find(&b->packs, b->blocks[block], p->fact.digest, FACT_NONE);

	assert_true(spot.found);
	if (!pack_more(&b->packs, &b->blocks[block], &spot, &more))
		return;
	support_merge(&p->fact.support, &more);
	p->fact.support.frame &= (UINT64_C(1) << 46) - 1;
	p->fact.support.count &= (UINT64_C(1) << 48) - 1;
}

static void take_out(struct bed *b, unsigned block)
{
	if (b->count[block] == 0)
		return;
	const unsigned at = (unsigned)below(b, b->count[block]);
	struct plain *const p = b->plain[block];

	pack_remove(&b->packs, &b->blocks[block], p[at].fact.digest);
	memmove(p + at, p + at + 1, (--b->count[block] - at) * sizeof *p);
}

static void change(struct bed *b)
{
	const unsigned block = (unsigned)below(b, BLOCKS), what = (unsigned)below(b, 100);

	if (what < 45)
		add(b, block);
	else if (what < 80)
		merge(b, block);
	else if (what < 98)
		take_out(b, block);
	else {
		pack_free(&b->packs, &b->blocks[block]);
		b->count[block] = 0;
	}
	is_same(b, block);
}

/* Changes enough to come to every kind of them; units 0: as many as the facts need. */
static void change_often(uint32_t facts, uint32_t units, uint64_t seed)
{
	struct bed *const b = malloc(sizeof *b);

	assert_non_null(b);
	bed_init(b, facts, seed);
	if (units != 0)
		b->packs.units.size = units;
	for (unsigned i = 0; i < 30000; i++)
		change(b);
	for (unsigned i = 0; i < BLOCKS; i++)
		is_same(b, i);
	bed_fini(b);
	free(b);
}

static void a_block_says_what_was_put_into_it(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++)
		change_often(BLOCKS * FACTS, 0, seed);
}

/* The room for blocks is over long before the facts are: what does not fit changes nothing. */
static void without_room_a_block_stays_as_it_was(void **state)
{
	(void)state;
	change_often(1, 300, 7);
}

static void a_block_ends_at_64_kib(void **state)
{
	struct bed *const b = malloc(sizeof *b);
	uint8_t value[] = "value";
	struct fact f = {
		.kind = FACT_NAME_HOST, .support = {1, 2, 3, 4, 0}, .value = value, .len = 5};

	(void)state;
	assert_non_null(b);
	bed_init(b, 1 << 16, 1);
	struct pack_spot end = {0};
	do
		end = pack_find(&b->packs, b->blocks[0], ++f.digest, f.kind);
	while (pack_add(&b->packs, &b->blocks[0], &end, &f, &b->own[0]));
	f.digest--;
	assert_in_range(f.digest, 65535 / PACK_LINE_MAX, 65535 / 8);
	struct pack_walk walk = pack_look(&b->packs, b->blocks[0], &b->own[0]);
	uint64_t count = 0;
	while (pack_next(&walk, &f))
		count++;
	assert_int_equal(count, b->packs.facts);
	bed_fini(b);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_says_what_was_put_into_it),
		cmocka_unit_test(without_room_a_block_stays_as_it_was),
		cmocka_unit_test(a_block_ends_at_64_kib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
