/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h - how much of the captures is read, on a terminal's last line.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool on;
	uint64_t begin_ns, drawn_ns; /* of the clock; 0: nothing stands there */
};

/* On where stderr is a terminal. */
void progress_begin(struct progress *p) NONNULL;
/* size 0: unknown. Draws ten times a second at most. */
void progress_draw(struct progress *p, uint64_t read, uint64_t size) NONNULL;
/* Takes it away. */
void progress_end(struct progress *p) NONNULL;
