/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mld.c - which IPv6 groups hosts listen to, and who asks them.
 *
 * MLD is a part of ICMPv6: reports in version 1 (RFC 2710, 3) to the group itself, in version 2
 * (RFC 3810, 5.2) in records. A host joins ff02::1:ff00:0/104 with the last three bytes of each of
 * its addresses, so the groups also hint at these. Who asks is the link's querier. Routers that say
 * so themselves are told too (RFC 4286, 3).
 *
 * All of it has hop limit 1 and comes from a link-local address (RFC 3810, 5), a report of a host
 * that has none yet from :: (RFC 3590, 4): nothing else is believed.
 */
#include "observe/shared/group_record.h"

enum mld_type {
	MLD_QUERY = 130,
	MLD_REPORT_1 = 131,
	MLD_DONE = 132,
	MLD_REPORT_2 = 143,
	MLD_ROUTER = 151 /* multicast router advertisement */
};
enum { MLD_SHORT = 24, MLD_QUERY_2 = 28, MLD_HOPS = 1 };

struct mld {
	uint8_t type;
	uint16_t count; /* of records */
	struct ip group;
	struct cur records;
};

static bool mld_is_type(uint8_t type)
{
	return (type >= MLD_QUERY && type <= MLD_DONE) || type == MLD_REPORT_2 ||
	       type == MLD_ROUTER;
}

/* Delay, a reserved field, the group; of a query of version 2 the senders that are asked for. */
static bool mld_group_parse(struct cur *in, struct mld *m)
{
	cur_skip(in, 4);
	cur_ip(in, 6, &m->group);
	if (m->type != MLD_QUERY || cur_left(in) == 0)
		return cur_ok(in);
	cur_skip(in, 2); /* flags, interval */
	cur_skip(in, cur_be16(in) * 16u);
	return cur_ok(in);
}

static bool mld_parse(struct cur *in, struct mld *m)
{
	const uint32_t len = cur_left(in);

	m->type = cur_u8(in);
	cur_skip(in, 3); /* code, checksum */
	m->records = cur_sub(in, 0);
	if (m->type == MLD_QUERY)
		return mld_group_parse(in, m) && (len == MLD_SHORT || len >= MLD_QUERY_2);
	if (m->type == MLD_REPORT_1 || m->type == MLD_DONE)
		return mld_group_parse(in, m);
	cur_skip(in, 2); /* reserved; of a router, its interval */
	m->count = cur_be16(in);
	if (m->type == MLD_ROUTER)
		return cur_ok(in);
	m->records = cur_rest(in);
	return cur_ok(in) && group_records_judge(m->records, 6, m->count);
}

static enum verdict mld_tell_role(struct task *t, const struct packet *p, const char *role)
{
	tell_word(t, p, sender(p), FACT_ROLE, role);
	return LEARNED;
}

static enum verdict mld_tell(struct task *t, const struct packet *p, struct mld *m)
{
	switch (m->type) {
	case MLD_QUERY:
		return mld_tell_role(t, p, "mld-querier");
	case MLD_ROUTER:
		return mld_tell_role(t, p, "router");
	case MLD_REPORT_1:
		return ip_equal(&m->group, &p->to) && group_tell(t, p, &m->group) ? LEARNED
		                                                                  : NOTHING;
	case MLD_REPORT_2:
		return group_tell_records(t, p, &m->records, 6, m->count) ? LEARNED : NOTHING;
	default:
		return NOTHING;
	}
}

static bool mld_is_believed(const struct packet *p, const struct mld *m)
{
	const bool report = m->type == MLD_REPORT_1 || m->type == MLD_REPORT_2;

	return p->ttl == MLD_HOPS && ip_is_multicast(&p->to) &&
	       (ip_is_link_local(&p->from) || (report && ip_is_unspecified(&p->from)));
}

static enum verdict mld_packet(struct task *t, struct packet *p, void *state)
{
	struct mld m = {0};

	(void)state;
	if (!mld_is_type(cur_peek8(&p->rest)))
		return NOT_MINE;
	if (p->cut || !mld_parse(&p->rest, &m))
		return MALFORMED;
	return mld_is_believed(p, &m) ? mld_tell(t, p, &m) : NOTHING;
}

SHOW(mld, struct mld, FIELD(struct mld, type, SHOW_NUMBER), FIELD(struct mld, count, SHOW_NUMBER))

const struct observer observer_mld = {
	.name = "mld",
	.about = "which IPv6 groups hosts listen to, and who asks them",
	.spec = "RFC 3810, RFC 2710, RFC 3590, RFC 4286",
	.claims = CLAIMS({IP_PROTOCOL, 58, NULL}),
	.tells = TELLS({FACT_MULTICAST_GROUP, SAYS, 90}, {FACT_ROLE, SAYS, 90}),
	.shows = SHOWS(&mld_show),
	.packet = mld_packet,
};

PROVE(mld_parse, struct mld)
