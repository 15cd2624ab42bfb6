/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h - a device in the words of others: one line of JSON in the schema of whoever reads it.
 *
 *	native  havainto/1, as it is (line.h)
 *	ocsf    Open Cybersecurity Schema Framework 1.4.0, class 5001, Device Inventory Info
 *	ecs     Elastic Common Schema 8.11, an event of kind asset
 *
 * The device is an object as a report has it, or as the inventory exports it: the keys are the same
 * (mac, ip, realm, name, vendor, os, model, type, roles, first_seen, facts ...), and one that is
 * absent or "" is left out. So sensors, which translate on the way to a sink, and the manager, which
 * does on export, say the same of the same device.
 */
#pragma once

#include "base/attr.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum format { FORMAT_NATIVE, FORMAT_OCSF, FORMAT_ECS, FORMATS };

/* Who says it, and when. */
struct format_source {
	const char *sensor;  /* "": an inventory of many */
	const char *version; /* of this program */
	uint64_t time_ns;    /* of the report, or of the export */
};

/* "ocsf" */
const char *format_name(enum format format) PURE;
/* The format whose name stands before the ':'; FORMATS: none does. */
enum format format_by_prefix(const char *text) PURE NONNULL;
/* What stands behind it: all, where there is none. */
const char *format_behind(const char *text) PURE NONNULL;

/*
 * The device, with '\n' behind it, in memory that the caller frees. NULL: memory is out. Not for
 * FORMAT_NATIVE, in which a device is a line of its own already.
 */
char *format_device(enum format format, const struct format_source *source,
                    const json_t *device) MUST_CHECK NONNULL;
/*
 * The same of a line of a report. *out is NULL where the format has no words for it: it knows
 * devices, not changes, nor the sensor's health. False: it is no line of a report, or memory is out.
 */
bool format_line(enum format format, const char *version, const char *line, size_t len,
                 char **out) MUST_CHECK NONNULL;
