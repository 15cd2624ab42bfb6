/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group_record.h - what hosts say of the groups that they listen to, alike in IGMP and MLD.
 *
 * A record of a report (RFC 3376, 4.2.4; RFC 3810, 5.2.4) names a group, and the senders that are
 * wanted, or are not. A filter that excludes nobody, or includes somebody, means that the host
 * listens; one that includes nobody means that it has left. What blocks senders says nothing.
 */
#pragma once

#include "net/ip.h"
#include "observe/observer.h"

enum group_record_type {
	GROUP_IS_INCLUDE = 1,
	GROUP_IS_EXCLUDE,
	GROUP_TO_INCLUDE,
	GROUP_TO_EXCLUDE,
	GROUP_ALLOW,
	GROUP_BLOCK
};

struct group_record {
	uint8_t type;
	uint16_t sources; /* how many */
	struct ip group;
};

/* The next record; its length is that of its sources and of what is said besides, in words. */
static inline bool group_record_parse(struct cur *in, uint8_t family, struct group_record *r)
{
	r->type = cur_u8(in);
	const uint32_t besides = cur_u8(in) * 4u;
	r->sources = cur_be16(in);
	cur_ip(in, family, &r->group);
	cur_skip(in, r->sources * (family == 6 ? 16u : 4u) + besides);
	return cur_ok(in);
}

/* Are there `count` whole records? */
static inline bool group_records_judge(struct cur records, uint8_t family, uint16_t count)
{
	struct group_record r = {0};

	for (uint32_t i = 0; i < CUR_MAX && i < count; i++)
		if (!cur_more(&records) || !group_record_parse(&records, family, &r))
			return false;
	return true;
}

static inline bool group_record_listens(const struct group_record *r)
{
	if (r->type == GROUP_IS_EXCLUDE || r->type == GROUP_TO_EXCLUDE)
		return true;
	return r->sources > 0 && (r->type == GROUP_IS_INCLUDE || r->type == GROUP_TO_INCLUDE ||
	                          r->type == GROUP_ALLOW);
}

/* A host may speak before it has an address. */
static inline struct subject group_speaker(const struct packet *p)
{
	return ip_is_host(&p->from) ? sender(p) : sender_link(p);
}

static inline bool group_tell(struct task *t, const struct packet *p, const struct ip *group)
{
	char text[IP_TEXT];

	if (!ip_is_multicast(group))
		return false;
	tell_word(t, p, group_speaker(p), FACT_MULTICAST_GROUP, ip_format(group, text));
	return true;
}

/* True when one of the groups was told. */
static inline bool group_tell_records(struct task *t, const struct packet *p, struct cur *records,
                                      uint8_t family, uint16_t count)
{
	struct group_record r = {0};
	bool told = false;

	for (uint32_t i = 0; i < CUR_MAX && i < count && cur_more(records); i++)
		if (group_record_parse(records, family, &r) && group_record_listens(&r))
			told = group_tell(t, p, &r.group) || told;
	return told;
}
