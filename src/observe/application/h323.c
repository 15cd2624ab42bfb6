/* SPDX-License-Identifier: Apache-2.0 */
/*
 * h323.c - telephones, gateways and gatekeepers of H.323, by what they say when they look for a
 * gatekeeper, register at it, and call (ITU-T H.225.0 version 7, annex H; X.691, aligned).
 *
 * Two ways carry the same types. RAS is a datagram: GatekeeperRequest and RegistrationRequest
 * say who the sender is, the confirms by which name a gatekeeper goes. Call signalling is TCP:
 * TPKT (RFC 1006) around Q.931, whose user-user element (7e) holds the message; SETUP says what
 * calls, and the first answers say what was called.
 *
 * Each message that is read begins with the identifier of H.225.0 itself, so that nothing else is
 * taken for one. Aliases are told of who registers, never of who calls: a gatekeeper passes calls
 * on with the caller's own name. For the same reason the product of a call is less sure than that
 * of a registration. Maker: T.35 country, its extension, and the maker's number there.
 */
#include "observe/shared/message.h"
#include "observe/shared/per.h"

enum { H323_PORT = 1720, RAS_DISCOVERY_PORT = 1718, RAS_PORT = 1719 };
enum { H323_LONGEST = 8192, H323_MESSAGES = 6, H323_LIST_MAX = 16 };
enum { RAS_GATEKEEPER_REQUEST = 0, RAS_GATEKEEPER_CONFIRM = 1 };
enum { RAS_REGISTRATION_REQUEST = 3, RAS_REGISTRATION_CONFIRM = 4 };
enum { Q931 = 8, Q931_USER_USER = 0x7e, Q931_X208 = 5 };
enum { Q931_ALERTING = 1, Q931_PROCEEDING = 2, Q931_SETUP = 5, Q931_CONNECT = 7 };

struct h323_maker {
	uint8_t country, extension;
	uint16_t code;
};

/* VendorIdentifier. */
struct h323_vendor {
	bool present;
	struct h323_maker maker;
	struct cur product, version;
};

/* EndpointType; an endpoint may be several things at once. */
struct h323_endpoint {
	struct h323_vendor vendor;
	bool gatekeeper, gateway, mcu, terminal;
};

/* ---- the types that messages share --------------------------------------- */

/* H221NonStandard. */
static void h323_maker(struct per *p, struct h323_maker *m)
{
	const bool added = per_bit(p);

	m->country = per_u8(p);
	m->extension = per_u8(p);
	m->code = per_be16(p);
	per_added(p, added);
}

/* NonStandardParameter: the maker's own. */
static void h323_own(struct per *p)
{
	struct h323_maker maker;

	if (per_choice(p, 1) == 1)
		h323_maker(p, &maker);
	else
		(void)per_open(p);
	(void)per_open(p);
}

/* OCTET STRING (SIZE(1..256)); some fill it up with zeros. */
static struct cur h323_string(struct per *p)
{
	struct cur all = per_bytes(p, per_u8(p) + 1u), rest = all;
	uint32_t len = 0;

	while (cur_more(&rest) && cur_u8(&rest) != 0)
		len++;
	cur_cut(&all, len);
	return all;
}

static void h323_vendor(struct per *p, struct h323_vendor *v)
{
	const bool added = per_bit(p), product = per_bit(p), version = per_bit(p);

	h323_maker(p, &v->maker);
	if (product) {
		struct cur text = h323_string(p);
		v->product = cur_rest(&text);
	}
	if (version) {
		struct cur text = h323_string(p);
		v->version = cur_rest(&text);
	}
	per_added(p, added);
	v->present = true;
}

/* GatekeeperInfo, McuInfo, TerminalInfo, and what each supported protocol has. */
static void h323_info(struct per *p)
{
	const bool added = per_bit(p), own = per_bit(p);

	if (own)
		h323_own(p);
	per_added(p, added);
}

/* SupportedProtocols: the maker's own, eight that are alike, and later ones. */
static void h323_protocol(struct per *p)
{
	const uint32_t which = per_choice(p, 4);

	if (which >= PER_ADDED)
		(void)per_open(p);
	else if (which == 0)
		h323_own(p);
	else if (which <= 8)
		h323_info(p);
	else
		cur_fail(&p->in);
}

/* GatewayInfo. */
static void h323_gateway(struct per *p)
{
	const bool added = per_bit(p), protocols = per_bit(p), own = per_bit(p);
	const uint32_t count = protocols ? per_length(p) : 0;

	if (count > H323_LIST_MAX)
		cur_fail(&p->in);
	for (unsigned i = 0; i < H323_LIST_MAX && i < count; i++)
		h323_protocol(p);
	if (own)
		h323_own(p);
	per_added(p, added);
}

