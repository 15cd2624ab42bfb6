/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ldp.c - routers that give each other labels: who they are.
 *
 * Every message stands in a unit that begins with version, length and the sender's identifier: its
 * number, and the space of labels (RFC 5036, 3.1). Hellos go over UDP (3.5.2), to all routers of the
 * link or to one further off; what they add is the address to which sessions are made, of either
 * version of IP (RFC 7552, 5.1). Sessions go over TCP, and begin with an initialization (3.5.3).
 * Whoever speaks it forwards by labels: a router.
 */
#include "observe/observer.h"

enum { LDP_PORT = 646, LDP_VERSION = 1, LDP_ID = 6, LDP_UNIT_HEAD = 10, LDP_UNIT_MAX = 4096 };
enum ldp_message { LDP_HELLO = 0x0100, LDP_INITIALIZATION = 0x0200 };
enum ldp_tlv { LDP_HELLO_PARAMETERS = 0x0400, LDP_TRANSPORT_4 = 0x0401, LDP_TRANSPORT_6 = 0x0403 };
enum { LDP_TLV_TYPE = 0x3fff, LDP_SESSION_PARAMETERS = 0x0500 };

struct ldp {
	uint16_t length; /* of what follows it */
	struct ip4 router;
	uint16_t type;       /* of the first message */
	uint16_t parameters; /* kind of its first value */
	struct ip transport; /* of a hello; or none */
	bool more;
};

/* The values of a message: 2 flags and 14 bits of type, length (3.3). */
static bool ldp_values_parse(struct cur *in, struct ldp *l)
{
	while (cur_more(in)) {
		const uint16_t type = cur_be16(in) & LDP_TLV_TYPE;
		const uint16_t len = cur_be16(in);
		struct cur value = cur_sub(in, len);
		if (l->parameters == 0)
			l->parameters = type;
		if (l->type != LDP_HELLO)
			continue;
		if (type == LDP_TRANSPORT_4 && len == 4)
			cur_ip(&value, 4, &l->transport);
		if (type == LDP_TRANSPORT_6 && len == 16)
			cur_ip(&value, 6, &l->transport);
	}
	return cur_ok(in);
}

/* The first message of a unit: type, length, number, values (3.5). */
static bool ldp_message_parse(struct cur *in, struct ldp *l)
{
	l->type = cur_be16(in);
	const uint16_t len = cur_be16(in);
	struct cur message = cur_sub(in, len);
	cur_skip(&message, 4);
	if (!cur_ok(in) || !cur_ok(&message) || !ldp_values_parse(&message, l))
		return false;
	return (l->type == LDP_HELLO && l->parameters == LDP_HELLO_PARAMETERS) ||
	       (l->type == LDP_INITIALIZATION && l->parameters == LDP_SESSION_PARAMETERS);
}

static bool ldp_parse(struct cur *in, struct ldp *l)
{
	struct cur head = *in;
	const uint16_t version = cur_be16(&head);

	l->length = cur_be16(&head);
	l->more = cur_left(in) < LDP_UNIT_HEAD;
	cur_ip4(&head, &l->router);
	cur_skip(&head, 2); /* label space */
	if (l->more || version != LDP_VERSION || l->length < LDP_ID || l->length > LDP_UNIT_MAX ||
	    ip4_number(l->router) == 0)
		return false;
	l->more = cur_left(&head) < l->length - (uint32_t)LDP_ID;
	struct cur unit = cur_sub(&head, l->length - (uint32_t)LDP_ID);
	if (l->more)
		return false;
	cur_skip(in, l->length + 4u);
	return ldp_message_parse(&unit, l);
}

static enum verdict ldp_tell(struct task *t, const struct packet *p, const struct ldp *l)
{
	const struct ip router = ip_from4(l->router);
	char text[IP_TEXT];

	tell_word(t, p, sender(p), FACT_LDP_LSR_ID, ip_format(&router, text));
	if (ip_is_host(&l->transport))
		tell_word(t, p, sender(p), FACT_LDP_TRANSPORT, ip_format(&l->transport, text));
	return LEARNED;
}

static enum verdict ldp_packet(struct task *t, struct packet *p, void *state)
{
	struct ldp l = {0};

	(void)state;
	if (!ldp_parse(&p->rest, &l) || l.type != LDP_HELLO)
		return p->cut ? MALFORMED : NOT_MINE;
	return ldp_tell(t, p, &l);
}

static enum verdict ldp_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct ldp l = {0};

	(void)state;
	if (!ldp_parse(in, &l))
		return l.more && !s->end ? NEED_MORE : NOT_MINE;
	had_enough(t);
	return l.type == LDP_INITIALIZATION ? ldp_tell(t, p, &l) : NOT_MINE;
}

SHOW(ldp, struct ldp, FIELD(struct ldp, length, SHOW_NUMBER), FIELD(struct ldp, router, SHOW_IP4),
     FIELD(struct ldp, type, SHOW_HEX), FIELD(struct ldp, parameters, SHOW_HEX),
     FIELD(struct ldp, more, SHOW_BOOL))

const struct observer observer_ldp = {
	.name = "ldp",
	.about = "routers that give each other labels",
	.spec = "RFC 5036, RFC 7552",
	.claims = CLAIMS({UDP_PORT, LDP_PORT, NULL}, {TCP_PORT, LDP_PORT, NULL}),
	.tells = TELLS({FACT_LDP_LSR_ID, SAYS, 95}, {FACT_LDP_TRANSPORT, SAYS, 90}),
	.shows = SHOWS(&ldp_show),
	.packet = ldp_packet,
	.stream = ldp_stream,
};

PROVE(ldp_parse, struct ldp)
