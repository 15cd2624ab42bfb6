/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter_words.h - a filter must not make the sensor speak.
 *
 * libpcap takes a word that it does not know for a host's name and asks a name server for it. So
 * words are looked through before: all must be the filter language's own, numbers, addresses, or
 * names of ports and protocols that this machine's files know.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

/* True: the expression asks nobody. False: *word is what would be asked for, copied into word. */
bool filter_is_silent(const char *expression, char *word, size_t cap) MUST_CHECK NONNULL;
