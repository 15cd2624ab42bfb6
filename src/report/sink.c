/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink.c - where reports go: what is the same for all kinds.
 *
 * A remote sink's task keeps the lines that its peer has not taken in one buffer. It goes on
 * receiving while there is no connection, so that it learns of the end; when the buffer is full the
 * oldest lines are given up and counted, since a newer record of a device replaces an older one
 * anyway. After a break the line that was half sent is sent again whole.
 */
#include "report/sink.h"

#include "base/clock.h"
#include "base/log.h"
#include "report/sink_kind.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PENDING (8u << 20) /* bytes kept for a peer that takes none */
#define RETRY_FIRST (100 * (CLOCK_SECOND / 1000))
#define RETRY_LAST (30 * CLOCK_SECOND)
#define CONNECT_MOST (10 * CLOCK_SECOND) /* an attempt that got no answer by then has failed */

static const struct sink_kind *const kinds[] = {&sink_stdout, &sink_file, &sink_unix, &sink_tcp};

static const struct sink_kind *kind_of(const char *spec)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strncmp(spec, kinds[i]->prefix, strlen(kinds[i]->prefix)) == 0)
			return kinds[i];
	return NULL;
}

struct sink *sink_open(const char *spec, char *why, size_t why_len)
{
	const struct sink_kind *const kind = kind_of(spec);

	if (kind == NULL || strlen(spec) >= SINK_SPEC) {
		snprintf(why, why_len,
		         "cannot report to %s: use -, file:PATH, unix:PATH or tcp:HOST:PORT", spec);
		return NULL;
	}
	struct sink *const s = calloc(1, sizeof *s);
	if (s == NULL) {
		snprintf(why, why_len, "cannot report to %s: out of memory", spec);
		return NULL;
	}
	s->kind = kind;
	s->fd = -1;
	memcpy(s->spec, spec, strlen(spec) + 1);
	if (kind->remote && arena_init(&s->memory, PENDING) < 0)
		snprintf(why, why_len, "cannot report to %s: out of memory", spec);
	else if (kind->open(s, spec + strlen(kind->prefix), why, why_len) == 0)
		return s;
	sink_free(s);
	return NULL;
}

void sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	s->kind->close(s);
	arena_free(&s->memory);
	free(s);
}

const char *sink_spec(const struct sink *s)
{
	return s->kind == &sink_stdout ? "standard output" : s->spec;
}

bool sink_is_remote(const struct sink *s)
{
	return s->kind->remote;
}

const char *sink_path(const struct sink *s)
{
	return s->folder[0] == 0 ? NULL : s->folder;
}

uint16_t sink_port(const struct sink *s)
{
	return s->port;
}

void sink_reopen(struct sink *s)
{
	atomic_store(&s->reopen, true);
}

uint64_t sink_acked(const struct sink *s)
{
	return atomic_load(&s->acked);
}

struct sink_counts sink_count(const struct sink *s)
{
	return (struct sink_counts){
		.lines = atomic_load(&s->lines),
		.bytes = atomic_load(&s->bytes),
		.expired = atomic_load(&s->expired),
		.connects = atomic_load(&s->connects),
		.errors = atomic_load(&s->errors),
		.connected = atomic_load(&s->connected),
	};
}

static uint64_t count_lines(const char *bytes, size_t len)
{
	uint64_t lines = 0;

	for (const char *at = bytes; (at = memchr(at, '\n', len - (size_t)(at - bytes))) != NULL;
	     at++)
		lines++;
	return lines;
}

/* ---- local sinks ---- */

int sink_submit(struct sink *s, const char *lines, size_t len, uint64_t seq)
{
	for (size_t done = 0; done < len;) {
		const ssize_t n = s->kind->submit(s, lines + done, len - done);
		if (n < 0) {
			atomic_fetch_add(&s->errors, 1);
			return (int)n;
		}
		done += (size_t)n;
		if (n == 0 && s->kind->poll(s, -1) < 0)
			return -EIO;
	}
	atomic_fetch_add(&s->lines, count_lines(lines, len));
	atomic_fetch_add(&s->bytes, len);
	atomic_store(&s->acked, seq);
	return 0;
}

/* ---- remote sinks ---- */

/* The life of a remote sink. */
struct delivery {
	struct sink *sink;
	char *pending; /* [begin, end): whole lines, the first of which may be half sent */
	size_t begin, end;
	size_t sent;                /* bytes of the first line that the peer has */
	uint64_t retry_ns, wait_ns; /* when to try again, and how long the last wait was */
	uint64_t give_up_ns;        /* an attempt to connect has failed then */
	uint32_t random;
	int error; /* of the last attempt */
	bool told; /* that it cannot connect */
};

static size_t first_line(const struct delivery *d)
{
	const char *const at = d->pending + d->begin;
	const char *const end = memchr(at, '\n', d->end - d->begin);

	return end == NULL ? d->end - d->begin : (size_t)(end - at) + 1;
}

/*
 * Gives up the oldest line. What the peer has half of it makes no line: the connection is begun
 * anew.
 */
static void expire_line(struct delivery *d)
{
	if (d->sent > 0)
		d->sink->kind->close(d->sink);
	d->begin += first_line(d);
	d->sent = 0;
	atomic_fetch_add(&d->sink->expired, 1);
}

