/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_text.h - the files of data/rules as a part of the program (tools/rules-text makes the
 * other half).
 *
 * They are in the program and not beside it, so that it stays one file: what it concludes can not
 * depend on where it was started or what was forgotten when it was copied.
 */
#pragma once

#include "asset/infer/rules.h"

#include <stddef.h>
#include <stdint.h>

/* Where a rule stands in the text, and which kinds of facts it reads. */
struct rule_place {
	uint32_t at;
	uint16_t len;
	uint8_t kind_count;
	uint8_t kinds[RULE_KINDS]; /* indices into the names of kinds */
};

struct rules_text {
	const char *families;
	size_t families_len;
	const char *text;
	const char *const *kinds; /* names; "oui" is FACT_OUI */
	unsigned kind_count;
	const struct rule_place *places;
	unsigned rule_count;
};

extern const struct rules_text rules_text;

/* The domains that rules of dns.cloud know, sorted by their bytes. */
extern const char *const cloud_domains[];
extern const unsigned cloud_domain_count;
