/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_no_allocation.c - between the first and the last packet nothing is allocated: not by the
 * reader, nor the observers, nor where facts are kept.
 *
 * A mixed capture is read by the real source, walked by a task with every observer, and told to a
 * real asset table. malloc and its like are counted by standing in front of the C library's. Under
 * a sanitizer they are its own, and the test is left out, saying so.
 */
#include "asset/asset.h"
#include "observe/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#ifndef HAVAINTO_SANITIZED
static unsigned long allocations;

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);

void *malloc(size_t n)
{
	allocations++;
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	allocations++;
	return __libc_realloc(p, n);
}

/* ---- facts go straight into the table ---- */

static _Alignas(8) uint8_t room[1 << 17];
static struct assets assets;

static enum sent table_reserve(void *to, uint32_t len, struct fact_item **out)
{
	(void)to;
	*out = len <= sizeof room ? (struct fact_item *)(void *)room : NULL;
	return *out ? SENT : FULL;
}

static void table_commit(void *to)
{
	const struct fact_item *item = (const struct fact_item *)(const void *)room;

	(void)to;
	if (item->message == NEW_FACT)
		assets_tell(&assets, item, (const uint8_t *)(item + 1), 0);
	else if (item->message == MORE)
		assets_more(&assets, item->endpoint_hash, item->digest, &item->support);
}

static unsigned long read_all(struct source *source, struct task *task, unsigned long *frames)
{
	struct frame batch[SOURCE_BATCH];
	unsigned count = 0;
	unsigned long before = 0;

	*frames = 0;
	for (enum pull got = FRAMES; got != FINISHED;) {
		got = source_next(source, batch, &count, -1);
		if (*frames == 0)
			before = allocations;
		for (unsigned i = 0; got == FRAMES && i < count; i++)
			task_frame(task, &batch[i]);
		*frames += got == FRAMES ? count : 0;
	}
	task_tell_all(task);
	return allocations - before;
}

static void nothing_is_allocated_between_the_first_packet_and_the_last(void **state)
{
	const char *generate = getenv("HAVAINTO_GENERATE");
	const struct asset_limits limits = {.devices = 65536, .facts = 1 << 20, .values = 64 << 20};
	const struct hash_key key = hash_key_fixed();
	char path[] = "/tmp/no-allocation-XXXXXX", command[4200], why[512] = "";
	unsigned long frames = 0;
	const int fd = mkstemp(path);

	(void)state;
	assert_non_null(generate);
	assert_true(fd >= 0);
	snprintf(command, sizeof command, "'%s' mix %s 30000 500 7 >/dev/null", generate, path);
	assert_int_equal(system(command), 0); /* the test's own program and file */
	assert_int_equal(assets_init(&assets, &limits, &key), 0);
	struct plan *plan = plan_new(NULL, 0, NULL, 0, why, sizeof why);
	const struct task_options options = {
		.key = key, .facts = {NULL, table_reserve, table_commit}, .edge = -1};
	struct task *task = task_new(plan, &options);
	struct source *source = source_open_file(path, NULL, why, sizeof why);

	assert_non_null(task);
	assert_non_null(source);
	assert_int_equal(read_all(source, task, &frames), 0);
	assert_int_equal(frames, 30000);
	assert_true(assets.devices.used > 100);
	source_free(source);
	task_free(task);
	plan_free(plan);
	assets_fini(&assets);
	close(fd);
	unlink(path);
}
#else
static void nothing_is_allocated_between_the_first_packet_and_the_last(void **state)
{
	(void)state;
	skip();
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_allocated_between_the_first_packet_and_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
