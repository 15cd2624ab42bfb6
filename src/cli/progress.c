/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.c - see progress.h.
 */
#include "cli/progress.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR = 30, LINE = 160 };
static const uint64_t DRAW_NS = 100000000, WAIT_NS = 300000000;

void progress_begin(struct progress *p)
{
	*p = (struct progress){.on = isatty(STDERR_FILENO), .begin_ns = clock_now_ns()};
}

static void put(const char *line, int len)
{
	(void)!write(STDERR_FILENO, line, (size_t)len);
}

void progress_draw(struct progress *p, uint64_t read, uint64_t size)
{
	const uint64_t now = clock_now_ns();
	char line[LINE], bar[BAR + 1];

	/* What is read at once shows no bar. */
	if (!p->on || now - p->begin_ns < WAIT_NS || now - p->drawn_ns < DRAW_NS)
		return;
	p->drawn_ns = now;
	const double mib = (double)read / 1048576, s = (double)(now - p->begin_ns) / 1e9;
	if (size == 0) {
		put(line,
		    snprintf(line, sizeof line, "\r%.0f MiB read, %.0f MiB/s\x1b[K", mib, mib / s));
		return;
	}
	const unsigned done = read >= size ? BAR : (unsigned)(read * BAR / size);
	memset(bar, '.', BAR);
	memset(bar, '#', done);
	bar[BAR] = '\0';
	put(line, snprintf(line, sizeof line, "\r[%s] %3.0f %% of %.0f MiB, %.0f MiB/s\x1b[K", bar,
	                   100.0 * (double)read / (double)size, (double)size / 1048576, mib / s));
}

void progress_end(struct progress *p)
{
	if (p->on && p->drawn_ns != 0)
		put("\r\x1b[K", 4);
	p->on = false;
}
