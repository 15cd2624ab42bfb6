/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_capture.c - any bytes as a capture file, through the reader and a whole worker task.
 *
 * Held to: the reader ends, says FAILED at most once and FINISHED last, gives frames of at most
 * CUR_MAX bytes that are numbered from 1, and its counts are what it gave.
 */
#include "sensor.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static struct source *open_bytes(int fd, const uint8_t *data, size_t size)
{
	char path[64], why[512] = "";

	HOLDS(write(fd, data, size) == (ssize_t)size);
	HOLDS(snprintf(path, sizeof(path), "/proc/self/fd/%d", fd) > 0);
	struct source *const source = source_open_file(path, NULL, why, sizeof(why));
	HOLDS(source != NULL);
	return source;
}

static void read_all(struct sensor *s, struct source *source)
{
	static struct frame frames[SOURCE_BATCH];
	unsigned count, failed = 0;
	enum pull pull;

	while ((pull = source_next(source, frames, &count, 0)) != FINISHED) {
		HOLDS(pull == FRAMES || (pull == FAILED && ++failed == 1));
		HOLDS(pull != FRAMES || (count >= 1 && count <= SOURCE_BATCH));
		for (unsigned i = 0; pull == FRAMES && i < count; i++) {
			HOLDS(frames[i].captured <= CUR_MAX);
			HOLDS(frames[i].number == s->given + 1);
			sensor_frame(s, frames[i].linktype, frames[i].bytes, frames[i].captured,
			             frames[i].wire);
		}
	}
	HOLDS((failed == 1) == (source_error(source)[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sensor s;
	struct source_counts counts;
	const int fd = memfd_create("capture", MFD_CLOEXEC);

	HOLDS(fd >= 0);
	struct source *const source = open_bytes(fd, data, size);
	sensor_begin(&s);
	read_all(&s, source);
	source_count(source, &counts);
	HOLDS(counts.received == s.given);
	sensor_end(&s);
	source_free(source);
	return close(fd);
}
