/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c - one line to stderr for a person to read.
 */
#include "base/log.h"

#include "base/clock.h"
#include "base/escape.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char log_prefix[] = "havainto: ";

#define LOG_MINUTE (60 * CLOCK_SECOND)
#define LOG_MORE "...\n" /* the end of a line that was cut */

/* How the character at s is written, in `out`; returns how many bytes of s it is. */
static size_t log_escape(const char *s, char out[ESCAPE_ONE])
{
	static const char named[] = "\nn\rr\tt"; /* pairs: the byte, its letter */

	for (size_t i = 0; i < sizeof named - 1; i += 2) {
		if (*s == named[i]) {
			snprintf(out, ESCAPE_ONE, "\\%c", named[i + 1]);
			return 1;
		}
	}
	return escape_one(s, strlen(s), out);
}

size_t log_format(char out[LOG_LINE], const char *format, va_list args)
{
	char text[LOG_LINE] = "";
	const int wanted = vsnprintf(text, sizeof text, format, args);
	size_t len = sizeof log_prefix - 1;
	bool cut = wanted < 0 || (size_t)wanted >= sizeof text;

	memcpy(out, log_prefix, len);
	for (const char *from = text; *from != 0;) {
		char piece[ESCAPE_ONE];
		from += log_escape(from, piece);
		const size_t n = strlen(piece);
		if (len + n > LOG_LINE - sizeof LOG_MORE) {
			cut = true;
			break;
		}
		memcpy(out + len, piece, n);
		len += n;
	}
	const char *const end = cut ? LOG_MORE : "\n";
	memcpy(out + len, end, strlen(end));
	return len + strlen(end);
}

/* One write; a stderr that takes nothing is no reason to stop, and errno stays. */
static void log_write(const char *line, size_t len)
{
	const int saved = errno;
	ssize_t written;

	do
		written = write(STDERR_FILENO, line, len);
	while (written < 0 && errno == EINTR);
	errno = saved;
}

void log_line(const char *format, ...)
{
	char line[LOG_LINE];
	va_list args;

	va_start(args, format);
	log_write(line, log_format(line, format, args));
	va_end(args);
}

/* Is it our turn? Of threads that ask at once, one is told yes. */
static bool log_may(struct log_limit *limit)
{
	const uint64_t now = clock_now_ns();
	uint64_t next = atomic_load_explicit(&limit->next_ns, memory_order_relaxed);

	return now >= next &&
	       atomic_compare_exchange_strong_explicit(&limit->next_ns, &next, now + LOG_MINUTE,
	                                               memory_order_relaxed, memory_order_relaxed);
}

void log_once_a_minute(struct log_limit *limit, const char *format, ...)
{
	char line[LOG_LINE];
	va_list args;

	if (!log_may(limit)) {
		atomic_fetch_add_explicit(&limit->silent, 1, memory_order_relaxed);
		return;
	}
	const uint64_t silent = atomic_exchange_explicit(&limit->silent, 0, memory_order_relaxed);
	va_start(args, format);
	log_write(line, log_format(line, format, args));
	va_end(args);
	if (silent > 0)
		log_line("%" PRIu64 " lines like the last one came before it and were not written",
		         silent);
}
