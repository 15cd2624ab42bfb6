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
	uint64_t told, held;
};

/* Looks at all that changed, tells the changes, and empties the lists of the changed. */
void changes_find(struct changes *c, uint64_t now_ns) NONNULL;
