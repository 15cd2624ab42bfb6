/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_spool.c - lines on disk: the last of each device, every event, in order; what is acknowledged
 * goes and what was put again meanwhile stays; the file survives being killed and torn, and is bounded.
 */
#include "report/spool.h"

#include "base/attr.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[96];
static struct spool *spool;

static struct spool *opened(uint64_t bytes)
{
	char why[SPOOL_WHY] = "";
	struct spool *const s = spool_open(path, bytes, why, sizeof why);

	if (s == NULL)
		fail_msg("%s", why);
	return s;
}

static int set_up(void **state)
{
	(void)state;
	/* where there are files in memory, thousands of fsyncs are quick */
	snprintf(folder, sizeof folder, "%s/test_spool.XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/spool.db", folder);
	spool = opened(64 << 20);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	spool_close(spool);
	spool = NULL;
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static void put_device(struct spool *s, uint64_t boot, uint64_t seq, unsigned mac)
{
	char line[256];
	const int len = snprintf(line, sizeof line,
	                         "{\"seq\":%llu,\"device\":{\"mac\":\"02:00:00:00:%02x:%02x\","
	                         "\"realm\":\"\",\"vendor\":\"\"}}\n",
	                         (unsigned long long)seq, mac >> 8, mac & 0xff);

	spool_put(s, LINE_DEVICE, (struct spool_place){boot, seq}, line, (size_t)len);
}

static void put_event(struct spool *s, uint64_t boot, uint64_t seq)
{
	char line[256];
	const int len = snprintf(line, sizeof line, "{\"seq\":%llu}\n", (unsigned long long)seq);

	spool_put(s, LINE_CHANGE, (struct spool_place){boot, seq}, line, (size_t)len);
}

/* "1.3 1.4": the places of all that is there. */
static const char *there(struct spool *s)
{
	static char text[4096];
	struct spool_place at = {0};
	size_t len, used = 0;

	text[0] = '\0';
	while (spool_next(s, &at, &len) != NULL && used < sizeof text - 64)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%llu.%llu",
		                         used > 0 ? " " : "", (unsigned long long)at.boot,
		                         (unsigned long long)at.seq);
	return text;
}

static void the_last_of_each_device_and_every_event_in_order(void **state)
{
	(void)state;
	put_event(spool, 1, 1);
	put_device(spool, 1, 2, 7);
	put_device(spool, 1, 3, 8);
	put_event(spool, 1, 4);
	put_device(spool, 1, 5, 7);
	put_event(spool, 2, 1);
	assert_true(spool_commit(spool));
	assert_string_equal(there(spool), "1.1 1.3 1.4 1.5 2.1");
	assert_int_equal(spool_count(spool).kept, 5);
	assert_int_equal(spool_count(spool).coalesced, 1);
}

static void what_was_put_again_meanwhile_stays(void **state)
{
	(void)state;
	put_device(spool, 1, 1, 7);
	put_device(spool, 1, 2, 8);
	put_event(spool, 1, 3);
	spool_commit(spool);
	put_device(spool, 1, 4, 7); /* while 1 to 3 are on their way */
	spool_commit(spool);
	spool_forget(spool, (struct spool_place){1, 3});
	assert_true(spool_commit(spool));
	assert_string_equal(there(spool), "1.4");
	assert_int_equal(spool_count(spool).kept, 1);
	spool_forget(spool, (struct spool_place){1, 2}); /* an answer that came late */
	spool_commit(spool);
	assert_string_equal(there(spool), "1.4");
}

static void it_is_there_at_the_next_start(void **state)
{
	(void)state;
	put_device(spool, 1, 1, 7);
	put_event(spool, 1, 2);
	spool_close(spool);
	spool = opened(64 << 20);
	assert_string_equal(there(spool), "1.1 1.2");
	assert_int_equal(spool_count(spool).kept, 2);
}

/* A child writes batches and says which were committed, until it is killed. */
static void whoever_is_killed_keeps_what_was_committed(void **state)
{
	unsigned random = 1;

	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		int ends[2];
		uint64_t last = 0, seq;

		assert_int_equal(pipe(ends), 0);
		spool_close(spool);
		spool = NULL;
		unlink(path);
		const pid_t child = fork();
		if (child == 0) {
			struct spool *const own = opened(64 << 20);

			for (seq = 1;; seq++) {
				put_event(own, 1, seq);
				put_device(own, 1, seq + 1000000, (unsigned)seq % 50);
				if (seq % 3 == 0 && spool_commit(own) &&
				    write(ends[1], &seq, sizeof seq) < 0)
					_exit(1);
			}
		}
		close(ends[1]);
		random = random * 1664525 + 1013904223;
		for (unsigned i = 0; i <= (random >> 16) % 40; i++)
			assert_int_equal(read(ends[0], &last, sizeof last), sizeof last);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(ends[0], &seq, sizeof seq) == sizeof seq)
			last = seq;
		close(ends[0]);
		spool = opened(64 << 20);
		struct spool_place at = {0};
		size_t len;
		uint64_t found = 0;
		const char *line;
		while ((line = spool_next(spool, &at, &len)) != NULL && at.seq < 1000000) {
			assert_int_equal(at.seq, ++found); /* none is missing, none twice */
			assert_int_equal(line[len - 1], '\n');
		}
		assert_true(found >= last && found % 3 == 0);
	}
}