static void h323_endpoint(struct per *p, struct h323_endpoint *e)
{
	const bool added = per_bit(p), own = per_bit(p), vendor = per_bit(p);

	e->gatekeeper = per_bit(p);
	e->gateway = per_bit(p);
	e->mcu = per_bit(p);
	e->terminal = per_bit(p);
	if (own)
		h323_own(p);
	if (vendor)
		h323_vendor(p, &e->vendor);
	if (e->gatekeeper)
		h323_info(p);
	if (e->gateway)
		h323_gateway(p);
	if (e->mcu)
		h323_info(p);
	if (e->terminal)
		h323_info(p);
	(void)per_bits(p, 2); /* mc, undefinedNode */
	per_added(p, added);
}

/* TransportAddress, as far as it is one of IP: the others went out of use with their networks. */
static void h323_address(struct per *p)
{
	const uint32_t which = per_choice(p, 3);

	if (which != 0 && which != 3) {
		cur_fail(&p->in);
		return;
	}
	const bool added = per_bit(p);
	(void)per_bytes(p, which == 0 ? 4 : 16);
	(void)per_be16(p);
	per_added(p, added);
}

static void h323_addresses(struct per *p)
{
	const uint32_t count = per_length(p);

	if (count > H323_LIST_MAX)
		cur_fail(&p->in);
	for (unsigned i = 0; i < H323_LIST_MAX && i < count; i++)
		h323_address(p);
}

/* IA5String (SIZE(1..128)) of thirteen characters, each four bits. */
static void h323_digits(struct per *p, struct text *t)
{
	static const char digits[16] = "#*,0123456789";
	const uint32_t count = per_bits(p, 7) + 1;

	text_clear(t);
	p->unread = 0;
	for (unsigned i = 0; i < 128 && i < count; i++) {
		const char digit = digits[per_bits(p, 4) % 16];
		if (digit == 0)
			cur_fail(&p->in);
		text_put(t, text_byte(digit));
	}
}

/* AliasAddress: the last name and the last number stay. */
static void h323_alias(struct per *p, struct text *name, struct text *number)
{
	const uint32_t which = per_choice(p, 1);

	if (which >= PER_ADDED)
		(void)per_open(p);
	else if (which == 0)
		h323_digits(p, number);
	else
		per_wide(p, per_u8(p) + 1u, name);
}

/* The identifier of H.225.0, in any version. */
static bool h323_is_it(struct per *p)
{
	p->unread = 0;
	return cur_is(&p->in, "\x06\x00\x08\x91\x4a\x00") && cur_u8(&p->in) > 0;
}

static void h323_begin(const struct cur *in, struct h323_vendor *v)
{
	struct cur here = *in;

	v->product = cur_sub(&here, 0);
	v->version = cur_sub(&here, 0);
}

static void h323_tell(struct task *t, const struct packet *p, const struct h323_endpoint *e)
{
	struct text maker = {0};

	tell_readable(t, p, FACT_H323_PRODUCT, e->vendor.product);
	tell_readable(t, p, FACT_H323_VERSION, e->vendor.version);
	text_decimal(&maker, e->vendor.maker.country);
	text_add(&maker, "/");
	text_decimal(&maker, e->vendor.maker.extension);
	text_add(&maker, "/");
	text_decimal(&maker, e->vendor.maker.code);
	if (e->vendor.present)
		tell_string(t, p, sender(p), FACT_H323_VENDOR, &maker);
	if (e->gatekeeper)
		tell_word(t, p, sender(p), FACT_H323_TYPE, "gatekeeper");
	if (e->gateway)
		tell_word(t, p, sender(p), FACT_H323_TYPE, "gateway");
	if (e->mcu)
		tell_word(t, p, sender(p), FACT_H323_TYPE, "mcu");
	if (e->terminal)
		tell_word(t, p, sender(p), FACT_H323_TYPE, "terminal");
}

/* ---- registration, admission and status (7.6 to 7.9) ---------------------- */

struct ras {
	uint32_t message;
	struct h323_endpoint endpoint;
	struct text gatekeeper, name, number;
};

/* GatekeeperIdentifier: BMPString (SIZE(1..128)). */
static void ras_gatekeeper(struct per *p, struct text *t)
{
	per_wide(p, per_bits(p, 7) + 1, t);
}

static void ras_aliases(struct per *p, struct text *name, struct text *number)
{
	const uint32_t count = per_length(p);

	if (count > H323_LIST_MAX)
		cur_fail(&p->in);
	for (unsigned i = 0; i < H323_LIST_MAX && i < count; i++)
		h323_alias(p, name, number);
}

