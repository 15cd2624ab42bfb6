/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.c - read(2), zlib and zstd behind one function.
 *
 * The decoders get their memory when the input is opened, in one mapping of which only the
 * touched pages cost anything: the first foreign byte is read inside the sandbox, where no more
 * memory is to be had. zlib asks for its window when it first needs one; it is served from an
 * arena of two such pieces. zstd is built in place.
 *
 * A gzip file may have several members and a zstd file several frames (cat a.gz b.gz); zeros
 * behind the last member are padding, as gzip(1) has it. Anything else there is damage.
 */
#include "capture/input.h"

#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_initStaticDStream; Debian's library exports it */
#include <zstd.h>
#include <zstd_errors.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RAW_SIZE (128u << 10)
#define ARENA_SIZE (64u << 10) /* inflate's state and its 32 KiB window */
#define ZSTD_WINDOW_LOG 25

static size_t zstd_size(void)
{
	return ZSTD_estimateDStreamSize((size_t)1 << ZSTD_WINDOW_LOG);
}

static size_t memory_size(void)
{
	return RAW_SIZE + ARENA_SIZE + zstd_size();
}

static voidpf arena_alloc(voidpf opaque, uInt items, uInt size)
{
	struct input *in = opaque;
	const size_t bytes = ((size_t)items * size + 63) / 64 * 64;

	if (bytes > ARENA_SIZE - in->arena_used)
		return Z_NULL;
	uint8_t *p = in->arena + in->arena_used;
	in->arena_used += bytes;
	return p;
}

static void arena_free(voidpf opaque, voidpf address)
{
	(void)opaque;
	(void)address; /* the whole arena goes with the input */
}

/* Both decoders, ready before anybody knows whether one is needed. */
static int input_prepare(struct input *in)
{
	in->raw = in->memory;
	in->arena = in->memory + RAW_SIZE;
	in->gzip.zalloc = arena_alloc;
	in->gzip.zfree = arena_free;
	in->gzip.opaque = in;
	if (inflateInit2(&in->gzip, 15 + 16) != Z_OK)
		return -ENOMEM;

	ZSTD_DStream *const zstd = ZSTD_initStaticDStream(in->arena + ARENA_SIZE, zstd_size());
	if (!zstd ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
		return -ENOMEM;
	in->zstd = zstd;
	return 0;
}

int input_init(struct input *in, int fd)
{
	struct stat st;

	*in = (struct input){.fd = fd};
	if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
		const int error = S_ISDIR(st.st_mode) ? EISDIR : errno;
		input_fini(in);
		return -error;
	}
	in->waits = !S_ISREG(st.st_mode);
	in->size = in->waits ? 0 : (uint64_t)st.st_size;
	void *const memory = mmap(NULL, memory_size(), PROT_READ | PROT_WRITE,
	                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		input_fini(in);
		return -ENOMEM;
	}
	in->memory = memory;
	const int error = input_prepare(in);
	if (error)
		input_fini(in);
	return error;
}

void input_fini(struct input *in)
{
	if (in->memory)
		munmap(in->memory, memory_size());
	in->memory = NULL;
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
}

static enum got input_broken(struct input *in, const char *what, const char *detail)
{
	snprintf(in->why, sizeof(in->why), "%s (%s)", what, detail);
	return GOT_BROKEN;
}

static enum got input_cut(struct input *in, const char *inside)
{
	in->cut = true;
	snprintf(in->why, sizeof(in->why), "%s", inside);
	return GOT_BROKEN;
}

/* One read of the descriptor. A signal is an idle moment, so that the caller can look why. */
static enum got input_take(struct input *in, uint8_t *dst, size_t room, size_t *count,
                           int timeout_ms)
{
	if (in->waits) {
		struct pollfd p = {.fd = in->fd, .events = POLLIN};
		const int ready = poll(&p, 1, timeout_ms);
		if (ready == 0 || (ready < 0 && errno == EINTR))
			return GOT_IDLE;
	}
	const ssize_t n = read(in->fd, dst, room);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return GOT_IDLE;
	if (n < 0)
		return input_broken(in, "it cannot be read", strerror(errno));
	in->ended = n == 0;
	in->read += (size_t)n;
	*count = (size_t)n;
	return n == 0 ? GOT_END : GOT_BYTES;
}

/* More compressed bytes, when the last ones are used up. END is not the end of the contents. */
static enum got input_refill(struct input *in, int timeout_ms)
{
	size_t count = 0;

	if (in->raw_at < in->raw_end)
		return GOT_BYTES;
	if (in->ended)
		return GOT_END;
	const enum got got = input_take(in, in->raw, RAW_SIZE, &count, timeout_ms);
	in->raw_at = 0;
	in->raw_end = count;
	return got;
}

/* Between two members: is there another one? */
static enum got gzip_begin(struct input *in)
{
	while (in->raw_at < in->raw_end && in->raw[in->raw_at] == 0)
		in->raw_at++;
	if (in->raw_at == in->raw_end)
		return GOT_IDLE;
	if (in->raw[in->raw_at] != 0x1f)
		return input_broken(in, "damaged gzip data", "something else follows its end");
	if (inflateReset(&in->gzip) != Z_OK)
		return input_broken(in, "damaged gzip data", "cannot begin again");
	in->within = true;
	return GOT_BYTES;
}

