/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage_words.h - how much of the network the sensor sees, in sentences.
 */
#pragma once

#include "base/attr.h"
#include "report/health.h"

#include <stddef.h>

#define COVERAGE_SENTENCE 256

/*
 * The sentences of one VLAN, one by one: 0, 1 ... False: there are no more. What is as it should be
 * is said as well.
 */
bool coverage_sentence(const struct covered *c, unsigned number,
                       char out[COVERAGE_SENTENCE]) NONNULL;