static void keep_line(struct delivery *d, const char *line, size_t len)
{
	if (len > PENDING) {
		atomic_fetch_add(&d->sink->expired, 1);
		return;
	}
	while (d->end - d->begin + len > PENDING)
		expire_line(d);
	if (d->end + len > PENDING) {
		memmove(d->pending, d->pending + d->begin, d->end - d->begin);
		d->end -= d->begin;
		d->begin = 0;
	}
	memcpy(d->pending + d->end, line, len);
	d->end += len;
}

/*
 * Waits are doubled, and up to a quarter longer or shorter, so that many sensors do not come back
 * at once.
 */
static void wait_longer(struct delivery *d, uint64_t now)
{
	d->wait_ns = d->wait_ns == 0 ? RETRY_FIRST : 2 * d->wait_ns;
	if (d->wait_ns > RETRY_LAST)
		d->wait_ns = RETRY_LAST;
	d->random = d->random * 1664525u + 1013904223u;
	d->retry_ns = now + d->wait_ns * 3 / 4 + d->wait_ns / 2 * (d->random >> 16) / 65536;
}

static void connection_lost(struct delivery *d, int err)
{
	struct sink *const s = d->sink;

	atomic_fetch_add(&s->errors, 1);
	if (!d->told)
		log_line("cannot deliver to %s: %s; trying again", sink_spec(s), strerror(-err));
	d->told = true;
	d->error = err;
	d->sent = 0;
	d->give_up_ns = 0;
	s->kind->close(s);
	wait_longer(d, clock_now_ns());
}

static void lines_sent(struct delivery *d, size_t n)
{
	struct sink *const s = d->sink;

	atomic_fetch_add(&s->bytes, n);
	d->sent += n;
	for (size_t len; d->sent > 0 && d->sent >= (len = first_line(d));) {
		d->sent -= len;
		d->begin += len;
		atomic_fetch_add(&s->lines, 1);
	}
	d->wait_ns = 0;
	d->give_up_ns = 0;
	d->told = false;
}

/* Sends what the peer takes just now; true: it took some. */
static bool deliver_some(struct delivery *d)
{
	const uint64_t now = clock_now_ns();
	const size_t left = d->end - d->begin - d->sent;

	if (left == 0 || now < d->retry_ns)
		return false;
	/* a peer that has gone is noticed before the next line is given to it */
	if (d->sink->fd >= 0 && d->sink->kind->poll(d->sink, 0) < 0) {
		connection_lost(d, -ECONNRESET);
		return false;
	}
	const ssize_t n = d->sink->kind->submit(d->sink, d->pending + d->begin + d->sent, left);
	if (n > 0) {
		lines_sent(d, (size_t)n);
		return true;
	}
	if (d->sink->connecting && d->give_up_ns == 0)
		d->give_up_ns = now + CONNECT_MOST;
	if (n < 0)
		connection_lost(d, (int)n);
	else if (d->sink->connecting && now > d->give_up_ns)
		connection_lost(d, -ETIMEDOUT);
	return false;
}

/* How long it may sleep for a line: until there is something to do for the lines it has. */
static int sleep_ms(const struct delivery *d)
{
	const uint64_t now = clock_now_ns();

	if (d->begin == d->end)
		return -1;
	if (now < d->retry_ns)
		return (int)((d->retry_ns - now) / 1000000) + 1;
	return 0;
}

/* One turn: takes what came, sends what goes. False: the channel has ended. */
static bool delivery_turn(struct delivery *d, struct channel *reports)
{
	struct item item;
	enum received got = channel_receive(reports, &item, sleep_ms(d));

	for (; got == ITEM; got = channel_receive(reports, &item, 0)) {
		const struct report_item *const report = item.bytes;
		keep_line(d, (const char *)(report + 1), report->len);
		if (d->end - d->begin > PENDING / 8)
			break;
	}
	if (!deliver_some(d) && d->begin != d->end && d->sink->fd >= 0 &&
	    d->sink->kind->poll(d->sink, 20) < 0)
		connection_lost(d, -ECONNRESET);
	return got != ENDED;
}

/* The last lines, for as long as they may take. */
static void delivery_end(struct delivery *d, unsigned deadline_ms)
{
	const uint64_t deadline = clock_now_ns() + (uint64_t)deadline_ms * 1000000;
	struct timespec pause = {.tv_nsec = 10000000};

	d->retry_ns = 0; /* once more, at once */
	while (d->begin != d->end && clock_now_ns() < deadline) {
		if (deliver_some(d))
			continue;
		if (d->sink->fd < 0)
			nanosleep(&pause, NULL);
		else if (d->sink->kind->poll(d->sink, 20) < 0)
			connection_lost(d, -ECONNRESET);
	}
	while (d->begin != d->end)
		expire_line(d);
}

int sink_task(struct sink *s, struct channel *reports, unsigned deadline_ms)
{
	struct delivery d = {.sink = s,
	                     .random = (uint32_t)(clock_now_ns() >> 10),
	                     .pending = (char *)s->memory.base};

	while (delivery_turn(&d, reports))
		continue;
	delivery_end(&d, deadline_ms);
	channel_leave(reports);
	s->kind->close(s);
	return atomic_load(&s->connects) == 0 ? d.error : 0;
}
