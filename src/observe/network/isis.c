/* SPDX-License-Identifier: Apache-2.0 */
/*
 * isis.c - IS-IS: routers' hellos, and the names and addresses that their link states tell.
 *
 * Whoever sends a hello is a router (ISO 10589, 9.5): in it are its own id and, by TLV 132 (RFC
 * 1195, 5.3), its addresses on this link; 137 is its name (RFC 5301). A link state is passed on
 * by others, so what is in it is not the sender's: none of it is told. A hello is padded up to
 * the link's size with TLVs of their own. Ids are told in the usual writing, 4 digits thrice.
 * On a line without MACs a router is known by the address in its hello.
 */
#include "observe/observer.h"

enum { ISIS_NLPID = 0x83, ISIS_LAN_1 = 15, ISIS_LAN_2 = 16, ISIS_POINT = 17 };
enum { ISIS_ADDRESSES = 132, ISIS_NAME = 137, ISIS_ADDRESSES_6 = 232, ISIS_ID_LEN = 6 };

struct isis {
	uint8_t type;
	bool hello;
	uint8_t id[ISIS_ID_LEN];
	struct cur values;
	uint32_t count;
};

struct isis_value {
	uint8_t type;
	struct cur value;
};

static struct isis_value isis_value_next(struct cur *in)
{
	struct isis_value v;

	v.type = cur_u8(in);
	v.value = cur_sub(in, cur_u8(in));
	return v;
}

static bool isis_judge(struct isis *s)
{
	struct cur rest = s->values;

	while (cur_more(&rest)) {
		const struct isis_value v = isis_value_next(&rest);
		(void)v;
		s->count += 1;
	}
	return cur_ok(&rest);
}

static bool isis_hello_parse(struct cur *in, uint32_t header, struct isis *s)
{
	const uint32_t at = cur_pos(in) - 8;

	cur_skip(in, 1); /* circuit type */
	cur_copy(in, s->id, sizeof s->id, sizeof s->id);
	cur_skip(in, 2); /* holding time */
	const uint32_t len = cur_be16(in);
	cur_skip(in, s->type == ISIS_POINT ? 1 : 8); /* circuit id; priority, LAN id */
	if (!cur_ok(in) || header != cur_pos(in) - at || len < header)
		return false;
	s->values = cur_sub(in, len - header);
	return cur_ok(in) && isis_judge(s);
}

static bool isis_parse(struct cur *in, struct isis *s)
{
	const uint8_t nlpid = cur_u8(in);
	const uint8_t header = cur_u8(in);
	const uint8_t version = cur_u8(in);
	const uint8_t id_len = cur_u8(in);

	s->values = cur_sub(in, 0);
	s->type = cur_u8(in) & 0x1f;
	cur_skip(in, 3);
	if (!cur_ok(in) || nlpid != ISIS_NLPID || version != 1)
		return false;
	s->hello = s->type >= ISIS_LAN_1 && s->type <= ISIS_POINT;
	if (!s->hello || (id_len != 0 && id_len != ISIS_ID_LEN)) {
		s->hello = false;
		return true;
	}
	return isis_hello_parse(in, header, s);
}

static void isis_tell_id(struct task *t, const struct packet *p, struct subject who,
                         const struct isis *s)
{
	struct text text;

	text_clear(&text);
	for (unsigned i = 0; i < ISIS_ID_LEN; i++) {
		if (i == 2 || i == 4)
			text_put(&text, '.');
		text_hex(&text, s->id[i]);
	}
	tell_string(t, p, who, FACT_ISIS_SYSTEM, &text);
}

/* The next address of a value of this type. False: it holds none, or no more. */
static bool isis_address_parse(struct cur *value, uint8_t type, struct ip *out)
{
	struct ip6 v6 = {0};
	struct ip4 v4 = {0};

	if (type != ISIS_ADDRESSES && type != ISIS_ADDRESSES_6)
		return false;
	if (type == ISIS_ADDRESSES)
		cur_ip4(value, &v4);
	else
		cur_ip6(value, &v6);
	if (!cur_ok(value))
		return false;
	*out = type == ISIS_ADDRESSES ? ip_from4(v4) : ip_from6(v6);
	return true;
}

static void isis_tell_addresses(struct task *t, const struct packet *p, struct isis_value v)
{
	struct ip ip;

	while (cur_more(&v.value)) {
		if (!isis_address_parse(&v.value, v.type, &ip))
			return;
		tell_address(t, p, p->source, ip);
	}
}

/* By its MAC; on a line without, by the first address that it says to be its own. */
static struct subject isis_sender(const struct packet *p, struct isis s)
{
	struct subject who = sender_link(p);

	if (!mac_is_zero(p->source))
		return who;
	for (uint32_t i = 0; i < CUR_MAX && i < s.count && cur_more(&s.values); i++) {
		struct isis_value v = isis_value_next(&s.values);
		if (isis_address_parse(&v.value, v.type, &who.ip))
			break;
	}
	return who;
}

static enum verdict isis_packet(struct task *t, struct packet *p, void *state)
{
	struct isis s = {0};

	(void)state;
	if (!isis_parse(&p->rest, &s))
		return MALFORMED;
	if (!s.hello)
		return NOTHING;
	const struct subject who = isis_sender(p, s);
	tell_word(t, p, who, FACT_ROLE, "router");
	isis_tell_id(t, p, who, &s);
	for (uint32_t i = 0; i < CUR_MAX && i < s.count && cur_more(&s.values); i++) {
		const struct isis_value v = isis_value_next(&s.values);
		isis_tell_addresses(t, p, v);
		if (v.type == ISIS_NAME)
			tell_text(t, p, who, FACT_NAME_HOST, v.value);
	}
	return LEARNED;
}

SHOW(isis, struct isis, FIELD(struct isis, type, SHOW_NUMBER), FIELD(struct isis, hello, SHOW_BOOL),
     FIELD(struct isis, count, SHOW_NUMBER))

const struct observer observer_isis = {
	.name = "isis",
	.about = "routers that speak IS-IS",
	.spec = "ISO 10589, RFC 1195, RFC 5301, RFC 5308",
	.claims = CLAIMS({LLC, 0xfe, NULL}, {ETHERTYPE, 0xfefe, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 95}, {FACT_ISIS_SYSTEM, SAYS, 95}, {FACT_IPV4, OWNER, 90},
                       {FACT_IPV6, OWNER, 90}, {FACT_NAME_HOST, SAYS, 90}),
	.shows = SHOWS(&isis_show),
	.packet = isis_packet,
};

PROVE(isis_parse, struct isis)
PROVE_WITH(isis_address_parse, struct ip, uint8_t)
