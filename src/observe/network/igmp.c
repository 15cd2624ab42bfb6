/* SPDX-License-Identifier: Apache-2.0 */
/*
 * igmp.c - which IPv4 groups hosts listen to, and who asks them.
 *
 * A host reports a group in versions 1 and 2 (RFC 1112, appendix I; RFC 2236, 2) in a message to
 * that group, in version 3 (RFC 3376, 4.2) in records. The groups are hints: 224.0.0.251 is mDNS,
 * 239.255.255.250 SSDP. Who asks is the link's querier, a router or a switch; a switch that only
 * stands in for one asks from 0.0.0.0 (RFC 4541, 2.1.1), which nobody takes for a querier. Routers
 * that say so themselves are told too (RFC 4286, 3).
 *
 * All of it has TTL 1: nothing else is believed. The checksum covers the whole message, and is
 * asked, as hosts do (RFC 3376, 4.1.2). Leaving a group, and the older protocols that share the
 * number (DVMRP, PIM version 1, traces), tell nothing.
 */
#include "observe/shared/checksum.h"
#include "observe/shared/group_record.h"

enum igmp_type {
	IGMP_QUERY = 0x11,
	IGMP_REPORT_1 = 0x12,
	IGMP_REPORT_2 = 0x16,
	IGMP_LEAVE = 0x17,
	IGMP_REPORT_3 = 0x22,
	IGMP_ROUTER = 0x30 /* multicast router advertisement */
};
enum { IGMP_SHORT = 8, IGMP_QUERY_3 = 12, IGMP_TTL = 1 };

struct igmp {
	uint8_t type;
	uint16_t count; /* of records */
	struct ip group;
	struct cur records;
};

/* Of a query of version 3 the senders that are asked for follow (RFC 3376, 4.1). */
static bool igmp_query_parse(struct cur *in, struct igmp *m)
{
	cur_ip(in, 4, &m->group);
	if (cur_left(in) == 0)
		return cur_ok(in);
	cur_skip(in, 2); /* flags, interval */
	cur_skip(in, cur_be16(in) * 4u);
	return cur_ok(in);
}

static bool igmp_parse(struct cur *in, struct igmp *m)
{
	const bool sound = checksum_holds(*in);
	const uint32_t len = cur_left(in);

	m->type = cur_u8(in);
	cur_skip(in, 3); /* time, checksum */
	m->records = cur_sub(in, 0);
	if (m->type == IGMP_QUERY)
		return sound && igmp_query_parse(in, m) &&
		       (len == IGMP_SHORT || len >= IGMP_QUERY_3);
	if (m->type != IGMP_REPORT_3) {
		cur_ip(in, 4, &m->group);
		return sound && cur_ok(in);
	}
	cur_skip(in, 2);
	m->count = cur_be16(in);
	m->records = cur_rest(in);
	return sound && cur_ok(in) && group_records_judge(m->records, 4, m->count);
}

/* A report of versions 1 and 2 goes to the group itself (RFC 2236, 3). */
static enum verdict igmp_tell_group(struct task *t, const struct packet *p, const struct igmp *m)
{
	return ip_equal(&m->group, &p->to) && group_tell(t, p, &m->group) ? LEARNED : NOTHING;
}

static enum verdict igmp_tell_role(struct task *t, const struct packet *p, const char *role)
{
	if (!ip_is_host(&p->from) || !ip_is_multicast(&p->to))
		return NOTHING;
	tell_word(t, p, sender(p), FACT_ROLE, role);
	return LEARNED;
}

static enum verdict igmp_packet(struct task *t, struct packet *p, void *state)
{
	struct igmp m = {0};

	(void)state;
	if (p->cut || !igmp_parse(&p->rest, &m))
		return MALFORMED;
	if (p->ttl != IGMP_TTL)
		return NOTHING;
	switch (m.type) {
	case IGMP_QUERY:
		return igmp_tell_role(t, p, "igmp-querier");
	case IGMP_ROUTER:
		return igmp_tell_role(t, p, "router");
	case IGMP_REPORT_1:
	case IGMP_REPORT_2:
		return igmp_tell_group(t, p, &m);
	case IGMP_REPORT_3:
		return group_tell_records(t, p, &m.records, 4, m.count) ? LEARNED : NOTHING;
	default:
		return NOTHING;
	}
}

SHOW(igmp, struct igmp, FIELD(struct igmp, type, SHOW_HEX), FIELD(struct igmp, count, SHOW_NUMBER))

const struct observer observer_igmp = {
	.name = "igmp",
	.about = "which IPv4 groups hosts listen to, and who asks them",
	.spec = "RFC 3376, RFC 2236, RFC 1112, RFC 4286",
	.claims = CLAIMS({IP_PROTOCOL, 2, NULL}),
	.tells = TELLS({FACT_MULTICAST_GROUP, SAYS, 90}, {FACT_ROLE, SAYS, 90}),
	.shows = SHOWS(&igmp_show),
	.packet = igmp_packet,
};

PROVE(igmp_parse, struct igmp)
PROVE_WITH(group_record_parse, struct group_record, uint8_t)
