/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery.c - the life of a remote sink: lines from the channel to the peer.
 *
 * Lines wait in one buffer, and a number of each beside it. Before `sent` are those that the peer
 * has, but that are not known to be safe with it; behind it those that it is still to get. It goes
 * on receiving while there is no connection, so that it learns of the end; when the buffer is full
 * the oldest lines are given up and counted, since a newer record of a device replaces an older one
 * anyway. After a break everything that is not safe is sent again, from its first byte.
 *
 *	begin           sent             end
 *	  | sent, kept   | half sent ...  |
 *
 * With a spool (spool.h) lines go to the disk first, and the buffer is a window on it; a line leaves
 * the disk when it is safe, and what is not at the end is sent by the next start.
 *
 * A manager greets as soon as it is connected. A peer that has not for GREETING ns, or is of a kind
 * that has no managers (tcp:), is a plain reader: what it was sent is delivered. But the kernel takes
 * connections, and bytes, also for a manager that is stopped or stuck: whoever greeted once, and
 * whoever is to have what is on disk, is a manager, and nothing that it has not acknowledged is safe.
 *
 * A full report's `end` says that whoever it did not list is gone. Where a line before it was given
 * up, the list may have a hole: such an `end` is given up, too.
 */
#include "base/clock.h"
#include "base/log.h"
#include "report/sink_kind.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PENDING (8u << 20) /* bytes kept for a peer that takes none */
#define LINES_KEPT ((SINK_MEMORY - PENDING) / sizeof(struct waiting))
#define RETRY_FIRST (100 * (CLOCK_SECOND / 1000))
#define RETRY_LAST (30 * CLOCK_SECOND)
#define CONNECT_MOST (10 * CLOCK_SECOND) /* an attempt that got no answer by then has failed */
#define GREETING (300 * (CLOCK_SECOND / 1000))
#define ANSWER_MOST (30 * CLOCK_SECOND) /* a manager that does not acknowledge by then is stuck */

/* A line in the buffer. */
struct waiting {
	struct spool_place at;
	uint32_t len;
};

struct delivery {
	struct sink *sink;
	char *bytes; /* [begin, end): whole lines, one behind the other */
	size_t begin, end;
	struct waiting *lines; /* a ring: of the lines in `bytes` */
	size_t first, count;
	struct spool_place loaded;     /* with a spool: the last line that came out of it */
	struct spool_counts noted;     /* what of the spool's counts is in the sink's */
	uint64_t seq;                  /* of the last line that came */
	uint64_t lost;                 /* lines given up at the last `end` */
	size_t sent_lines, sent_bytes; /* of these the peer has so many, whole */
	size_t half;                   /* bytes of the next line that it has */
	bool answers;                  /* this connection's peer acknowledges */
	bool plain;                    /* it does not */
	uint64_t connected_ns,
		answer_ns; /* since when it is connected, and owes an answer; 0: it is not */
	uint64_t retry_ns, wait_ns; /* when to try again, and how long the last wait was */
	uint64_t give_up_ns;        /* an attempt to connect has failed then */
	uint32_t random;
	int error; /* of the last attempt */
	struct log_limit said, said_trouble;
	bool waits;   /* for a peer that is there, rather than to give lines up */
	bool manager; /* the peer is one */
};

/* ---- answers ---- */

/* "\"KEY\":123" in a line of the manager's. */
static bool answer_number(const char *line, const char *key, uint64_t *out)
{
	const char *const at = strstr(line, key);
	char *end;

	if (at == NULL || at[strlen(key)] < '0' || at[strlen(key)] > '9')
		return false;
	*out = strtoull(at + strlen(key), &end, 10);
	return *end == ',' || *end == '}';
}

/* {"unknown":"FINGERPRINT"}: what the manager saw of us, for its admin to compare. */
static void take_unknown(struct sink *s, const char *line)
{
	char words[SINK_TROUBLE];
	const char *const mine = line + strlen("{\"unknown\":\"");
	const size_t len = strlen(line) > 13 ? strspn(mine, "0123456789abcdef") : 0;

	snprintf(words, sizeof words,
	         "the manager does not know this sensor yet: run `havainto manager accept %.*s` "
	         "there",
	         (int)len, len > 0 ? mine : "");
	sink_trouble(s, words);
}

