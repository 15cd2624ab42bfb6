/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h - the JSON Schema of a report's lines, made from the declarations of facts and counters.
 */
#pragma once

#include "report/emit.h"

/*
 * Writes the schema (draft 2020-12); properties stand in the order of a line's keys. all: with the
 * kinds of facts and the counters that this program has; else it is what all programs of havainto/1
 * have in common, as in doc/schema.
 */
void write_schema(struct emit *j, bool all) NONNULL;
