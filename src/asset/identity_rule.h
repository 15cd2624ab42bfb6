/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_rule.h - what identity.c must know of a key, beside whether two are equal.
 */
#pragma once

#include "asset/identity.h"

#include <stdint.h>

/* What a key names: equal bytes in two of these are two keys. */
enum key_space {
	KEY_MAC,
	KEY_UUID,
	KEY_DUID,
	KEY_CLIENT,
	KEY_SSH,
	KEY_TLS,
	KEY_ENGINE,
	KEY_LACP,
	KEY_DEVICE,
	KEY_NAME
};

/* Of which a device has one: two records alive at once, each with another one, are two devices. */
enum key_one {
	ONE_NONE,
	ONE_MACHINE,
	ONE_DUID,
	ONE_ENGINE,
	ONE_CHASSIS,
	ONE_SERVER,
	ONE_NAME,
	ONES
};

struct identity_rule {
	uint8_t weight; /* how sure it ties, 0..100; 0: it only parts */
	uint16_t
		holders; /* records of one device that may show it; more: a default of the maker's */
	uint8_t one;     /* enum key_one */
	const char *text;
};

const struct identity_rule *identity_rule_of(const struct identity_key *key) PURE NONNULL;