/* What all begin with, behind their bits: the request's number, whose protocol it is, what vendors add. */
static void ras_begin(struct per *p, bool own)
{
	(void)per_be16(p);
	if (!h323_is_it(p))
		cur_fail(&p->in);
	if (own)
		h323_own(p);
}

/* GatekeeperRequest. It asks for a gatekeeper by its name: that is not the sender's. */
static void ras_search(struct per *p, struct ras *m)
{
	struct text wanted;
	const bool added = per_bit(p), own = per_bit(p), gatekeeper = per_bit(p);
	const bool services = per_bit(p), aliases = per_bit(p);

	(void)added; /* stands behind all that is read */
	ras_begin(p, own);
	h323_address(p);
	h323_endpoint(p, &m->endpoint);
	if (gatekeeper)
		ras_gatekeeper(p, &wanted);
	if (aliases && !services) /* the services are bits before them that nobody sends */
		ras_aliases(p, &m->name, &m->number);
}

static void ras_register(struct per *p, struct ras *m)
{
	struct text wanted;
	const bool added = per_bit(p), own = per_bit(p), aliases = per_bit(p);
	const bool gatekeeper = per_bit(p);

	(void)added;
	ras_begin(p, own);
	(void)per_bit(p); /* discoveryComplete */
	h323_addresses(p);
	h323_addresses(p);
	h323_endpoint(p, &m->endpoint);
	if (aliases)
		ras_aliases(p, &m->name, &m->number);
	if (gatekeeper)
		ras_gatekeeper(p, &wanted);
	h323_vendor(p, &m->endpoint.vendor);
}

/* GatekeeperConfirm and RegistrationConfirm; the aliases of the latter are who registered. */
static void ras_confirm(struct per *p, struct ras *m, bool registration)
{
	struct text name, number;
	const bool added = per_bit(p), own = per_bit(p);
	const bool aliases = registration && per_bit(p), gatekeeper = per_bit(p);

	(void)added;
	ras_begin(p, own);
	if (registration)
		h323_addresses(p);
	if (aliases)
		ras_aliases(p, &name, &number);
	if (gatekeeper)
		ras_gatekeeper(p, &m->gatekeeper);
	m->endpoint.gatekeeper = true;
}

static bool h323_ras_parse(struct cur *in, struct ras *m)
{
	struct per p = per_make(*in);

	h323_begin(in, &m->endpoint.vendor);
	cur_skip(in, cur_left(in));
	m->message = per_choice(&p, 5);
	if (m->message == RAS_GATEKEEPER_REQUEST)
		ras_search(&p, m);
	else if (m->message == RAS_REGISTRATION_REQUEST)
		ras_register(&p, m);
	else if (m->message == RAS_GATEKEEPER_CONFIRM || m->message == RAS_REGISTRATION_CONFIRM)
		ras_confirm(&p, m, m->message == RAS_REGISTRATION_CONFIRM);
	else
		cur_fail(&p.in);
	return cur_ok(&p.in);
}

static enum verdict h323_ras_packet(struct task *t, struct packet *p, void *state)
{
	struct ras m = {0};

	(void)state;
	if (!h323_ras_parse(&p->rest, &m))
		return NOT_MINE;
	h323_tell(t, p, &m.endpoint);
	if (m.name.len > 0)
		tell_string(t, p, sender(p), FACT_H323_ALIAS, &m.name);
	if (m.number.len > 0)
		tell_string(t, p, sender(p), FACT_H323_ALIAS, &m.number);
	if (m.gatekeeper.len > 0)
		tell_string(t, p, sender(p), FACT_H323_GATEKEEPER, &m.gatekeeper);
	return LEARNED;
}

SHOW(h323_ras, struct ras, FIELD(struct ras, message, SHOW_NUMBER),
     FIELD(struct ras, endpoint.vendor.maker.code, SHOW_NUMBER),
     FIELD(struct ras, endpoint.terminal, SHOW_BOOL), FIELD(struct ras, name, SHOW_TEXT),
     FIELD(struct ras, number, SHOW_TEXT), FIELD(struct ras, gatekeeper, SHOW_TEXT))

const struct observer observer_h323_ras = {
	.name = "h323_ras",
	.about = "telephones and gatekeepers that register",
	.spec = "ITU-T H.225.0, 7.6 to 7.9; X.691",
	.claims = CLAIMS({UDP_PORT, RAS_DISCOVERY_PORT, NULL}, {UDP_PORT, RAS_PORT, NULL}),
	.tells = TELLS({FACT_H323_PRODUCT, SAYS, 95}, {FACT_H323_VERSION, SAYS, 95},
                       {FACT_H323_VENDOR, SAYS, 95}, {FACT_H323_TYPE, SAYS, 95},
                       {FACT_H323_ALIAS, SAYS, 90}, {FACT_H323_GATEKEEPER, SAYS, 90}),
	.shows = SHOWS(&h323_ras_show),
	.packet = h323_ras_packet,
};

