/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.h - the walk of a packet, step by step: layer, key, bytes left, parsed fields, verdict,
 * facts.
 */
#pragma once

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Reads the capture and prints the walk of frame `number` (0: of every frame). The frames before it
 * are walked as well, so that streams and known facts are as they were. Returns an exit status: 0;
 * 1 when the file could not be read or has no such frame, said on stderr.
 */
int trace_file(const char *path, const char *filter, uint64_t number, FILE *out)
	__attribute__((nonnull(1, 4)));
