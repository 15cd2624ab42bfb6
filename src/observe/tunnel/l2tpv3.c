/* SPDX-License-Identifier: Apache-2.0 */
/*
 * l2tpv3.c - L2TP version 3: what the two ends of a tunnel call themselves.
 *
 * It goes over IP, where four zeros mark a control message and else the session's number stands
 * (RFC 3931, 4.1.1), or over UDP on version 2's port (4.1.2). A control message has a header of twelve
 * bytes with all flags set, and attributes (3.2.1, 5): the host's name, its vendor's, and the number
 * by which a router is known.
 *
 * What is carried stands behind a cookie of 0, 4 or 8 bytes and a sublayer of 0 or 4, as the ends
 * have agreed on before (4.1, 4.6), and is no frame of Ethernet unless they agreed on that. Without the
 * agreement it is taken for one only where it proves to be: by the checksum of an IPv4 header in it,
 * by IPv6's length, or by an ARP message that names the frame's own source. The numbers of sessions
 * differ between the directions, and name no realm.
 */
#include "net/mac.h"
#include "observe/shared/checksum.h"
#include "observe/shared/l2tp_attribute.h"

enum { L2TPV3_PORT = 1701, L2TPV3_PROTOCOL = 115, L2TPV3_HEAD = 12 };
enum { L2TPV3_CONTROL = 0xc803, L2TPV3_FIXED = 0xc80f, L2TPV3_ROUTER = 60 };
enum { L2TPV3_PLACES = 4, LINKTYPE_ETHERNET = 1 };
enum { TYPE_IPV4 = 0x0800, TYPE_ARP = 0x0806, TYPE_VLAN = 0x8100, TYPE_IPV6 = 0x86dd };

struct l2tpv3 {
	uint16_t flags, length;
	uint32_t connection;
	uint32_t count; /* of attributes */
};

/* The length is that of the message, from its flags on (3.2.1). */
static bool l2tpv3_parse(struct cur *in, struct l2tpv3 *l)
{
	const uint32_t left = cur_left(in);

	l->flags = cur_be16(in);
	l->length = cur_be16(in);
	l->connection = cur_be32(in);
	cur_skip(in, 4); /* sent, received */
	return cur_ok(in) && (l->flags & L2TPV3_FIXED) == L2TPV3_CONTROL &&
	       l->length >= L2TPV3_HEAD && l->length == left &&
	       l2tp_attributes_judge(*in, &l->count);
}

struct l2tpv3_router {
	struct ip4 id;
};

static bool l2tpv3_router_parse(struct cur *in, struct l2tpv3_router *r)
{
	cur_ip4(in, &r->id);
	return cur_ok(in) && cur_left(in) == 0;
}

static void l2tpv3_tell_router(struct task *t, const struct packet *p, struct cur value)
{
	struct l2tpv3_router r = {0};
	char text[IP_TEXT];

	if (!l2tpv3_router_parse(&value, &r))
		return;
	const struct ip id = ip_from4(r.id);
	tell_word(t, p, sender(p), FACT_L2TP_ROUTER_ID, ip_format(&id, text));
}

/* ---- what is carried */

/* Hardware, protocol, lengths, question or answer, and the sender (RFC 826). */
static bool l2tpv3_is_arp(struct cur in, struct mac source)
{
	const uint64_t head = cur_be64(&in);
	struct mac mac = {{0}};

	cur_mac(&in, &mac);
	return cur_ok(&in) && (head == 0x0001080006040001 || head == 0x0001080006040002) &&
	       mac_equal(mac, source);
}

/* A header whose checksum holds, no longer than what is left. */
static bool l2tpv3_is_ip4(struct cur in)
{
	const uint32_t left = cur_left(&in);
	const uint32_t words = cur_peek8(&in) & 0x0fu;
	const bool version = cur_peek8(&in) >> 4 == 4;
	struct cur header = cur_sub(&in, words * 4u);
	struct cur length = header;

	cur_skip(&length, 2);
	const uint16_t total = cur_be16(&length);
	return version && words >= 5 && cur_ok(&in) && total <= left && total >= words * 4u &&
	       checksum_holds(header);
}

static bool l2tpv3_is_ip6(struct cur in)
{
	const uint8_t version = cur_peek8(&in) >> 4;

	cur_skip(&in, 4);
	const uint16_t len = cur_be16(&in);
	cur_skip(&in, 34);
	return cur_ok(&in) && version == 6 && len == cur_left(&in);
}

