/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.c - a capture file as a source: the buffer, the batches, and the end.
 *
 * All ends are told apart. A file that ends between two records is finished. One that ends inside
 * a record was cut off. One whose bytes make no sense is damaged there, and not read further. In
 * both cases the frames before are given first, then FAILED with file, offset and reason; if at
 * least the header was good that counts as cut, not as unreadable. A file that never was a
 * capture is refused with what it seems to be instead.
 */
#include "capture/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)FILE_READ + FILE_TOGETHER)
static_assert(BUFFER_SIZE == SOURCE_LEND, "a lent buffer is as good as the own one");

static const char *file_where(const struct file *f)
{
	return f->input.coding > CODING_PLAIN ? " of the uncompressed data" : "";
}

/* Puts behind the reason how much was read before. */
static void file_kept(struct file *f)
{
	const uint64_t n = f->counts.received + f->counts.filtered;
	const size_t at = strlen(f->head.error);

	snprintf(f->head.error + at, sizeof(f->head.error) - at,
	         "; %" PRIu64 " frame%s before it %s kept", n, n == 1 ? "" : "s",
	         n == 1 ? "is" : "are");
}

enum record file_bad(struct file *f, const char *format, ...)
{
	char reason[128];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	source_fail(&f->head, "%s: offset %" PRIu64 "%s: %s", f->name, f->base + f->at,
	            file_where(f), reason);
	file_kept(f);
	return RECORD_BAD;
}

void file_skip(struct file *f, uint64_t n, const char *inside)
{
	const uint64_t here = f->end - f->at < n ? f->end - f->at : n;

	f->at += here;
	f->skip = n - here;
	f->need = 0;
	f->inside = inside;
}

/* What a file is that has no header of ours. */
static enum pull file_foreign(struct file *f)
{
	char seen[160];

	foreign_describe(f->buffer + f->at, f->end - f->at, seen, sizeof(seen));
	return source_fail(&f->head, "%s: not a capture file: %s%s", f->name,
	                   f->input.coding > CODING_PLAIN ? "uncompressed, it " : "it ", seen);
}

/* The first record function: which format is it? */
static enum record file_begin(struct file *f, struct frame *frames, unsigned *count)
{
	(void)frames;
	(void)count;
	if (!file_has(f, FILE_HEADER, "the file's header"))
		return RECORD_MORE;
	if (pcap_knows(f))
		return pcap_begin(f);
	if (pcapng_knows(f))
		return pcapng_begin(f);
	file_foreign(f);
	return RECORD_BAD;
}

/* Records until the batch is full or one is not FRAME or OTHER. */
static enum record file_records(struct file *f, struct frame *frames, unsigned *count)
{
	while (*count < SOURCE_BATCH && f->skip == 0) {
		const enum record said = f->record(f, frames, count);
		if (said != RECORD_FRAME && said != RECORD_OTHER)
			return said;
	}
	return f->skip > 0 ? RECORD_MORE : RECORD_FRAME;
}

/* Drops what is to be passed over, as far as it has come. */
static void file_pass(struct file *f)
{
	const uint64_t here = f->end - f->at < f->skip ? f->end - f->at : f->skip;

	f->at += here;
	f->skip -= here;
}

/* Makes room behind what is left of the buffer and reads until `need` bytes are there. */
static enum got file_fill(struct file *f, int timeout_ms)
{
	do {
		size_t count = 0;
		memmove(f->buffer, f->buffer + f->at, f->end - f->at);
		f->base += f->at;
		f->end -= f->at;
		f->at = 0;
		const size_t room =
			BUFFER_SIZE - f->end < FILE_READ ? BUFFER_SIZE - f->end : FILE_READ;
		const enum got got =
			input_read(&f->input, f->buffer + f->end, room, &count, timeout_ms);
		if (got != GOT_BYTES)
			return got;
		f->end += count;
		file_pass(f);
	} while (!atomic_load(&f->head.stop) && (f->skip > 0 || f->end - f->at < f->need));
	return GOT_BYTES;
}

/* The input has no more. Nothing half read is the regular end. */
static enum pull file_end(struct file *f)
{
	if (f->opened && f->skip == 0 && f->at == f->end && f->pcapng.trailer == 0)
		return FINISHED;
	if (f->base + f->end == 0)
		return source_fail(&f->head, "%s: it is empty%s", f->name,
		                   f->input.read == 0 ? "" : ", once uncompressed");
	if (!f->opened && !pcap_knows(f) && !pcapng_knows(f))
		return file_foreign(f);
	source_fail(&f->head, "%s: cut off at offset %" PRIu64 "%s inside %s", f->name,
	            f->base + f->end, file_where(f), f->inside);
	file_kept(f);
	return FAILED;
}