PROVE(h323_ras_parse, struct ras)

/* ---- call signalling (7.3) ------------------------------------------------ */

struct h323 {
	bool more, is_user; /* is_user: the message has a body that is read */
	uint8_t type;
	struct h323_endpoint endpoint;
};

/* The user-user element of a Q.931 message; those of one byte have their highest bit set. */
static bool h323_user(struct cur *q931, struct cur *user)
{
	while (cur_more(q931)) {
		const uint8_t id = cur_u8(q931);
		if (id >= 0x80)
			continue;
		*user = cur_sub(q931, id == Q931_USER_USER ? cur_be16(q931) : cur_u8(q931));
		if (id == Q931_USER_USER)
			return cur_ok(q931) && cur_u8(user) == Q931_X208;
	}
	return false;
}

/* The body's optional fields up to sourceInfo or destinationInfo, which all four have. */
static void h323_body(struct per *p, uint32_t body, struct h323 *m)
{
	const bool is_setup = body == 0, is_connect = body == 2;
	bool aliases = false;
	struct text name, number;

	(void)per_bit(p); /* additions: behind all that is read */
	const bool address = per_bit(p);
	if (is_setup) {
		aliases = per_bit(p);
		(void)per_bits(p, 5);
	}
	if (!h323_is_it(p))
		cur_fail(&p->in);
	if (address && (is_setup || is_connect))
		h323_address(p);
	if (aliases)
		ras_aliases(p, &name, &number);
	h323_endpoint(p, &m->endpoint);
}

/* H323-UserInformation: setup, callProceeding, connect or alerting, as Q.931 says too. */
static bool h323_information(struct cur user, struct h323 *m)
{
	struct per p = per_make(user);

	(void)per_bits(&p, 4); /* additions and user-data; additions and the maker's own */
	const uint32_t body = per_choice(&p, 3);
	m->is_user =
		(body == 0 && m->type == Q931_SETUP) || (body == 1 && m->type == Q931_PROCEEDING) ||
		(body == 2 && m->type == Q931_CONNECT) || (body == 3 && m->type == Q931_ALERTING);
	if (m->is_user)
		h323_body(&p, body, m);
	return cur_ok(&p.in);
}

static bool h323_parse(struct cur *in, struct h323 *m)
{
	struct cur head = *in, user = cur_sub(&head, 0);
	struct message message = {0};

	h323_begin(in, &m->endpoint.vendor);
	const bool is_tpkt = cur_is(&head, "\x03\x00");
	const uint32_t len = cur_be16(&head);
	if (!is_tpkt || !cur_ok(&head)) {
		m->more = cur_left(in) < 4 && (is_tpkt || cur_left(in) < 2);
		return false;
	}
	if (len < 5 || !message_take(in, len, H323_LONGEST, &message)) {
		m->more = message.more;
		return false;
	}
	cur_skip(&message.body, 4);
	if (cur_u8(&message.body) != Q931)
		return false;
	cur_skip(&message.body, cur_u8(&message.body) % 16u);
	m->type = cur_u8(&message.body);
	if (!cur_ok(&message.body))
		return false;
	return !h323_user(&message.body, &user) || h323_information(user, m);
}

static enum verdict h323_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	uint8_t *count = state;
	struct h323 m = {0};

	if (s->midstream || *count >= H323_MESSAGES)
		return message_pass(in);
	if (!h323_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	*count = (uint8_t)(*count + 1);
	if (!m.is_user)
		return NOTHING;
	h323_tell(t, p, &m.endpoint);
	return LEARNED;
}

SHOW(h323, struct h323, FIELD(struct h323, type, SHOW_NUMBER),
     FIELD(struct h323, is_user, SHOW_BOOL),
     FIELD(struct h323, endpoint.vendor.maker.code, SHOW_NUMBER),
     FIELD(struct h323, endpoint.terminal, SHOW_BOOL))

const struct observer observer_h323 = {
	.name = "h323",
	.about = "telephones and gateways that call",
	.spec = "ITU-T H.225.0, 7.3; Q.931; X.691; RFC 1006",
	.claims = CLAIMS({TCP_PORT, H323_PORT, NULL}),
	.tells = TELLS({FACT_H323_PRODUCT, SAYS, 70}, {FACT_H323_VERSION, SAYS, 70},
                       {FACT_H323_VENDOR, SAYS, 70}, {FACT_H323_TYPE, SAYS, 70}),
	.shows = SHOWS(&h323_show),
	.flow_state_size = sizeof(uint8_t),
	.stream = h323_stream,
};

PROVE(h323_parse, struct h323)
