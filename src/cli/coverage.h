/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coverage.h - how much of the network a sensor sees, as its health line has it.
 */
#pragma once

#include "base/attr.h"

#include <jansson.h>
#include <stdio.h>

/* A part for each VLAN, and what was kept back, dropped, or is read by no observer. */
void coverage_print(const json_t *health, FILE *out) NONNULL;
