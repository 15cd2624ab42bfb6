/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channels.c - the lines of channels.def as a table.
 */
#include "task/channels.h"

#define CHANNEL(NAME, TYPE, BYTES, LIVE, OVER_FILES, ABOUT) \
	{#NAME, #TYPE, ABOUT, BYTES, LIVE, OVER_FILES},
const struct channel_kind channel_kinds[] = {
#include "task/channels.def"
};
#undef CHANNEL

const unsigned channel_kind_count = (unsigned)COUNT_OF(channel_kinds);
