/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sighting.h - what one device line says, as the inventory keeps it: the texts and numbers that
 * people sort by, and the terms that they search for.
 *
 * A term is a field and a value: "ip" 192.0.2.7, "service" tcp/22, "role" router, and every fact
 * under the name of its kind ("ssh.banner" SSH-2.0-OpenSSH_9.2). A few kinds go by the word that
 * people use: addresses are "ip", host names "name". Terms are what a search looks through, so a
 * line without a term cannot be found by it.
 *
 * The subnet is that of the address it goes by: of 256 addresses, or an IPv6 link. How wide the real
 * one is no sensor can see; far public hosts are in none.
 *
 * The digest stands for all terms: a line whose digest is the last one's brings nothing to search
 * for, which is nearly every line of a network that lives as it did yesterday.
 */
#pragma once

#include "base/attr.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGHTING_TERMS 1024u /* of a line; further ones are not searched for */
#define SIGHTING_KEY 512     /* "realm\nmac\n" or "realm\n\nip" */
#define SIGHTING_ROLES 256
#define SIGHTING_SUBNET 64

/* Texts are the line's. */
struct term {
	const char *field, *value;
};

struct sighting {
	char key[SIGHTING_KEY]; /* what the record is known by, to all sensors of one network */
	const char *realm, *mac, *ip, *via, *mac_kind, *vendor, *name, *os, *model, *type;
	char roles[SIGHTING_ROLES];   /* joined by "," */
	char subnet[SIGHTING_SUBNET]; /* "10.0.0.0/24"; "": none */
	uint64_t first_ns, last_ns, packets, bytes;
	uint64_t digest;
	unsigned term_count;
	struct term terms[SIGHTING_TERMS];
};

/* device: the object of a device line. False: why says what no sensor of ours would have sent. */
bool sighting_read(const json_t *device, struct sighting *out, char *why,
                   size_t why_len) MUST_CHECK NONNULL;
/* The word that people search a kind of fact by: "ip" for address.ipv4; else the kind itself. */
const char *sighting_field(const char *kind) PURE NONNULL;