static bool l2tpv3_is_frame(struct cur in)
{
	struct mac source = {{0}};

	cur_skip(&in, sizeof source.b);
	cur_mac(&in, &source);
	uint16_t type = cur_be16(&in);
	if (type == TYPE_VLAN) {
		cur_skip(&in, 2);
		type = cur_be16(&in);
	}
	if (!cur_ok(&in) || !mac_is_device(source))
		return false;
	return (type == TYPE_ARP && l2tpv3_is_arp(in, source)) ||
	       (type == TYPE_IPV4 && l2tpv3_is_ip4(in)) || (type == TYPE_IPV6 && l2tpv3_is_ip6(in));
}

struct l2tpv3_frame {
	uint32_t before; /* bytes of cookie and sublayer */
};

/* Leaves `in` where the frame begins. */
static bool l2tpv3_frame_parse(struct cur *in, struct l2tpv3_frame *f)
{
	const uint32_t at = cur_pos(in);

	for (unsigned i = 0; i < L2TPV3_PLACES; i++) {
		f->before = i * 4;
		cur_seek(in, at + f->before);
		if (l2tpv3_is_frame(*in))
			return true;
	}
	return false;
}

struct l2tpv3_session {
	uint32_t number;
};

/* Over IP a session's number is what is not zero; over UDP flags and two zeros stand before it. */
static bool l2tpv3_session_parse(struct cur *in, uint8_t protocol, struct l2tpv3_session *s)
{
	if (protocol == L2TPV3_PROTOCOL ? cur_is(in, "\0\0\0\0") : !cur_is(in, "\0\3\0\0"))
		return false;
	s->number = cur_be32(in);
	return cur_ok(in) && s->number != 0;
}

static enum verdict l2tpv3_data(struct task *t, struct packet *p)
{
	struct l2tpv3_frame f = {0};
	struct packet inner = {0};

	if (!l2tpv3_frame_parse(&p->rest, &f))
		return NOTHING;
	if (packet_enter(t, p, "l2tpv3", false, 0, &inner))
		forward(t, &inner, LINKTYPE, LINKTYPE_ETHERNET);
	return LEARNED;
}

static enum verdict l2tpv3_packet(struct task *t, struct packet *p, void *state)
{
	const bool bare = p->protocol == L2TPV3_PROTOCOL;
	struct l2tpv3_session session = {0};
	struct l2tpv3 l = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (l2tpv3_session_parse(&p->rest, p->protocol, &session))
		return l2tpv3_data(t, p);
	if (!l2tpv3_parse(&p->rest, &l))
		return bare ? MALFORMED : NOT_MINE;
	for (uint32_t i = 0; i < CUR_MAX && i < l.count && cur_more(&p->rest); i++) {
		struct l2tp_attribute a = l2tp_attribute_next(&p->rest);
		if (a.hidden || a.vendor != 0)
			continue;
		l2tp_tell_name(t, p, &a);
		if (a.type == L2TPV3_ROUTER)
			l2tpv3_tell_router(t, p, a.value);
	}
	return l.count > 0 ? LEARNED : NOTHING;
}

SHOW(l2tpv3, struct l2tpv3, FIELD(struct l2tpv3, flags, SHOW_HEX),
     FIELD(struct l2tpv3, length, SHOW_NUMBER), FIELD(struct l2tpv3, connection, SHOW_HEX),
     FIELD(struct l2tpv3, count, SHOW_NUMBER))

SHOW(l2tpv3_frame, struct l2tpv3_frame, FIELD(struct l2tpv3_frame, before, SHOW_NUMBER))

const struct observer observer_l2tpv3 = {
	.name = "l2tpv3",
	.about = "L2TP version 3: the ends of tunnels",
	.spec = "RFC 3931",
	.claims = CLAIMS({IP_PROTOCOL, L2TPV3_PROTOCOL, NULL}, {UDP_PORT, L2TPV3_PORT, NULL}),
	.tells = TELLS({FACT_L2TP_HOST, SAYS, 90}, {FACT_L2TP_VENDOR, SAYS, 90},
                       {FACT_L2TP_ROUTER_ID, SAYS, 90}),
	.shows = SHOWS(&l2tpv3_show, &l2tpv3_frame_show),
	.packet = l2tpv3_packet,
};

PROVE(l2tpv3_parse, struct l2tpv3)
PROVE_WITH(l2tpv3_session_parse, struct l2tpv3_session, uint8_t)
PROVE(l2tpv3_frame_parse, struct l2tpv3_frame)
PROVE(l2tpv3_router_parse, struct l2tpv3_router)