static void take_answer(struct sink *s, const char *line)
{
	static struct log_limit said;
	uint64_t boot, seq;

	if (strncmp(line, "{\"manager\":", 11) == 0) {
		s->greeted = true;
	} else if (strncmp(line, "{\"ack\":", 7) == 0) {
		if (!answer_number(line, "\"boot\":", &boot) ||
		    !answer_number(line, "\"seq\":", &seq))
			return;
		s->acked_boot = boot;
		s->acked_seq = seq;
	} else if (strncmp(line, "{\"unknown\":", 11) == 0) {
		take_unknown(s, line);
	} else if (strncmp(line, "{\"refused\":", 11) == 0) {
		atomic_fetch_add(&s->refused, 1);
		log_once_a_minute(&said, "%s refused a line: %s", sink_spec(s), line);
	}
}

void sink_answer(struct sink *s, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != '\n') {
			if (s->answer_len < SINK_ANSWER - 1)
				s->answer[s->answer_len++] = bytes[i];
			continue;
		}
		s->answer[s->answer_len] = '\0';
		take_answer(s, s->answer);
		s->answer_len = 0;
	}
}

/* ---- lines ---- */

static struct waiting *line_at(const struct delivery *d, size_t i)
{
	return &d->lines[(d->first + i) % LINES_KEPT];
}

/* The oldest line leaves the buffer. */
static void drop_line(struct delivery *d)
{
	const size_t len = line_at(d, 0)->len;

	d->begin += len;
	d->first = (d->first + 1) % LINES_KEPT;
	d->count--;
	if (d->sent_lines > 0) {
		d->sent_lines--;
		d->sent_bytes -= len;
	}
}

/*
 * The oldest line is safe. One from the disk counts when it leaves the disk: by now it may have
 * been replaced there, or given up.
 */
static void line_delivered(struct delivery *d)
{
	atomic_store(&d->sink->acked, line_at(d, 0)->at.seq);
	if (d->sink->spool == NULL)
		atomic_fetch_add(&d->sink->lines, 1);
	drop_line(d);
}

/* All must be sent again: what the peer has half of makes no line. */
static void forget_sent(struct delivery *d)
{
	d->sent_lines = 0;
	d->sent_bytes = 0;
	d->half = 0;
	d->answers = false;
	d->plain = false;
	d->connected_ns = 0;
	d->answer_ns = 0;
}

static void expire_line(struct delivery *d)
{
	if (d->sent_lines == 0 && d->half > 0) {
		d->sink->kind->close(d->sink);
		forget_sent(d);
	}
	drop_line(d);
	atomic_fetch_add(&d->sink->expired, 1);
}

static void keep_bytes(struct delivery *d, struct spool_place at, const char *line, size_t len)
{
	if (len > PENDING) {
		atomic_fetch_add(&d->sink->expired, 1);
		return;
	}
	while (d->end - d->begin + len > PENDING || d->count == LINES_KEPT)
		expire_line(d);
	if (d->end + len > PENDING) {
		memmove(d->bytes, d->bytes + d->begin, d->end - d->begin);
		d->end -= d->begin;
		d->begin = 0;
	}
	memcpy(d->bytes + d->end, line, len);
	d->end += len;
	*line_at(d, d->count++) = (struct waiting){.at = at, .len = (uint32_t)len};
}

/* As it leaves: another format has no words for most lines. */
static void keep_line(struct delivery *d, struct spool_place at, const char *line, size_t len)
{
	if (d->sink->format == FORMAT_NATIVE) {
		keep_bytes(d, at, line, len);
		return;
	}
	char *const text = sink_translate(d->sink, line, len);
	if (text != NULL)
		keep_bytes(d, at, text, strlen(text));
	free(text);
}

/* ---- the connection ---- */

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

/* Once a minute; what only the peer can mend is said beside whatever else was. */
static void log_lost(struct delivery *d, int err)
{
	const struct sink *const s = d->sink;

	if (s->trouble[0] != '\0')
		log_once_a_minute(&d->said_trouble, "cannot deliver to %s: %s; trying again",
		                  sink_spec(s), s->trouble);
	else if (err == -ETIMEDOUT && d->connected_ns != 0 && !s->greeted)
		log_once_a_minute(&d->said,
		                  "%s takes lines, but does not answer as a manager does; trying "
		                  "again (a plain reader wants no --state)",
		                  sink_spec(s));
	else
		log_once_a_minute(&d->said, "cannot deliver to %s: %s; trying again", sink_spec(s),
		                  strerror(-err));
}

