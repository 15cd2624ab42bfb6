/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dhcp6.c - what DHCPv6 messages say of clients, servers and relays (RFC 8415).
 *
 * A client writes to all servers of the link, from its own link-local address: what it writes is
 * told of the sender. Once a relay has passed it on, the client is the innermost relay message's
 * peer, and its MAC the one in option 79 (RFC 6939); without that the client is unknown, since many
 * links have the same link-local addresses.
 *
 *	client   DUID (1), option request (6), user class (15), vendor class (16), name (39),
 *	         URL of its maker's usage description (112)
 *	server   an address that is bound in a reply is told of the receiver; name and time servers
 *	         are what the server says of others
 *
 * A relay hands a server's answer on as if it were its own, and one relay to the next: only whose
 * DUID has the MAC that sends is surely a server. Options stand for themselves, in any order; those
 * of an address stand within its association (3).
 */
#include "observe/observer.h"

enum { DHCP6_CLIENT_PORT = 546, DHCP6_SERVER_PORT = 547 };
enum { DHCP6_RELAYS_MAX = 8, DHCP6_SERVERS_MAX = 16 };

enum dhcp6_type {
	DHCP6_SOLICIT = 1,
	DHCP6_ADVERTISE = 2,
	DHCP6_REPLY = 7,
	DHCP6_RELEASE = 8,
	DHCP6_DECLINE = 9,
	DHCP6_RECONFIGURE = 10,
	DHCP6_INFORMATION = 11,
	DHCP6_RELAY = 12,
	DHCP6_RELAY_REPLY = 13
};

enum dhcp6_code {
	DHCP6_CLIENT_ID = 1,
	DHCP6_SERVER_ID = 2,
	DHCP6_IA_NA = 3,
	DHCP6_IA_ADDRESS = 5,
	DHCP6_REQUEST = 6,
	DHCP6_RELAYED = 9,
	DHCP6_USER_CLASS = 15,
	DHCP6_VENDOR_CLASS = 16,
	DHCP6_DNS = 23,
	DHCP6_SNTP = 31,
	DHCP6_FQDN = 39,
	DHCP6_LINK_ADDRESS = 79,
	DHCP6_MUD = 112
};

struct dhcp6 {
	uint8_t outer;  /* type of the message as it comes */
	uint8_t type;   /* of the client's or server's message within */
	uint8_t relays; /* that it came through */
	struct ip6 peer;
	struct mac link; /* option 79 of the innermost relay */
	struct cur server_id;
	struct cur options;
};

struct dhcp6_option {
	uint16_t code;
	struct cur value;
};

/* An address and how long it lasts, at most; 0: it is taken back. */
struct dhcp6_address {
	struct ip6 ip;
	uint32_t valid_s;
};

/* ---- parse */

static struct dhcp6_option dhcp6_option_next(struct cur *in)
{
	struct dhcp6_option o;

	o.code = cur_be16(in);
	o.value = cur_sub(in, cur_be16(in));
	return o;
}

/* Hardware type 1 and six bytes. */
static void dhcp6_link_parse(struct cur value, struct dhcp6 *d)
{
	if (cur_be16(&value) == 1 && cur_left(&value) == 6)
		cur_mac(&value, &d->link);
}

/* Walks the options of a relay's message; what it passes on is the rest to be read. */
static void dhcp6_relay_parse(struct cur *in, struct dhcp6 *d)
{
	const struct mac none = {{0}};
	struct cur inner = cur_sub(in, 0);
	bool found = false;

	d->link = none;
	cur_skip(in, 17);
	cur_ip6(in, &d->peer);
	struct cur rest = cur_rest(in);
	while (cur_more(&rest)) {
		struct dhcp6_option o = dhcp6_option_next(&rest);
		if (o.code == DHCP6_LINK_ADDRESS)
			dhcp6_link_parse(o.value, d);
		if (o.code == DHCP6_RELAYED) {
			inner = cur_rest(&o.value);
			found = true;
		}
	}
	d->options = cur_rest(&inner);
	if (!found || !cur_ok(&rest))
		cur_fail(&d->options);
}

static bool dhcp6_judge(struct dhcp6 *d)
{
	struct cur rest = d->options;

	while (cur_more(&rest)) {
		struct dhcp6_option o = dhcp6_option_next(&rest);
		if (o.code == DHCP6_SERVER_ID)
			d->server_id = cur_rest(&o.value);
	}
	return cur_ok(&rest);
}

static bool dhcp6_parse(struct cur *in, struct dhcp6 *d)
{
	d->server_id = cur_sub(in, 0);
	d->outer = cur_peek8(in);
	d->type = cur_u8(in);
	d->options = cur_rest(in);
	for (uint32_t i = 0; i < DHCP6_RELAYS_MAX && d->type >= DHCP6_RELAY; i++) {
		if (d->type > DHCP6_RELAY_REPLY)
			return false;
		struct cur relayed = cur_rest(&d->options);
		dhcp6_relay_parse(&relayed, d);
		d->relays += 1;
		d->type = cur_u8(&d->options);
	}
	cur_skip(&d->options, 3); /* transaction */
	return cur_ok(&d->options) && d->type >= DHCP6_SOLICIT && d->type <= DHCP6_INFORMATION &&
	       dhcp6_judge(d);
}

