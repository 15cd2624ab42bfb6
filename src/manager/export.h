/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export.h - a device of the inventory as it leaves: JSON, CSV. The one place where these exits
 * escape what devices said.
 */
#pragma once

#include "base/attr.h"
#include "manager/store.h"

#include <jansson.h>
#include <stdio.h>

json_t *export_device(const struct store_device *d) MUST_CHECK NONNULL;
/* A line of JSON. */
void export_ndjson(FILE *out, const struct store_device *d) NONNULL;

#define EXPORT_CSV_HEAD                                                                     \
	"mac,ip,via,realm,vendor,name,os,model,roles,tags,owner,note,first_seen,last_seen," \
	"packets,bytes,sensors\r\n"
/*
 * A row of RFC 4180. A cell that begins as a formula does gets a ' before it: to a spreadsheet it
 * is a text then. Controls become spaces.
 */
void export_csv(FILE *out, const struct store_device *d) NONNULL;
/* null, or RFC 3339. */
json_t *export_time(uint64_t time_ns) MUST_CHECK;