/* ---- torn ---- */

#define TORN_EVENTS 400u
#define TORN_DEVICES 40u
#define TORN_DEVICE_SEQ 1000u

/* The files as a crash leaves them: most of it in the database, the last commits in its log. */
static void make_torn_files(void)
{
	char command[512];

	for (unsigned i = 1; i <= TORN_EVENTS; i++) {
		put_event(spool, 1, i);
		if (i == TORN_EVENTS - 60) { /* all so far goes over into the database */
			for (unsigned n = 0; n < TORN_DEVICES; n++)
				put_device(spool, 1, TORN_DEVICE_SEQ + n, n);
			spool_close(spool);
			spool = opened(64 << 20);
		}
		if (i % 10 == 0)
			assert_true(spool_commit(spool));
	}
	snprintf(command, sizeof command, "cd %s && cp spool.db 0.db && cp spool.db-wal 0.wal",
	         folder);
	assert_int_equal(system(command), 0);
	spool_close(spool);
	spool = NULL;
}

static void copy_file(const char *from, const char *to)
{
	static char bytes[1 << 20];
	char name[2][96];

	snprintf(name[0], sizeof name[0], "%s/%s", folder, from);
	snprintf(name[1], sizeof name[1], "%s/%s", folder, to);
	const int in = open(name[0], O_RDONLY),
		  out = open(name[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
	const ssize_t len = read(in, bytes, sizeof bytes);
	assert_true(len > 0 && (size_t)len < sizeof bytes && write(out, bytes, (size_t)len) == len);
	close(in);
	close(out);
}

static void remove_file(const char *name)
{
	char whole[96];

	snprintf(whole, sizeof whole, "%s/%s", folder, name);
	unlink(whole);
}

/* What a damage left: how many of the events from the first on, how many of all, and of the devices. */
struct left {
	unsigned prefix, events, devices;
};

/* Only what was put is there: in order, each once, each whole. */
static struct left what_is_left(struct spool *s)
{
	struct spool_place at = {0};
	struct left left = {0};
	const char *line;
	char expected[32];
	size_t len;
	uint64_t before = 0;

	while ((line = spool_next(s, &at, &len)) != NULL) {
		const int head = snprintf(expected, sizeof expected, "{\"seq\":%llu",
		                          (unsigned long long)at.seq);

		assert_true(at.boot == 1 && at.seq > before && line[len - 1] == '\n');
		assert_memory_equal(line, expected, (size_t)head);
		before = at.seq;
		left.prefix += at.seq == left.prefix + 1;
		left.events += at.seq <= TORN_EVENTS;
		left.devices += at.seq >= TORN_DEVICE_SEQ;
	}
	return left;
}

/* The file is cut there, or its byte changed; what is left of it. */
static struct left torn(const char *file, off_t at, bool cut)
{
	static const char *const others[] = {"spool.db-shm", "spool.db.bad", "spool.db.bad-wal",
	                                     "spool.db.bad-shm"};
	char name[96];
	unsigned char byte = 0;

	copy_file("0.db", "spool.db");
	copy_file("0.wal", "spool.db-wal");
	for (unsigned i = 0; i < COUNT_OF(others); i++)
		remove_file(others[i]);
	snprintf(name, sizeof name, "%s/%s", folder, file);
	const int fd = open(name, O_RDWR);
	assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
	byte ^= (unsigned char)(1 + at % 255);
	assert_true(cut ? ftruncate(fd, at) == 0 : pwrite(fd, &byte, 1, at) == 1);
	close(fd);
	struct spool *const s = opened(64 << 20);
	const struct left left = what_is_left(s);
	put_event(s, 2, 1);
	assert_true(spool_commit(s)); /* and it goes on */
	assert_int_equal(spool_count(s).kept, left.events + left.devices + 1);
	spool_close(s);
	return left;
}

static off_t size_of(const char *file)
{
	struct stat at;
	char name[96];

	snprintf(name, sizeof name, "%s/%s", folder, file);
	assert_int_equal(stat(name, &at), 0);
	return at.st_size;
}

/* The log's last pages: the commits before the damage are there, and of the damaged ones nothing. */
static void fault_05_torn_spool_log(void **state)
{
	(void)state;
	make_torn_files();
	const off_t end = size_of("0.wal");
	unsigned last = 0;
	for (off_t at = end - 3 * 4096; at < end; at += 13) {
		const struct left cut = torn("spool.db-wal", at, true);
		const struct left flipped = torn("spool.db-wal", at, false);

		assert_true(cut.prefix >= last && cut.prefix % 10 == 0 && cut.events == cut.prefix);
		assert_true(cut.prefix >= TORN_EVENTS - 20 && cut.devices == TORN_DEVICES);
		assert_int_equal(flipped.prefix, cut.prefix);
		assert_int_equal(flipped.events, cut.prefix);
		last = cut.prefix;
	}
	assert_int_equal(last, TORN_EVENTS - 10);
	spool = opened(64 << 20);
}

/*
 * The database's last pages: what they held may be gone, or a line of it; all else is there, and no
 * line is another than it was.
 */
static void fault_05_torn_spool(void **state)
{
	unsigned least = TORN_EVENTS, harmless = 0;

	(void)state;
	make_torn_files();
	const off_t end = size_of("0.db");
	for (off_t at = end - 4 * 4096; at < end; at += 17) {
		const struct left flipped = torn("spool.db", at, false);

		harmless += flipped.events == TORN_EVENTS && flipped.devices == TORN_DEVICES;
		least = flipped.events < least ? flipped.events : least;
		if (at % 5 == 0) {
			const struct left cut = torn("spool.db", at, true);

			assert_true(cut.events + cut.devices > 0);
		}
	}
	assert_true(least >= TORN_EVENTS / 2);
	assert_true(harmless > 0 && least < TORN_EVENTS);
	spool = opened(64 << 20);
}

static void it_keeps_within_its_room(void **state)
{
	const uint64_t room = 1 << 20;
	struct stat file;
	uint64_t seq = 0;

	(void)state;
	spool_close(spool);
	spool = opened(room);
	for (unsigned i = 0; i < 200; i++)
		put_device(spool, 1, ++seq, i);
	for (unsigned i = 0; i < 60000; i++) {
		put_event(spool, 1, ++seq);
		if (i % 500 == 0)
			assert_true(spool_commit(spool));
	}
	assert_true(spool_commit(spool));
	assert_int_equal(stat(path, &file), 0);
	assert_true((uint64_t)file.st_size <= room);
	const struct spool_counts n = spool_count(spool);
	assert_int_equal(n.kept + n.expired, 60200);
	assert_true(n.expired > 0 && n.failures == 0);
	/* the devices and the newest event are there, the oldest events are not */
	assert_memory_equal(there(spool), "1.1 1.2 1.3 ", 12);
	struct spool_place at = {1, seq - 1};
	size_t len;
	assert_non_null(spool_next(spool, &at, &len));
}

static void a_full_disk_costs_a_batch_and_is_survived(void **state)
{
	char command[200];

	(void)state;
	snprintf(command, sizeof command, "mount -t tmpfs -o size=256k none %s 2>/dev/null",
	         folder);
	spool_close(spool);
	spool = NULL;
	if (geteuid() != 0 || system(command) != 0) {
		spool = opened(64 << 20);
		skip();
	}
	spool = opened(64 << 20);
	unsigned failed = 0;
	for (uint64_t i = 1; i <= 3000; i++) {
		put_event(spool, 1, i);
		if (i % 100 == 0)
			failed += !spool_commit(spool);
	}
	const struct spool_counts n = spool_count(spool);
	snprintf(command, sizeof command, "mount -o remount,size=64m %s", folder);
	assert_int_equal(system(command), 0);
	put_event(spool, 2, 1);
	const bool recovered = spool_commit(spool);
	const uint64_t kept = spool_count(spool).kept;
	spool_close(spool);
	spool = NULL;
	snprintf(command, sizeof command, "umount %s", folder);
	assert_int_equal(system(command), 0);
	spool = opened(64 << 20);
	assert_true(failed > 0 && n.failures == failed);
	assert_int_equal(n.kept + n.expired, 3000);
	assert_true(recovered);
	assert_int_equal(kept, n.kept + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_last_of_each_device_and_every_event_in_order),
		TEST(what_was_put_again_meanwhile_stays),
		TEST(it_is_there_at_the_next_start),
		TEST(whoever_is_killed_keeps_what_was_committed),
		TEST(fault_05_torn_spool_log),
		TEST(fault_05_torn_spool),
		TEST(it_keeps_within_its_room),
		TEST(a_full_disk_costs_a_batch_and_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
