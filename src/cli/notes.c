/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notes.c - see notes.h. A file gets an interface when the first of its frames comes.
 */
#include "cli/notes.h"

#include "base/log.h"
#include "capture/pcapng_out.h"
#include "task/channels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, PORTS_MAX = 256 };

/* An interface of the file. */
struct port_out {
	uint16_t iface, linktype; /* of the frames */
};

struct book {
	const char *path; /* NULL: not wanted */
	int fd;
	bool failed;
	struct port_out ports[PORTS_MAX];
	unsigned port_count;
	size_t len; /* of what waits */
	uint8_t buffer[BUFFER];
};

/* A broken frame that is kept. */
struct kept {
	struct note_item *item; /* with its bytes */
	size_t room;
};

struct notes {
	struct note_channel channel;
	struct board *board;
	struct book books[NOTE_KINDS];
	struct kept *kept; /* a ring */
	unsigned keep;
	uint64_t kept_count; /* ever */
	bool stale;          /* the file has not the latest of them */
};

/* ---- files ---- */

static void book_fail(struct book *b)
{
	if (!b->failed)
		log_line("cannot write %s: %s; no more is written there", b->path, strerror(errno));
	b->failed = true;
}

static void book_flush(struct book *b)
{
	size_t at = 0;

	while (at < b->len && !b->failed) {
		const ssize_t done = write(b->fd, b->buffer + at, b->len - at);

		if (done < 0 && errno != EINTR)
			book_fail(b);
		at += done > 0 ? (size_t)done : 0;
	}
	b->len = 0;
}

/* A block of at most `len` bytes is put at the end of the buffer. */
static uint8_t *book_room(struct book *b, size_t len)
{
	if (b->len + len > BUFFER)
		book_flush(b);
	return b->buffer + b->len;
}

static void book_begin(struct book *b)
{
	b->port_count = 0;
	b->len += pcapng_put_section(book_room(b, PCAPNG_SECTION_LEN));
}

static void iface_name(struct notes *n, uint16_t iface, char name[64])
{
	static struct report_iface ifaces[BOARD_IFACES]; /* the one task's own */
	const unsigned count = board_ifaces(n->board, ifaces, BOARD_IFACES);

	snprintf(name, 64, "%s", iface < count ? ifaces[iface].name : "");
}

/* The number of the frame's interface in the file; a new one is written. The last is for all else. */
static uint16_t book_port(struct notes *n, struct book *b, const struct note_item *item)
{
	char name[64];

	for (unsigned i = 0; i < b->port_count; i++)
		if ((b->ports[i].iface == item->iface && b->ports[i].linktype == item->linktype) ||
		    i + 1 == PORTS_MAX)
			return (uint16_t)i;
	iface_name(n, item->iface, name);
	b->len += pcapng_put_interface(book_room(b, PCAPNG_INTERFACE_MAX), item->linktype, name);
	b->ports[b->port_count] = (struct port_out){item->iface, item->linktype};
	return (uint16_t)b->port_count++;
}

static void book_write(struct notes *n, struct book *b, const struct note_item *item)
{
	const uint8_t *bytes = (const uint8_t *)(item + 1);
	const struct frame f = {
		.bytes = bytes,
		.captured = item->captured,
		.wire = item->wire,
		.time_ns = item->time_ns,
		.iface = book_port(n, b, item),
	};
	uint8_t *room = book_room(b, pcapng_packet_len(item->captured, item->comment_len));

	b->len += pcapng_put_packet(room, &f, (const char *)(bytes + item->captured),
	                            item->comment_len);
}

/* ---- broken frames ---- */

static void notes_keep(struct notes *n, const struct note_item *item)
{
	struct kept *k = &n->kept[n->kept_count++ % n->keep];
	const size_t len = sizeof *item + item->captured + item->comment_len;

	if (len > k->room) {
		free(k->item);
		k->item = malloc(len);
		k->room = k->item ? len : 0;
	}
	if (k->item)
		memcpy(k->item, item, len);
	n->stale = true;
}

/* The file anew: the oldest first. */
static void notes_write_kept(struct notes *n)
{
	struct book *b = &n->books[NOTE_MALFORMED];
	const uint64_t first = n->kept_count > n->keep ? n->kept_count - n->keep : 0;

	if (!n->stale || b->failed)
		return;
	n->stale = false;
	b->len = 0;
	if (ftruncate(b->fd, 0) < 0 || lseek(b->fd, 0, SEEK_SET) < 0) {
		book_fail(b);
		return;
	}
	book_begin(b);
	for (uint64_t i = first; i < n->kept_count; i++)
		if (n->kept[i % n->keep].item)
			book_write(n, b, n->kept[i % n->keep].item);
	book_flush(b);
}

