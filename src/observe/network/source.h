/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.h - what the header of an IP packet of either version tells of its sender.
 *
 * That a packet with this source address came from this MAC is a weak fact: whether the
 * address is the MAC's own, or that of a host behind it, is decided when all evidence is there.
 * The TTL helps to decide. It says so only in packets that routers might forward: link-local
 * ones and those to groups are sent with 1 or 255 by rule, whoever sends them.
 *
 * Where the link has no MACs the address itself is the device, and its traffic counts for it; there
 * a loopback address is a host's too: it is all that a program on the captured machine talks from.
 */
#pragma once

#include "observe/observer.h"

static inline bool source_has_meaning(const struct packet *p)
{
	return !mac_is_group(p->destination) && !ip_is_multicast(&p->to) &&
	       !ip_is_link_local(&p->from);
}

/* p has its addresses and TTL. */
static inline void tell_source(struct task *t, const struct packet *p)
{
	if (!endpoint_has_ip(p->source, &p->from))
		return;
	tell_address(t, p, p->source, p->from);
	if (mac_is_zero(p->source))
		tell_seen(t, p, sender(p));
	if (source_has_meaning(p))
		tell_number(t, p, sender(p), FACT_TTL, p->ttl);
}
