/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal.h - the terminal as far as it is asked about: is it one, how large, does it want
 * colours.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>

/* Columns; 0: it is no terminal. $COLUMNS is not looked at: it is of the shell. */
unsigned terminal_width(int fd);
unsigned terminal_height(int fd);
/* A terminal, and not told otherwise by $NO_COLOR (no-color.org) or TERM=dumb. */
bool terminal_colours(int fd);
