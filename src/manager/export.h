/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export.h - a device of the inventory as it leaves: JSON, CSV, NetBox, OCSF, ECS. The one place where these exits
 * escape what devices said.
 */
#pragma once

#include "base/attr.h"
#include "manager/store.h"
#include "report/format.h"

#include <jansson.h>
#include <stdio.h>

json_t *export_device(const struct store_device *d) MUST_CHECK NONNULL;

/* A file of devices: what it begins with, and what is written of each. */
struct export_to {
	const char *head;
	void (*write)(FILE *out, const struct store_device *d, const struct export_to *to);
	enum format format;  /* of export_format */
	uint64_t now_ns;     /* when it was asked for */
	const char *site;    /* of NetBox */
	struct store *store; /* where the interfaces of a device are asked for */
	json_t *names;       /* that NetBox knows already: by name the MAC of who has it */
};

/* A line of JSON. */
void export_ndjson(FILE *out, const struct store_device *d, const struct export_to *to)
	__attribute__((nonnull(1, 2)));
/* A line in the words of others (format.h). */
void export_format(FILE *out, const struct store_device *d, const struct export_to *to) NONNULL;

#define EXPORT_CSV_HEAD                                                                     \
	"mac,ip,via,realm,vendor,name,os,model,roles,tags,owner,note,first_seen,last_seen," \
	"packets,bytes,sensors,interfaces\r\n"
/*
 * A row of RFC 4180. A cell that begins as a formula does gets a ' before it: to a spreadsheet it
 * is a text then. Controls become spaces.
 */
void export_csv(FILE *out, const struct store_device *d, const struct export_to *to)
	__attribute__((nonnull(1, 2)));
/*
 * Rows for NetBox: "devices", "interfaces" or "ip-addresses" fills in head and write. False: there is
 * no such kind.
 */
bool export_netbox(const char *kind, struct export_to *to) MUST_CHECK NONNULL;
/* null, or RFC 3339. */
json_t *export_time(uint64_t time_ns) MUST_CHECK;
