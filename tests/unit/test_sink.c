/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sink.c - every kind of sink delivers whole lines, and says what it cannot do and why.
 */
#include "own_time.h"

#include "base/certificate.h"
#include "base/clock.h"
#include "report/line.h"
#include "report/pins.h"
#include "report/sink.h"
#include "task/channels.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- opening ---- */

static void refused(const char *spec, const char *why_not)
{
	char why[256] = "";

	assert_null(sink_open(spec, why, sizeof why));
	if (strstr(why, why_not) == NULL)
		fail_msg("%s: said \"%s\", not \"%s\"", spec, why, why_not);
}

static void what_is_no_sink_is_refused_with_what_to_use(void **state)
{
	(void)state;
	refused("kafka:x", "use -, file:PATH, unix:PATH, tcp:HOST:PORT or tls:HOST:PORT");
	refused("ocsf:kafka:x", "cannot report to kafka:x: use -");
	refused("ecs:tls:localhost:8711", "a manager, which takes reports as they are");
	refused("tls:localhost", "tls:HOST:PORT");
	refused("", "use -");
	refused("-x", "a file is file:PATH");
	refused("file:/no/such/folder/x",
	        "cannot write to /no/such/folder/x: No such file or directory");
	refused("tcp:localhost", "tcp:HOST:PORT");
	refused("tcp:localhost:0", "tcp:HOST:PORT");
	refused("tcp:localhost:65536", "tcp:HOST:PORT");
	refused("tcp:localhost:9x", "tcp:HOST:PORT");
	refused("tcp:::1:9100", "tcp:[ADDRESS]:PORT");
	refused("tcp::9100", "tcp:HOST:PORT");
	refused("unix:", "the path is missing");
	char spec[200] = "unix:/";
	memset(spec + 6, 'x', 120);
	refused(spec, "longer than 107 bytes");
}

static void a_sink_says_what_the_sandbox_must_leave_open(void **state)
{
	char why[256] = "", folder[] = "/tmp/test_sink.XXXXXX", spec[64];
	struct ip peers[4];
	struct sink *s = sink_open("tcp:[::1]:9100", why, sizeof why);

	(void)state;
	assert_non_null(s);
	assert_true(sink_is_remote(s));
	assert_int_equal(sink_port(s), 9100);
	assert_null(sink_path(s));
	assert_int_equal(sink_peers(s, peers, 4), 1);
	assert_int_equal(peers[0].family, 6);
	assert_true(ip_is_loopback(&peers[0]));
	sink_free(s);
	assert_non_null(mkdtemp(folder));
	snprintf(spec, sizeof spec, "file:%s/report", folder);
	s = sink_open(spec, why, sizeof why);
	assert_non_null(s);
	assert_false(sink_is_remote(s));
	assert_string_equal(sink_path(s), folder);
	assert_int_equal(sink_port(s), 0);
	sink_free(s);
	unlink(spec + strlen("file:"));
	rmdir(folder);
}

/* ---- local ---- */

static void is_in_file(const char *path, const char *expected)
{
	char text[256] = "";
	const int fd = open(path, O_RDONLY);

	assert_true(fd >= 0 && read(fd, text, sizeof text - 1) >= 0);
	close(fd);
	assert_string_equal(text, expected);
}

static void a_rotated_file_is_opened_anew(void **state)
{
	char path[] = "/tmp/test_sink.XXXXXX", old[40], spec[64], why[256] = "";
	const int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(old, sizeof old, "%s.1", path);
	snprintf(spec, sizeof spec, "file:%s", path);
	struct sink *const s = sink_open(spec, why, sizeof why);
	assert_non_null(s);
	assert_int_equal(sink_submit(s, "one\n", 4, 1, 1), 0);
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(sink_submit(s, "two\n", 4, 1, 2), 0);
	sink_reopen(s);
	assert_int_equal(sink_submit(s, "three\n", 6, 1, 3), 0);
	is_in_file(old, "one\ntwo\n");
	is_in_file(path, "three\n");
	assert_int_equal(sink_acked(s), 3);
	assert_int_equal(sink_count(s).lines, 3);
	assert_int_equal(sink_count(s).bytes, 14);
	sink_free(s);
	unlink(path);
	unlink(old);
}