/* ---- the task ---- */

static void notes_flush(struct notes *n)
{
	notes_write_kept(n);
	for (unsigned i = 0; i < NOTE_KINDS; i++)
		if (n->books[i].path)
			book_flush(&n->books[i]);
}

static void notes_take(struct notes *n, const struct note_item *item)
{
	struct book *b = &n->books[item->kind];

	if (item->kind == NOTE_MALFORMED)
		notes_keep(n, item);
	else if (!b->failed)
		book_write(n, b, item);
}

int notes_run(struct notes *n)
{
	struct note_received r = {0};
	enum received got = NO_ITEM;
	bool failed = false;

	while (got != ENDED) {
		got = note_receive(&n->channel, &r, got == NO_ITEM ? -1 : 0);
		if (got == ITEM)
			notes_take(n, r.item);
		else
			notes_flush(n);
	}
	for (unsigned i = 0; i < NOTE_KINDS; i++)
		failed = failed || n->books[i].failed;
	return failed;
}

/* ---- opening ---- */

bool notes_wanted(const struct notes_options *o)
{
	return o->evidence || o->malformed || o->tap_count > 0;
}

struct scribe_options notes_scribe(const struct notes_options *o, struct note_out out,
                                   struct hash_key key)
{
	struct scribe_options options = {
		.out = out,
		.key = key,
		.evidence = o->evidence != NULL,
		.malformed = o->malformed != NULL,
		.tap_count = o->tap_count,
		.held_bytes = o->held_bytes,
	};

	for (unsigned i = 0; i < o->tap_count; i++)
		options.taps[i] = o->taps[i].observer;
	return options;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Is the file read, or written already? */
static bool book_is_taken(const struct notes *n, const struct book *b, const struct stat *own,
                          const char *const *inputs)
{
	struct stat other;

	for (unsigned i = 0; inputs && inputs[i]; i++)
		if (stat(inputs[i], &other) == 0 && is_same_file(own, &other))
			return true;
	for (const struct book *a = n->books; a < b; a++)
		if (a->path && fstat(a->fd, &other) == 0 && is_same_file(own, &other))
			return true;
	return false;
}

static bool book_open(const struct notes *n, struct book *b, const char *path,
                      const char *const *inputs, char *why, size_t why_len)
{
	struct stat own = {0};
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || fstat(fd, &own) < 0) {
		snprintf(why, why_len, "cannot write %s: %s", path, strerror(errno));
	} else if (book_is_taken(n, b, &own, inputs)) {
		snprintf(why, why_len,
		         "%s is read, or written already: give each capture a file of its own",
		         path);
	} else if (S_ISREG(own.st_mode) && ftruncate(fd, 0) < 0) {
		snprintf(why, why_len, "cannot empty %s: %s", path, strerror(errno));
	} else {
		b->path = path;
		b->fd = fd;
		book_begin(b);
		return true;
	}
	if (fd >= 0)
		close(fd);
	return false;
}

static bool notes_open_all(struct notes *n, const struct notes_options *o, char *why,
                           size_t why_len)
{
	const char *paths[NOTE_KINDS] = {
		[NOTE_EVIDENCE] = o->evidence, [NOTE_MALFORMED] = o->malformed};

	for (unsigned i = 0; i < o->tap_count; i++)
		paths[NOTE_TAP + i] = o->taps[i].path;
	for (unsigned i = 0; i < NOTE_KINDS; i++)
		if (paths[i] && !book_open(n, &n->books[i], paths[i], o->inputs, why, why_len))
			return false;
	return true;
}

struct notes *notes_open(const struct notes_options *o, bool live, unsigned senders,
                         struct board *board, char *why, size_t why_len)
{
	struct notes *n = calloc(1, sizeof *n);

	snprintf(why, why_len, "no memory for the captures to write");
	if (!n)
		return NULL;
	n->board = board;
	n->keep = o->keep;
	n->kept = calloc(o->keep + 1, sizeof *n->kept);
	n->channel = note_channel_new(live ? RUN_LIVE : RUN_FILE, senders);
	if (n->kept && n->channel.untyped && notes_open_all(n, o, why, why_len)) {
		*why = '\0';
		return n;
	}
	notes_free(n);
	return NULL;
}

const struct note_channel *notes_channel(const struct notes *n)
{
	return &n->channel;
}

void notes_free(struct notes *n)
{
	if (!n)
		return;
	for (unsigned i = 0; i < NOTE_KINDS; i++)
		if (n->books[i].path)
			close(n->books[i].fd);
	for (unsigned i = 0; n->kept && i < n->keep; i++)
		free(n->kept[i].item);
	free(n->kept);
	channel_free(n->channel.untyped);
	free(n);
}