/* The input could not be read or uncompressed any further. */
static enum pull file_broken(struct file *f)
{
	source_fail(&f->head, "%s: %s offset %" PRIu64 "%s%s", f->name,
	            f->input.cut ? "cut off at" : "at", f->input.read,
	            f->input.cut ? " inside " : ": ", f->input.why);
	file_kept(f);
	return FAILED;
}

/* Says how it ended, once; a good header makes the rest of the file a loss, not a failure. */
static enum pull file_ended(struct file *f, enum pull how)
{
	f->ended = true;
	f->head.cut = how == FAILED && f->opened;
	return how;
}

static enum pull file_next(struct source *s, struct frame *frames, unsigned *count, int timeout_ms)
{
	struct file *const f = (struct file *)s;

	while (!f->ended && !atomic_load(&s->stop)) {
		const enum record said = file_records(f, frames, count);
		if (*count > 0)
			return FRAMES;
		if (said == RECORD_BAD)
			return file_ended(f, FAILED);
		if (f->lent && f->counts.received != f->lent_at)
			return USED_UP; /* frames of this buffer are out: it is not to be moved */
		switch (file_fill(f, timeout_ms < 0 ? SOURCE_SLICE_MS : timeout_ms)) {
		case GOT_IDLE:
			if (timeout_ms >= 0)
				return IDLE;
			break;
		case GOT_END:
			return file_ended(f, file_end(f));
		case GOT_BROKEN:
			return file_ended(f, file_broken(f));
		case GOT_BYTES:
			break;
		}
	}
	return FINISHED;
}

/* What is not read yet moves on with the file. */
static void file_lend(struct source *s, uint8_t *bytes)
{
	struct file *const f = (struct file *)s;

	memcpy(bytes, f->buffer + f->at, f->end - f->at);
	f->base += f->at;
	f->end -= f->at;
	f->at = 0;
	f->buffer = bytes;
	f->lent = true;
	f->lent_at = f->counts.received;
}

static unsigned file_ifaces(const struct source *s, const struct source_iface **ifaces)
{
	const struct file *const f = (const struct file *)s;

	*ifaces = f->ifaces;
	return f->iface_count;
}

static void file_count(const struct source *s, struct source_counts *out)
{
	const struct file *const f = (const struct file *)s;

	*out = f->counts;
	out->file_read = f->input.read;
	out->file_size = f->input.size;
}

static void file_free(struct source *s)
{
	struct file *const f = (struct file *)s;

	input_fini(&f->input);
	if (f->own)
		munmap(f->own, BUFFER_SIZE);
	free(f);
}

static const struct source_ops file_ops = {
	.next = file_next,
	.lend = file_lend,
	.ifaces = file_ifaces,
	.count = file_count,
	.free = file_free,
};

/* All memory that the file will ever need; pages that stay untouched cost nothing. */
static int file_init(struct file *f, int fd, const char *name, const struct filter *filter)
{
	const size_t len = strlen(name);
	const char *const tail = len < sizeof(f->name) ? name : name + len - sizeof(f->name) + 1;

	source_init(&f->head, &file_ops, false);
	snprintf(f->name, sizeof(f->name), "%s", tail);
	f->filter = filter;
	f->record = file_begin;
	const int error = input_init(&f->input, fd);
	if (error)
		return error;
	f->own =
		mmap(NULL, BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (f->own == MAP_FAILED)
		f->own = NULL;
	f->buffer = f->own;
	return f->own ? 0 : -ENOMEM;
}

struct source *file_open_fd(int fd, const char *name, const struct filter *filter, char *why,
                            size_t why_len)
{
	struct file *const f = calloc(1, sizeof(*f));

	if (!f) {
		close(fd);
		snprintf(why, why_len, "cannot read %s: %s", name, strerror(ENOMEM));
		return NULL;
	}
	const int error = file_init(f, fd, name, filter);
	if (!error)
		return &f->head;
	snprintf(why, why_len, "cannot read %s: %s", name, strerror(-error));
	file_free(&f->head);
	return NULL;
}

struct source *source_open_file(const char *path, const struct filter *filter, char *why,
                                size_t why_len)
{
	const bool standard = strcmp(path, "-") == 0;
	const int fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                        : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		snprintf(why, why_len, "cannot read %s: %s", standard ? "stdin" : path,
		         strerror(errno));
		return NULL;
	}
	return file_open_fd(fd, standard ? "stdin" : path, filter, why, why_len);
}