/* What the format has no words for is left out, and is no trouble. */
static void a_format_changes_what_leaves(void **state)
{
	static const char lines[] =
		"{\"schema\":\"havainto/1\",\"type\":\"hello\",\"sensor\":\"a\",\"boot\":1,\"seq\":1}\n"
		"{\"schema\":\"havainto/1\",\"type\":\"device\",\"sensor\":\"a\",\"boot\":1,\"seq\":2,"
		"\"device\":{\"ip\":\"192.0.2.7\"}}\n"
		"{\"schema\":\"havainto/1\",\"type\":\"bye\",\"sensor\":\"a\",\"boot\":1,\"seq\":3}\n";
	char path[] = "/tmp/test_sink.XXXXXX", spec[64], why[256] = "", text[2048] = "";
	const int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(spec, sizeof spec, "ecs:file:%s", path);
	struct sink *const s = sink_open(spec, why, sizeof why);
	assert_non_null(s);
	assert_int_equal(sink_submit(s, lines, sizeof lines - 1, 3, 3), 0);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	assert_non_null(strstr(text, "\"host\":{\"id\":\"192.0.2.7\",\"ip\":[\"192.0.2.7\"]}"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_int_equal(sink_acked(s), 3);
	assert_int_equal(sink_count(s).lines, 1);
	assert_int_equal(sink_count(s).expired, 0);
	sink_free(s);
	close(fd);
	unlink(path);
}

static void without_keys_a_manager_is_not_reported_to(void **state)
{
	char why[256] = "";
	struct sink *const s = sink_open("tls:127.0.0.1:8711", why, sizeof why);

	(void)state;
	assert_non_null(s);
	assert_true(sink_is_remote(s));
	assert_int_equal(sink_port(s), 8711);
	assert_false(sink_keys(s, NULL, why, sizeof why));
	assert_non_null(strstr(why, "--state FOLDER"));
	assert_false(sink_keys(s, "/no/such/folder", why, sizeof why));
	assert_non_null(strstr(why, "`havainto enroll 127.0.0.1:8711`"));
	sink_free(s);
}

static void a_reader_that_ended_is_an_error_and_no_signal(void **state)
{
	char why[256] = "";
	int ends[2];
	struct sink *const s = sink_open("-", why, sizeof why);
	const int out = dup(STDOUT_FILENO);

	(void)state;
	assert_true(s != NULL && out >= 0 && pipe(ends) == 0);
	fflush(stdout);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	const int err = sink_submit(s, "x\n", 2, 1, 1);
	dup2(out, STDOUT_FILENO);
	assert_int_equal(err, -EPIPE);
	assert_int_equal(sink_count(s).errors, 1);
	close(ends[1]);
	close(out);
	sink_free(s);
}

/* ---- remote ---- */

/* A peer that takes connections: the text of each, how many bytes it takes before it hangs up. */
#define PATIENCE_MS 120000 /* for what comes about by itself, on a busy machine too */

struct peer {
	int listener;
	size_t hang_up_after[3]; /* 0: never */
	unsigned connections;
	char text[3][1 << 16];
	size_t len[3];
	_Atomic(unsigned) served; /* connections that came and were ended */
	pthread_t thread;
};

static void peer_serve(struct peer *p, unsigned n)
{
	const int fd = accept(p->listener, NULL, NULL);

	while (p->hang_up_after[n] == 0 || p->len[n] < p->hang_up_after[n]) {
		const ssize_t got = recv(fd, p->text[n] + p->len[n], 64, 0);
		if (got <= 0)
			break;
		p->len[n] += (size_t)got;
	}
	close(fd);
	p->served++;
}

static void *peer_run(void *peer)
{
	struct peer *const p = peer;

	for (unsigned n = 0; n < p->connections; n++)
		peer_serve(p, n);
	return NULL;
}

static uint16_t peer_listen_tcp(struct peer *p)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	p->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(p->listener, 4), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

static void put_typed(struct report_sender *lane, enum line type, uint64_t seq, const char *line)
{
	struct report_item *room;
	const uint32_t len = (uint32_t)strlen(line);

	assert_int_equal(report_reserve(lane, (uint32_t)sizeof *room + len, &room), SENT);
	*room = (struct report_item){.seq = seq, .len = len, .type = type};
	memcpy(room + 1, line, len);
	report_commit(lane);
}

static void put_line(struct report_sender *lane, uint64_t seq, const char *line)
{
	put_typed(lane, LINE_HELLO, seq, line);
}

/* Sends `count` lines through the sink to its end. */
static int deliver(struct sink *s, unsigned count, unsigned deadline_ms)
{
	struct report_channel c = report_channel_new(RUN_LIVE, 1);
	struct report_sender lane = report_channel_sender(&c, 0);

	for (unsigned i = 1; i <= count; i++) {
		char line[64];
		snprintf(line, sizeof line, "line %05u\n", i);
		put_line(&lane, i, line);
	}
	report_close(&lane);
	const int status = sink_task(s, c.untyped, false, deadline_ms);
	channel_free(c.untyped);
	return status;
}

static void a_stream_delivers_every_line_in_order(void **state)
{
	static struct peer p;
	char spec[64], why[256] = "", expected[64];

	(void)state;
	p = (struct peer){.connections = 1};
	snprintf(spec, sizeof spec, "tcp:127.0.0.1:%u", peer_listen_tcp(&p));
	struct sink *const s = sink_open(spec, why, sizeof why);
	assert_non_null(s);
	assert_int_equal(pthread_create(&p.thread, NULL, peer_run, &p), 0);
	assert_int_equal(deliver(s, 1000, PATIENCE_MS), 0);
	pthread_join(p.thread, NULL);
	assert_int_equal(p.len[0], 11 * 1000);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(expected, sizeof expected, "line %05u\n", i + 1);
		assert_memory_equal(p.text[0] + 11 * (size_t)i, expected, 11);
	}
	assert_int_equal(sink_count(s).lines, 1000);
	assert_int_equal(sink_count(s).expired, 0);
	assert_int_equal(sink_count(s).connects, 1);
	close(p.listener);
	sink_free(s);
}

static void a_unix_socket_is_a_stream_too(void **state)
{
	static struct peer p;
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char why[256] = "", folder[] = "/tmp/test_sink.XXXXXX", spec[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", folder);
	snprintf(spec, sizeof spec, "unix:%s", at.sun_path);
	p = (struct peer){.connections = 1, .listener = socket(AF_UNIX, SOCK_STREAM, 0)};
	assert_int_equal(bind(p.listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(p.listener, 1), 0);
	struct sink *const s = sink_open(spec, why, sizeof why);
	assert_non_null(s);
	assert_int_equal(pthread_create(&p.thread, NULL, peer_run, &p), 0);
	assert_int_equal(deliver(s, 3, PATIENCE_MS), 0);
	pthread_join(p.thread, NULL);
	assert_string_equal(p.text[0], "line 00001\nline 00002\nline 00003\n");
	close(p.listener);
	unlink(at.sun_path);
	rmdir(folder);
	sink_free(s);
}

/* The sink's task on its own thread, as in the program. */
struct running {
	struct sink *sink;
	struct report_channel channel;
	pthread_t thread;
	unsigned deadline_ms;
	int status;
};

static void *running_task(void *running)
{
	struct running *const r = running;

	r->status = sink_task(r->sink, r->channel.untyped, false, r->deadline_ms);
	return NULL;
}

static void until_connected(struct sink *s, uint64_t connects)
{
	for (unsigned i = 0; i < PATIENCE_MS / 10 && sink_count(s).connects < connects; i++)
		usleep(10000);
	assert_true(sink_count(s).connects >= connects);
}

static void until_hung_up(struct peer *p)
{
	for (unsigned i = 0; i < PATIENCE_MS / 10 && p->served == 0; i++)
		usleep(10000);
	assert_int_equal(p->served, 1);
	usleep(10000); /* and the kernel has carried it over */
}

static void after_a_break_it_connects_again_and_begins_with_a_whole_line(void **state)
{
	static struct peer p;
	static struct running r;
	char spec[64], why[256] = "";

	(void)state;
	p = (struct peer){.connections = 2, .hang_up_after = {11}};
	snprintf(spec, sizeof spec, "tcp:127.0.0.1:%u", peer_listen_tcp(&p));
	r.sink = sink_open(spec, why, sizeof why);
	assert_non_null(r.sink);
	r.channel = report_channel_new(RUN_LIVE, 1);
	r.deadline_ms = PATIENCE_MS;
	struct report_sender lane = report_channel_sender(&r.channel, 0);
	assert_int_equal(pthread_create(&p.thread, NULL, peer_run, &p), 0);
	assert_int_equal(pthread_create(&r.thread, NULL, running_task, &r), 0);
	put_line(&lane, 1, "line 00001\n");
	report_flush(&lane);
	until_connected(r.sink, 1);
	until_hung_up(&p);
	put_line(&lane, 2, "line 00002\n");
	report_flush(&lane);
	until_connected(r.sink, 2);
	report_close(&lane);
	pthread_join(r.thread, NULL);
	pthread_join(p.thread, NULL);
	assert_int_equal(r.status, 0);
	assert_string_equal(p.text[0], "line 00001\n");
	assert_string_equal(p.text[1], "line 00002\n");
	assert_int_equal(sink_count(r.sink).lines, 2);
	channel_free(r.channel.untyped);
	close(p.listener);
	sink_free(r.sink);
}

static void without_a_peer_lines_expire_at_the_deadline_and_are_counted(void **state)
{
	static struct peer p;
	char spec[64], why[256] = "";

	(void)state;
	p = (struct peer){0};
	snprintf(spec, sizeof spec, "tcp:127.0.0.1:%u", peer_listen_tcp(&p));
	close(p.listener); /* nobody listens there now */
	struct sink *const s = sink_open(spec, why, sizeof why);
	assert_non_null(s);
	assert_int_equal(deliver(s, 7, 300), -ECONNREFUSED);
	assert_int_equal(sink_count(s).expired, 7);
	assert_int_equal(sink_count(s).lines, 0);
	assert_true(sink_count(s).errors >= 2); /* tried again */
	sink_free(s);
}

static void a_peer_that_takes_nothing_costs_the_oldest_lines(void **state)
{
	static struct peer p;
	static char line[100000];
	char spec[64], why[256] = "";

	(void)state;
	p = (struct peer){0};
	snprintf(spec, sizeof spec, "tcp:127.0.0.1:%u", peer_listen_tcp(&p));
	struct sink *const s = sink_open(spec, why, sizeof why);
	assert_non_null(s);
	struct report_channel c = report_channel_new(RUN_FILE, 1);
	struct report_sender lane = report_channel_sender(&c, 0);
	memset(line, 'x', sizeof line - 2);
	line[sizeof line - 2] = '\n';
	static struct running r;
	r = (struct running){.sink = s, .channel = c, .deadline_ms = 3000};
	assert_int_equal(pthread_create(&r.thread, NULL, running_task, &r), 0);
	unsigned sent = 0;
	for (unsigned i = 0; i < 400; i++) { /* 40 MB: far more than all buffers have room for */
		struct report_item *room;
		while (report_reserve(&lane, (uint32_t)(sizeof *room + sizeof line - 1), &room) ==
		       FULL) {
			usleep(1000);
		}
		*room = (struct report_item){.seq = i + 1, .len = sizeof line - 1};
		memcpy(room + 1, line, sizeof line - 1);
		report_commit(&lane);
		report_flush(&lane);
		sent++;
	}
	report_close(&lane);
	pthread_join(r.thread, NULL);
	const struct sink_counts n = sink_count(s);
	assert_int_equal(n.lines + n.expired, sent);
	assert_true(n.expired > 50); /* the kernel's buffers hold some */
	channel_free(c.untyped);
	close(p.listener);
	sink_free(s);
}

/*
 * Of a full report whose lines were given up, the end is, too: it would say that the devices of
 * those lines are gone. The next full report's is told again.
 */
static void the_end_of_a_report_with_a_hole_is_not_told(void **state)
{
	static const unsigned seqs[] = {1, 2, 3, 5, 6, 7, 8}; /* 4 was dropped by the channel */
	static struct peer p;
	char spec[64], why[256] = "", line[64];

	(void)state;
	p = (struct peer){.connections = 1};
	snprintf(spec, sizeof spec, "tcp:127.0.0.1:%u", peer_listen_tcp(&p));
	struct sink *const s = sink_open(spec, why, sizeof why);
	assert_non_null(s);
	assert_int_equal(pthread_create(&p.thread, NULL, peer_run, &p), 0);
	struct report_channel c = report_channel_new(RUN_LIVE, 1);
	struct report_sender lane = report_channel_sender(&c, 0);
	for (unsigned i = 0; i < COUNT_OF(seqs); i++) {
		const enum line type = seqs[i] % 2 == 0 ? LINE_END : LINE_DEVICE;

		snprintf(line, sizeof line, "%u\n", seqs[i]);
		put_typed(&lane, type, seqs[i], line);
	}
	report_close(&lane);
	assert_int_equal(sink_task(s, c.untyped, false, 5000), 0);
	pthread_join(p.thread, NULL);
	assert_string_equal(p.text[0], "1\n2\n3\n5\n7\n8\n");
	assert_int_equal(sink_count(s).expired, 2);
	channel_free(c.untyped);
	close(p.listener);
	sink_free(s);
}

/* The kernel takes the connection; nobody behind it says a word. */
static void a_handshake_that_stalls_holds_nobody(void **state)
{
	static struct peer p;
	char folder[] = "/tmp/test_sink.XXXXXX", at[32], spec[64], path[64], why[256] = "";
	const struct fingerprint manager = {{1, 2, 3}};

	(void)state;
	p = (struct peer){0};
	assert_non_null(mkdtemp(folder));
	const struct certificate_place place = {.folder = folder,
	                                        .what = "sensor",
	                                        .name = "attic",
	                                        .uid = geteuid(),
	                                        .gid = getegid()};
	certificate_free(certificate_open(&place, why, sizeof why));
	snprintf(at, sizeof at, "127.0.0.1:%u", peer_listen_tcp(&p));
	assert_true(pins_add(folder, at, &manager, why, sizeof why));
	snprintf(spec, sizeof spec, "tls:%s", at);
	struct sink *const s = sink_open(spec, why, sizeof why);
	assert_non_null(s);
	assert_true(sink_keys(s, folder, why, sizeof why));
	const uint64_t began = own_time_ns();
	(void)deliver(s, 3, 300);
	assert_true(own_time_ns() - began < 3 * CLOCK_SECOND);
	assert_int_equal(sink_count(s).expired, 3);
	assert_int_equal(sink_count(s).connects, 0);
	sink_free(s);
	close(p.listener);
	static const char *const files[] = {"sensor.key", "sensor.crt", "managers"};
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_sink_is_refused_with_what_to_use),
		cmocka_unit_test(a_sink_says_what_the_sandbox_must_leave_open),
		cmocka_unit_test(a_rotated_file_is_opened_anew),
		cmocka_unit_test(a_format_changes_what_leaves),
		cmocka_unit_test(without_keys_a_manager_is_not_reported_to),
		cmocka_unit_test(a_reader_that_ended_is_an_error_and_no_signal),
		cmocka_unit_test(a_stream_delivers_every_line_in_order),
		cmocka_unit_test(a_unix_socket_is_a_stream_too),
		cmocka_unit_test(after_a_break_it_connects_again_and_begins_with_a_whole_line),
		cmocka_unit_test(without_a_peer_lines_expire_at_the_deadline_and_are_counted),
		cmocka_unit_test(a_peer_that_takes_nothing_costs_the_oldest_lines),
		cmocka_unit_test(the_end_of_a_report_with_a_hole_is_not_told),
		cmocka_unit_test(a_handshake_that_stalls_holds_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
