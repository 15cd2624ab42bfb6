/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tui.h - the table that moves: devices, live, on a terminal.
 *
 * A thread of its own (SANDBOX_UI) draws what the reporter last published, ten times a second at
 * most, and reads keys. The terminal is put back as it was at every end of the program: q, a
 * signal, a fault.
 */
#pragma once

#include "base/attr.h"
#include "report/reporter.h"

struct tui;

/* Takes the terminal. what: the interface or capture, for the title. NULL: said why. */
struct tui *tui_new(struct reporter *reporter, const char *what) MUST_CHECK NONNULL;
/* Starts the thread: 0 or -errno. */
int tui_start(struct tui *t) MUST_CHECK NONNULL;
/* Readable once somebody pressed q. */
int tui_quit_fd(const struct tui *t) NONNULL;
/* The run is over: what there is stays on the screen until q. */
void tui_ended(struct tui *t) NONNULL;
/* Ends the thread. */
void tui_stop(struct tui *t) NONNULL;
/* Gives the terminal back, from any thread that may; again does nothing. */
void tui_restore(void);
/* Once the thread has ended. NULL is fine. */
void tui_free(struct tui *t);
