/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace.h - the clock of packet time, and the marks it strikes.
 *
 * Packet time goes on with the frames' stamps, but a stamp more than a day away from it does not
 * move it unless the next one agrees: such a frame is counted as odd. A mark is struck at each
 * multiple of the interval; of several boundaries between two frames only the last, for nothing
 * happened in between. Marks are numbered as they are struck, so that their numbers rise also where
 * time was set back.
 */
#pragma once

#include "base/attr.h"
#include "task/channel.h"

struct pace {
	uint64_t interval_ns; /* 0: no marks */
	uint64_t now_ns;      /* 0: no frame yet */
	uint64_t odd_ns;      /* a stamp far off, until the next agrees or not; 0: none */
	uint64_t odd;         /* how many there were */
	uint64_t struck;      /* marks so far: the number of the latest */
};

/* A frame's stamp. True: *mark is struck before it. */
bool pace_frame(struct pace *p, uint64_t time_ns, struct mark *mark) NONNULL MUST_CHECK;