/* Labels, of which the last may have no end: the name is partial then (RFC 4704, 4.2). */
static bool dhcp6_name_parse(struct cur *in, struct text *name)
{
	cur_skip(in, 1);
	while (cur_more(in)) {
		const uint8_t len = cur_u8(in);
		if (len == 0)
			break;
		if (len > 63)
			return false;
		cur_dns_label(in, len, name);
	}
	return cur_ok(in);
}

static bool dhcp6_address_parse(struct cur *in, struct dhcp6_address *a)
{
	cur_ip6(in, &a->ip);
	cur_skip(in, 4);
	a->valid_s = cur_be32(in);
	return cur_ok(in);
}

/* DUID-LLT (1) and DUID-LL (3) end with a hardware address (RFC 8415, 11.2 and 11.4). */
static bool dhcp6_duid_parse(struct cur *in, struct mac *mac)
{
	const uint16_t type = cur_be16(in);

	if ((type != 1 && type != 3) || cur_be16(in) != 1)
		return false;
	if (type == 1)
		cur_skip(in, 4);
	cur_mac(in, mac);
	return cur_ok(in) && cur_left(in) == 0;
}

/* ---- tell */

static void dhcp6_tell_bytes(struct task *t, const struct packet *p, struct subject who,
                             enum fact_kind kind, struct cur value)
{
	const uint32_t len = cur_left(&value);
	uint8_t bytes[130] = {0};

	if (len > 0 && cur_copy(&value, bytes, sizeof bytes, len))
		tell_bytes(t, p, who, kind, bytes, len);
}

/* Strings, each after its length. */
static void dhcp6_tell_strings(struct task *t, const struct packet *p, struct subject who,
                               enum fact_kind kind, struct cur value)
{
	while (cur_more(&value)) {
		struct cur string = cur_sub(&value, cur_be16(&value));
		if (cur_ok(&value) && cur_left(&string) > 0)
			tell_text(t, p, who, kind, string);
	}
}

/* Codes of two bytes, as decimals joined by commas. */
static void dhcp6_tell_request(struct task *t, const struct packet *p, struct subject who,
                               struct cur value)
{
	struct text text;

	text_clear(&text);
	while (cur_more(&value)) {
		if (text.len > 0)
			text_put(&text, ',');
		text_decimal(&text, cur_be16(&value));
	}
	if (cur_ok(&value) && text.len > 0)
		tell_string(t, p, who, FACT_DHCP6_PARAMS, &text);
}

static void dhcp6_tell_name(struct task *t, const struct packet *p, struct subject who,
                            struct cur value)
{
	struct text name;

	text_clear(&name);
	if (dhcp6_name_parse(&value, &name) && name.len > 0)
		tell_string(t, p, who, FACT_NAME_HOST, &name);
}

static void dhcp6_tell_vendor(struct task *t, const struct packet *p, struct subject who,
                              struct cur value)
{
	const uint32_t enterprise = cur_be32(&value);

	if (cur_ok(&value))
		tell_number(t, p, who, FACT_DHCP6_ENTERPRISE, enterprise);
	dhcp6_tell_strings(t, p, who, FACT_DHCP6_VENDOR_CLASS, value);
}

static void dhcp6_tell_client(struct task *t, const struct packet *p, struct subject who,
                              const struct dhcp6_option *o)
{
	switch (o->code) {
	case DHCP6_CLIENT_ID:
		dhcp6_tell_bytes(t, p, who, FACT_DHCP6_DUID, o->value);
		break;
	case DHCP6_REQUEST:
		dhcp6_tell_request(t, p, who, o->value);
		break;
	case DHCP6_USER_CLASS:
		dhcp6_tell_strings(t, p, who, FACT_DHCP6_USER_CLASS, o->value);
		break;
	case DHCP6_VENDOR_CLASS:
		dhcp6_tell_vendor(t, p, who, o->value);
		break;
	case DHCP6_FQDN:
		dhcp6_tell_name(t, p, who, o->value);
		break;
	case DHCP6_MUD:
		tell_text(t, p, who, FACT_DHCP6_MUD_URL, o->value);
		break;
	default:
		break;
	}
}

/* Not what an association says, but the addresses in it. */
static void dhcp6_tell_lease(struct task *t, const struct packet *p, struct cur value)
{
	cur_skip(&value, 12);
	while (cur_more(&value)) {
		struct dhcp6_option o = dhcp6_option_next(&value);
		struct dhcp6_address a = {0};
		if (o.code == DHCP6_IA_ADDRESS && dhcp6_address_parse(&o.value, &a) &&
		    a.valid_s > 0)
			tell_address(t, p, p->destination, ip_from6(a.ip));
	}
}

