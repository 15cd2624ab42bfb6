/* SPDX-License-Identifier: Apache-2.0 */
/*
 * l2tp.c - L2TP: PPP in datagrams, and what its two ends call themselves.
 *
 * Version 2 (RFC 2661). Data and control share a header whose fields are there by flags. The
 * numbers of tunnel and session are given by the receiver and differ between the directions:
 * they name no realm. A control message is a list of attributes; those of the IETF that name the
 * sender are told where they are not hidden.
 */
#include "observe/shared/l2tp_attribute.h"

enum { L2TP_CONTROL = 0x8000, L2TP_LENGTH = 0x4000, L2TP_SEQUENCE = 0x0800, L2TP_OFFSET = 0x0200 };
enum { L2TP_VERSION = 0x000f, LINKTYPE_PPP = 9 };

struct l2tp {
	uint16_t flags, length, tunnel, session;
	uint32_t count; /* of attributes */
};

static bool l2tp_parse(struct cur *in, struct l2tp *l)
{
	const uint32_t left = cur_left(in);

	l->flags = cur_be16(in);
	if ((l->flags & L2TP_VERSION) != 2)
		return false;
	if ((l->flags & L2TP_LENGTH) != 0)
		l->length = cur_be16(in);
	l->tunnel = cur_be16(in);
	l->session = cur_be16(in);
	if ((l->flags & L2TP_SEQUENCE) != 0)
		cur_skip(in, 4);
	if ((l->flags & L2TP_OFFSET) != 0)
		cur_skip(in, cur_be16(in));
	if (!cur_ok(in) || (l->flags & L2TP_CONTROL) == 0)
		return cur_ok(in);
	return (l->flags & L2TP_LENGTH) != 0 && l->length == left &&
	       l2tp_attributes_judge(*in, &l->count);
}

static enum verdict l2tp_control(struct task *t, struct packet *p, const struct l2tp *l)
{
	for (uint32_t i = 0; i < CUR_MAX && i < l->count && cur_more(&p->rest); i++) {
		struct l2tp_attribute a = l2tp_attribute_next(&p->rest);
		if (!a.hidden && a.vendor == 0)
			l2tp_tell_name(t, p, &a);
	}
	return LEARNED;
}

static enum verdict l2tp_packet(struct task *t, struct packet *p, void *state)
{
	struct l2tp l = {0};
	struct packet inner = {0};

	(void)state;
	if (!l2tp_parse(&p->rest, &l))
		return NOT_MINE;
	if ((l.flags & L2TP_CONTROL) != 0)
		return l2tp_control(t, p, &l);
	if (packet_enter(t, p, "l2tp", false, 0, &inner))
		forward(t, &inner, LINKTYPE, LINKTYPE_PPP);
	return LEARNED;
}

SHOW(l2tp, struct l2tp, FIELD(struct l2tp, flags, SHOW_HEX),
     FIELD(struct l2tp, tunnel, SHOW_NUMBER), FIELD(struct l2tp, session, SHOW_NUMBER),
     FIELD(struct l2tp, count, SHOW_NUMBER))

const struct observer observer_l2tp = {
	.name = "l2tp",
	.about = "L2TP tunnels and their ends",
	.spec = "RFC 2661",
	.claims = CLAIMS({UDP_PORT, 1701, NULL}),
	.tells = TELLS({FACT_L2TP_HOST, SAYS, 90}, {FACT_L2TP_VENDOR, SAYS, 90}),
	.shows = SHOWS(&l2tp_show),
	.packet = l2tp_packet,
};

PROVE(l2tp_parse, struct l2tp)
