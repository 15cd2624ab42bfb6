/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal.c - see terminal.h.
 */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH = 80, HEIGHT = 24 }; /* of one that does not say */

static struct winsize terminal_size(int fd)
{
	struct winsize size = {0};

	if (ioctl(fd, TIOCGWINSZ, &size) != 0)
		size = (struct winsize){0};
	return size;
}

unsigned terminal_width(int fd)
{
	const unsigned width = terminal_size(fd).ws_col;

	if (width > 0)
		return width;
	return isatty(fd) ? WIDTH : 0;
}

unsigned terminal_height(int fd)
{
	const unsigned height = terminal_size(fd).ws_row;

	if (height > 0)
		return height;
	return isatty(fd) ? HEIGHT : 0;
}

bool terminal_colours(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}