static void dhcp6_tell_servers(struct task *t, const struct packet *p, struct cur value,
                               const char *role)
{
	const struct mac unknown = {{0}};

	for (uint32_t i = 0; i < DHCP6_SERVERS_MAX && cur_more(&value); i++) {
		struct ip6 v6 = {0};
		cur_ip6(&value, &v6);
		const struct ip ip = ip_from6(v6);
		if (cur_ok(&value) && ip_is_host(&ip))
			tell_word(t, p, subject_of(unknown, ip), FACT_ROLE_TOLD, role);
	}
}

/* A lease binds its receiver, where that is one host, and no relay in between. */
static void dhcp6_tell_server(struct task *t, const struct packet *p, const struct dhcp6 *d,
                              const struct dhcp6_option *o)
{
	if (d->type != DHCP6_REPLY)
		return;
	if (o->code == DHCP6_IA_NA && d->relays == 0 && mac_is_device(p->destination))
		dhcp6_tell_lease(t, p, o->value);
	if (o->code == DHCP6_DNS)
		dhcp6_tell_servers(t, p, o->value, "dns-server");
	if (o->code == DHCP6_SNTP)
		dhcp6_tell_servers(t, p, o->value, "ntp-server");
}

static bool dhcp6_is_server_own(const struct packet *p, const struct dhcp6 *d)
{
	struct cur id = d->server_id;
	struct mac mac = {{0}};

	return d->relays == 0 && p->has_mac && dhcp6_duid_parse(&id, &mac) &&
	       mac_equal(mac, p->source);
}

static bool dhcp6_is_client(const struct dhcp6 *d)
{
	return d->type != DHCP6_ADVERTISE && d->type != DHCP6_REPLY && d->type != DHCP6_RECONFIGURE;
}

static struct subject dhcp6_client(const struct packet *p, const struct dhcp6 *d)
{
	return d->relays == 0 ? sender(p) : subject_of(d->link, ip_from6(d->peer));
}

static enum verdict dhcp6_packet(struct task *t, struct packet *p, void *state)
{
	struct dhcp6 d = {0};

	(void)state;
	if (!dhcp6_parse(&p->rest, &d) || p->cut) /* nothing ends the options but the message */
		return d.outer >= DHCP6_SOLICIT && d.outer <= DHCP6_RELAY_REPLY ? MALFORMED
		                                                                : NOT_MINE;
	const bool client = dhcp6_is_client(&d);
	const bool known = d.relays == 0 || !mac_is_zero(d.link);
	if (d.outer == DHCP6_RELAY)
		tell_word(t, p, sender(p), FACT_ROLE, "dhcp-relay");
	if (!client && dhcp6_is_server_own(p, &d))
		tell_word(t, p, sender(p), FACT_ROLE, "dhcp-server");
	struct cur rest = d.options;
	while (cur_more(&rest)) {
		const struct dhcp6_option o = dhcp6_option_next(&rest);
		if (!client)
			dhcp6_tell_server(t, p, &d, &o);
		else if (known)
			dhcp6_tell_client(t, p, dhcp6_client(p, &d), &o);
	}
	return LEARNED;
}

SHOW(dhcp6, struct dhcp6, FIELD(struct dhcp6, outer, SHOW_NUMBER),
     FIELD(struct dhcp6, type, SHOW_NUMBER), FIELD(struct dhcp6, relays, SHOW_NUMBER),
     FIELD(struct dhcp6, peer, SHOW_IP6), FIELD(struct dhcp6, link, SHOW_MAC))

const struct observer observer_dhcp6 = {
	.name = "dhcp6",
	.about = "DHCPv6 clients, servers and relays",
	.spec = "RFC 8415, RFC 4704, RFC 6939, RFC 8520",
	.claims = CLAIMS({UDP_PORT, DHCP6_SERVER_PORT, NULL}, {UDP_PORT, DHCP6_CLIENT_PORT, NULL}),
	.tells = TELLS({FACT_NAME_HOST, SAYS, 90}, {FACT_DHCP6_DUID, SAYS, 95},
                       {FACT_DHCP6_PARAMS, SAYS, 95}, {FACT_DHCP6_VENDOR_CLASS, SAYS, 95},
                       {FACT_DHCP6_USER_CLASS, SAYS, 95}, {FACT_DHCP6_ENTERPRISE, SAYS, 95},
                       {FACT_DHCP6_MUD_URL, SAYS, 95}, {FACT_IPV6, OWNER, 85},
                       {FACT_ROLE, SAYS, 90}, {FACT_ROLE_TOLD, SAYS, 80}),
	.shows = SHOWS(&dhcp6_show),
	.packet = dhcp6_packet,
};

PROVE(dhcp6_parse, struct dhcp6)
PROVE(dhcp6_name_parse, struct text)
PROVE(dhcp6_address_parse, struct dhcp6_address)
PROVE(dhcp6_duid_parse, struct mac)