/* One step from [raw_at,raw_end) to dst; the step may give nothing. */
static enum got gzip_step(struct input *in, uint8_t *dst, size_t room, size_t *count)
{
	if (!in->within) {
		const enum got got = gzip_begin(in);
		if (got != GOT_BYTES)
			return got;
	}
	z_stream *const z = &in->gzip;
	z->next_in = in->raw + in->raw_at;
	z->avail_in = (uInt)(in->raw_end - in->raw_at);
	z->next_out = dst;
	z->avail_out = (uInt)room;
	const int said = inflate(z, Z_NO_FLUSH);
	in->raw_at = in->raw_end - z->avail_in;
	*count = room - z->avail_out;
	in->within = said != Z_STREAM_END;
	if (said == Z_OK || said == Z_STREAM_END || said == Z_BUF_ERROR)
		return *count > 0 ? GOT_BYTES : GOT_IDLE;
	return input_broken(in, "damaged gzip data", z->msg ? z->msg : zError(said));
}

static enum got zstd_step(struct input *in, void *dst, size_t room, size_t *count)
{
	ZSTD_inBuffer from = {in->raw, in->raw_end, in->raw_at};
	ZSTD_outBuffer to = {dst, room, 0};
	const size_t said = ZSTD_decompressStream(in->zstd, &to, &from);

	in->raw_at = from.pos;
	*count = to.pos;
	if (ZSTD_getErrorCode(said) == ZSTD_error_frameParameter_windowTooLarge)
		return input_broken(in, "zstd data with a window above 32 MiB",
		                    "compress it again without --long and --ultra");
	if (ZSTD_isError(said))
		return input_broken(in, "damaged zstd data", ZSTD_getErrorName(said));
	in->within = said != 0;
	return *count > 0 ? GOT_BYTES : GOT_IDLE;
}

/*
 * A step that read all there was may have more to give, so the decoder is asked once more
 * without input before the end is believed. What was decoded before some damage is given first;
 * the damage is kept in `why` and told the next time.
 */
static enum got input_decode(struct input *in, uint8_t *dst, size_t room, size_t *count,
                             int timeout_ms)
{
	for (;;) {
		const enum got more = input_refill(in, timeout_ms);
		if (more == GOT_IDLE || more == GOT_BROKEN || (more == GOT_END && !in->within))
			return more;
		const enum got got = in->coding == CODING_GZIP ? gzip_step(in, dst, room, count)
		                                               : zstd_step(in, dst, room, count);
		if (*count > 0)
			return GOT_BYTES;
		if (got == GOT_BROKEN)
			return got;
		if (more == GOT_END && in->within)
			return input_cut(in, in->coding == CODING_GZIP ? "gzip data" : "zstd data");
	}
}

static enum coding coding_of(const uint8_t *b)
{
	if (b[0] == 0x1f && b[1] == 0x8b)
		return CODING_GZIP;
	if (b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd)
		return CODING_ZSTD;
	if (b[0] >> 4 == 5 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18)
		return CODING_ZSTD; /* begins with a frame to be skipped, as pzstd writes it */
	return CODING_PLAIN;
}

/* The first four bytes say what the others are. Fewer than that are plain. */
static enum got input_begin(struct input *in, int timeout_ms)
{
	while (in->raw_end < 4 && !in->ended) {
		size_t count = 0;
		const enum got got = input_take(in, in->raw + in->raw_end, RAW_SIZE - in->raw_end,
		                                &count, timeout_ms);
		if (got == GOT_IDLE || got == GOT_BROKEN)
			return got;
		in->raw_end += count;
	}
	in->coding = in->raw_end < 4 ? CODING_PLAIN : coding_of(in->raw);
	return GOT_BYTES;
}

/* What input_begin read ahead comes first; then the descriptor is read straight into dst. */
static enum got input_plain(struct input *in, uint8_t *dst, size_t room, size_t *count,
                            int timeout_ms)
{
	const size_t ahead = in->raw_end - in->raw_at;

	if (ahead == 0)
		return in->ended ? GOT_END : input_take(in, dst, room, count, timeout_ms);
	*count = ahead < room ? ahead : room;
	memcpy(dst, in->raw + in->raw_at, *count);
	in->raw_at += *count;
	return GOT_BYTES;
}

enum got input_read(struct input *in, uint8_t *dst, size_t room, size_t *count, int timeout_ms)
{
	*count = 0;
	if (in->why[0])
		return GOT_BROKEN;
	if (in->coding == CODING_UNKNOWN) {
		const enum got got = input_begin(in, timeout_ms);
		if (got != GOT_BYTES)
			return got;
	}
	if (in->coding == CODING_PLAIN)
		return input_plain(in, dst, room, count, timeout_ms);
	return input_decode(in, dst, room, count, timeout_ms);
}