static void connection_lost(struct delivery *d, int err)
{
	struct sink *const s = d->sink;

	atomic_fetch_add(&s->errors, 1);
	log_lost(d, err);
	s->trouble[0] = '\0';
	d->error = err;
	d->give_up_ns = 0;
	s->kind->close(s);
	forget_sent(d);
	wait_longer(d, clock_now_ns());
}

static void delivered_well(struct delivery *d)
{
	d->wait_ns = 0;
	d->give_up_ns = 0;
}

static bool is_safe(const struct sink *s, struct spool_place at)
{
	return at.boot < s->acked_boot || (at.boot == s->acked_boot && at.seq <= s->acked_seq);
}

/* What the answers, or their absence, say of the lines that were sent. */
static void settle(struct delivery *d)
{
	const struct sink *const s = d->sink;
	const uint64_t now = clock_now_ns();
	struct spool_place safe = {0};

	if (s->fd < 0 || s->connecting)
		return;
	if (d->connected_ns == 0)
		d->connected_ns = now;
	d->answers = s->greeted;
	d->manager = d->manager || s->greeted;
	d->plain = d->plain || !s->kind->asks || (!d->manager && now - d->connected_ns > GREETING);
	while (d->sent_lines > 0 && (d->plain || (d->answers && is_safe(s, line_at(d, 0)->at)))) {
		safe = line_at(d, 0)->at;
		line_delivered(d);
		d->answer_ns = now;
		delivered_well(d);
	}
	if (s->spool != NULL && safe.seq != 0)
		spool_forget(s->spool, safe);
	if (d->sent_lines == 0)
		d->answer_ns = 0;
	else if (d->answer_ns == 0)
		d->answer_ns = now;
}

static void lines_sent(struct delivery *d, size_t n)
{
	atomic_fetch_add(&d->sink->bytes, n);
	d->half += n;
	d->give_up_ns = 0;
	while (d->sent_lines < d->count && d->half >= line_at(d, d->sent_lines)->len) {
		const size_t len = line_at(d, d->sent_lines)->len;

		d->half -= len;
		d->sent_bytes += len;
		d->sent_lines++;
	}
	settle(d);
}

static bool is_sending(const struct delivery *d)
{
	return d->end - d->begin > d->sent_bytes + d->half;
}

