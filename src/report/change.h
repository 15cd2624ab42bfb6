/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.h - what is different at this mark from the last one, as `change` lines.
 *
 * Records that changed since the last mark are compared with what was told of them before: the same
 * facts give the same changes in whatever order they came between two marks. The same change of the
 * same record is not told again within the hold-down. Hosts behind routers with public addresses
 * come and go by the thousand and make none.
 */
#pragma once

#include "asset/attribute.h"
#include "asset/record.h"
#include "base/attr.h"
#include "report/line.h"
#include "report/outlet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a record stood when it was last looked at: asset.state. */
enum record_state { STATE_UNKNOWN, STATE_HERE, STATE_GONE };

#define CHANGE_HOLDS 8192u
#define CLAIMANTS \
	64u /* of one address that are compared; more are a flood, and the first 64 say so */

/* When a device may be silent: see change/presence.c. */
struct rhythm {
	uint64_t lease_ns;     /* until then it may sleep; 0: no lease */
	uint64_t goodbye_ns;   /* when it said so last; 0: never */
	uint16_t longest_s[2]; /* its longest silence in this span of time, and in the one before */
	uint16_t span;
	uint8_t gaps; /* silences that it came back from, as far as they matter */
	bool watched; /* for long enough */
};

/* Addresses of which a claim is too new to be judged. */
enum { CLAIMS_WAITING = 256 };
struct waiting {
	uint32_t addresses[CLAIMS_WAITING];
	uint64_t at_ns[CLAIMS_WAITING];
	unsigned count;
};

/* Who serves a segment: see change/servers.c. */
enum { CHANGE_SERVERS = 256 };
struct server {
	struct mac mac;
	struct ip ip;
	uint32_t device;
	uint16_t realm, iface, vlan;
	uint8_t serving;
	bool judged;
	uint64_t first_ns, count;
};

struct kinship; /* which records are one device: see change/kinship.c */

struct changes {
	struct assets *assets;
	struct attribution *attribution;
	struct record_room *room;
	struct outlet *outlet;
	struct line_context *context;
	const struct ip *quiet;
	unsigned quiet_count;
	uint64_t gone_ns;      /* 0: nothing is ever gone */
	uint64_t next_gone_ns; /* no device is gone before */
	uint64_t hold_ns;
	bool silent_new; /* records that appear are not told as new */
	bool ends; /* it is the last mark: what a record is like now is compared with nothing */
	struct hold {
		uint64_t what, until_ns;
	} holds[CHANGE_HOLDS];
	struct arena memory;
	struct rhythm *rhythms; /* by device */
	struct waiting waiting;
	struct server servers[CHANGE_SERVERS];
	unsigned server_count;
	struct kinship *kinship;
	uint64_t told, held;
};

/* Takes memory, once assets is set. 0, or -errno. */
int changes_init(struct changes *c) MUST_CHECK NONNULL;
void changes_fini(struct changes *c) NONNULL;

/* Looks at all that changed, tells the changes, and empties the lists of the changed. */
void changes_find(struct changes *c, uint64_t now_ns) NONNULL;
