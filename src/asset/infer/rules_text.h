/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_text.h - the files of data/rules as a part of the program (tools/rules-text makes the
 * other half).
 *
 * They are in the program and not beside it, so that it stays one file: what it concludes can not
 * depend on where it was started or what was forgotten when it was copied.
 */
#pragma once

#include <stddef.h>

struct rules_text {
	const char *name; /* of the file */
	const char *text;
	size_t len;
};

extern const struct rules_text rules_text[];
extern const unsigned rules_text_count;

/* The domains that rules of dns.cloud know, sorted by their bytes. */
extern const char *const cloud_domains[];
extern const unsigned cloud_domain_count;
