/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_reader.c - any bytes as a capture file, through the reader alone, which makes it fast; and
 * as two files merged, cut where the last byte says.
 *
 * Held to: frames lie within what was read of the file (the buffer's rest is mapped, so that no
 * sanitizer would see a step over), and are of interfaces that are known; FAILED comes once, with a
 * reason; what a merged source gives is what its parts give.
 */
#include "sensor.h"

#include "capture/file.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct source *open_bytes(const uint8_t *data, size_t size)
{
	char why[300] = "";
	const int fd = memfd_create("capture", MFD_CLOEXEC);

	HOLDS(fd >= 0);
	HOLDS(write(fd, data, size) == (ssize_t)size);
	HOLDS(lseek(fd, 0, SEEK_SET) == 0);
	struct source *const source = file_open_fd(fd, "x", NULL, why, sizeof(why));
	HOLDS(source != NULL);
	return source;
}

static void judge_frame(const struct source *s, const struct frame *f, uint64_t number)
{
	const struct source_iface *ifaces;
	const unsigned count = source_ifaces(s, &ifaces);

	HOLDS(f->number == number);
	HOLDS(f->captured <= CUR_MAX && f->captured <= f->wire);
	HOLDS(f->iface < count && count <= SOURCE_IFACES_MAX * 2);
	HOLDS(ifaces[f->iface].linktype == f->linktype);
	HOLDS(memchr(ifaces[f->iface].name, 0, sizeof(ifaces->name)) != NULL);
}

/* All frames; `file` is the source itself where it is not merged. */
static uint64_t read_all(struct source *s, const struct file *file)
{
	struct frame frames[SOURCE_BATCH];
	unsigned count, failed = 0;
	uint64_t given = 0;
	enum pull pull;

	while ((pull = source_next(s, frames, &count, 0)) != FINISHED) {
		HOLDS(pull == FRAMES || (pull == FAILED && ++failed == 1));
		for (unsigned i = 0; i < count; i++) {
			judge_frame(s, &frames[i], ++given);
			HOLDS(!file ||
			      (frames[i].bytes >= file->buffer &&
			       frames[i].bytes + frames[i].captured <= file->buffer + file->end));
		}
	}
	HOLDS((failed == 1) == (source_error(s)[0] != '\0'));
	HOLDS(failed == 1 || !source_cut(s));
	return given;
}

static uint64_t read_one(const uint8_t *data, size_t size)
{
	struct source *const s = open_bytes(data, size);
	const uint64_t given = read_all(s, (const struct file *)s);
	struct source_counts counts;

	source_count(s, &counts);
	HOLDS(counts.received == given && counts.file_read <= size);
	source_free(s);
	return given;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_one(data, size);
	if (size < 2)
		return 0;
	const size_t first = size * data[size - 1] / 256;
	const uint64_t parts = read_one(data, first) + read_one(data + first, size - first);
	struct source *sources[] = {open_bytes(data, first),
	                            open_bytes(data + first, size - first)};
	struct source *const both = source_merge(sources, 2);
	HOLDS(both != NULL);
	HOLDS(read_all(both, NULL) == parts);
	source_free(both);
	return 0;
}
