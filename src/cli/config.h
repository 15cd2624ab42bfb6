/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - havainto.conf: options in a file, a line `name = value` each.
 *
 * Every long option of `listen` is a key. The file is taken whole or refused whole, with the line
 * and the reason. What the command line gave wins; a list given there replaces the file's.
 */
#pragma once

#include "base/attr.h"
#include "cli/options.h"

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_DEFAULT "/etc/havainto.conf"

enum { CONFIG_SIZE = 64 * 1024 };

/* What the file gave; the settings' texts are in `texts`. */
struct config {
	struct settings settings;
	char texts[CONFIG_SIZE];
	size_t used;
};

/* Reads the file into *out, which it clears. False: "FILE:LINE: reason". */
bool config_read(const char *path, struct config *out, char why[OPTIONS_WHY]) MUST_CHECK NONNULL;
/*
 * Adds what only the file gave. A capture or an interface on the command line leaves out both of
 * the file's.
 */
void config_merge(struct settings *settings, const struct settings *file) NONNULL;
/* Is the option's value the same in both? */
bool config_same(const struct settings *a, const struct settings *b, enum opt option) NONNULL;