/* Sends what the peer takes just now; true: it took some. */
static bool deliver_some(struct delivery *d)
{
	const uint64_t now = clock_now_ns();
	const size_t at = d->begin + d->sent_bytes + d->half;

	if (d->count == 0 || now < d->retry_ns)
		return false;
	/* a peer that has gone is noticed before the next line is given to it */
	if (d->sink->fd >= 0 && d->sink->kind->poll(d->sink, false, 0) < 0) {
		connection_lost(d, -ECONNRESET);
		return false;
	}
	settle(d);
	if (!d->plain && d->answer_ns != 0 && now > d->answer_ns + ANSWER_MOST) {
		connection_lost(d, -ETIMEDOUT);
		return false;
	}
	if (!is_sending(d))
		return false;
	const ssize_t n = d->sink->kind->submit(d->sink, d->bytes + at, d->end - at);
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

/* ---- the task ---- */

/* How long it may sleep for a line: until there is something to do for the lines it has. */
static int sleep_ms(const struct delivery *d)
{
	const uint64_t now = clock_now_ns();

	if (d->count == 0)
		return -1;
	if (now < d->retry_ns)
		return (int)((d->retry_ns - now) / 1000000) + 1;
	return 0;
}

/* Waits a moment for room or an answer, where there is a connection to wait for. */
static void await_peer(struct delivery *d)
{
	if (d->count > 0 && d->sink->fd >= 0 && d->sink->kind->poll(d->sink, is_sending(d), 20) < 0)
		connection_lost(d, -ECONNRESET);
	settle(d);
}

/* Full enough, and somebody is there who takes it. */
static bool is_held(const struct delivery *d)
{
	return d->waits && d->connected_ns != 0 &&
	       (d->end - d->begin > PENDING / 2 || d->count > LINES_KEPT / 2);
}

/* With a spool the buffer is a window on it: half full is enough. */
static void load_lines(struct delivery *d)
{
	const char *line;
	size_t len;

	while (d->end - d->begin < PENDING / 2 && d->count < LINES_KEPT / 2 &&
	       (line = spool_next(d->sink->spool, &d->loaded, &len)) != NULL)
		keep_line(d, d->loaded, line, len);
}

static void note_spool(struct delivery *d)
{
	struct sink *const s = d->sink;
	const struct spool_counts n = spool_count(s->spool);

	atomic_store(&s->spooled, n.kept);
	atomic_store(&s->coalesced, n.coalesced);
	atomic_fetch_add(&s->lines, n.safe - d->noted.safe);
	atomic_fetch_add(&s->expired, n.expired - d->noted.expired);
	atomic_fetch_add(&s->errors, n.failures - d->noted.failures);
	d->noted = n;
}

/* What the full channel did not take shows as a hole in the numbers. */
static void note_hole(struct delivery *d, uint64_t seq)
{
	atomic_fetch_add(&d->sink->expired, seq - d->seq - 1);
	d->seq = seq;
}

/* An `end` that would say of devices that they are gone, whose lines were given up, is given up. */
static bool gives_end_up(struct delivery *d, enum line type)
{
	if (type != LINE_END)
		return false;
	const uint64_t lost = atomic_load(&d->sink->expired);
	const bool less = lost != d->lost;
	atomic_fetch_add(&d->sink->expired, less);
	d->lost = lost + less;
	return less;
}

static void take_line(struct delivery *d, const struct report_item *report)
{
	struct sink *const s = d->sink;
	const struct spool_place at = {s->boot, report->seq};
	const char *const line = (const char *)(report + 1);

	note_hole(d, report->seq);
	if (gives_end_up(d, (enum line)report->type))
		return;
	if (s->spool != NULL)
		spool_put(s->spool, (enum line)report->type, at, line, report->len);
	else
		keep_line(d, at, line, report->len);
}

/* One turn: takes what came, sends what goes. False: the channel has ended. */
static bool delivery_turn(struct delivery *d, struct channel *reports)
{
	struct spool *const spool = d->sink->spool;
	struct item item;
	enum received got = NO_ITEM;
	size_t taken = 0;

	if (!is_held(d))
		got = channel_receive(reports, &item, sleep_ms(d));
	for (; got == ITEM; got = channel_receive(reports, &item, 0)) {
		take_line(d, item.bytes);
		taken += item.len;
		if (taken > PENDING / 8)
			break;
	}
	if (spool != NULL) {
		spool_commit(spool);
		load_lines(d);
		note_spool(d);
	}
	if (!deliver_some(d))
		await_peer(d);
	return got != ENDED;
}

/* In the buffer, or still on the disk. */
static bool has_lines(struct delivery *d)
{
	if (d->sink->spool != NULL)
		load_lines(d);
	return d->count > 0;
}

/* The last lines, for as long as they may take. */
static void delivery_end(struct delivery *d, unsigned deadline_ms)
{
	const uint64_t deadline = clock_now_ns() + (uint64_t)deadline_ms * 1000000;
	struct timespec pause = {.tv_nsec = 10000000};

	d->retry_ns = 0; /* once more, at once */
	while (has_lines(d) && clock_now_ns() < deadline) {
		if (deliver_some(d))
			continue;
		if (d->sink->fd < 0)
			nanosleep(&pause, NULL);
		else
			await_peer(d);
	}
	if (d->sink->spool != NULL)
		spool_commit(d->sink->spool); /* what is left waits for the next start */
	else
		while (d->count > 0)
			expire_line(d);
}

int sink_task(struct sink *s, struct channel *reports, bool waits, unsigned deadline_ms)
{
	struct delivery d = {
		.sink = s,
		.waits = waits,
		.manager = s->format == FORMAT_NATIVE && s->kind->asks &&
	                   (s->spool != NULL || s->kind == &sink_tls),
		.random = (uint32_t)(clock_now_ns() >> 10),
		.bytes = (char *)s->memory.base,
		.lines = (struct waiting *)(void *)(s->memory.base + PENDING),
	};

	if (s->spool != NULL)
		load_lines(&d); /* of earlier starts */
	while (delivery_turn(&d, reports))
		continue;
	delivery_end(&d, deadline_ms);
	channel_leave(reports);
	s->kind->close(s);
	spool_close(s->spool); /* where it was used */
	s->spool = NULL;
	return atomic_load(&s->connects) == 0 ? d.error : 0;
}
