/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place.h - where a manager keeps its inventory, and fingerprints are, when nobody says where.
 */
#pragma once

#include "base/attr.h"
#include "cli/options.h"

#define PLACE_PATH 4096

/*
 * --state; else /var/lib/havainto of root, and of another user havainto in $XDG_STATE_HOME or
 * ~/.local/state, whose parents are made. NULL: there is no home.
 */
const char *place_of(const struct settings *settings, char out[PLACE_PATH]) NONNULL;

/* Where others' fingerprints are: --data, else data in that place. NULL: there is no home. */
const char *place_of_data(const struct settings *settings, char out[PLACE_PATH]) NONNULL;
