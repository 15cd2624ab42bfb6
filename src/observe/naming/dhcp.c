/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dhcp.c - what DHCPv4 and BOOTP messages say of clients and servers.
 *
 * A message is about the device in chaddr, never about the frame's source, which is a relay's as
 * soon as there is one. What a client writes is its own word; what a server writes is told of the
 * client when it is binding (an ACK, not an OFFER: several servers may offer), and of the server
 * where it describes the network. An ACK's yiaddr is the lease: the strongest proof of who owns
 * an address. A server answers with its own addresses; behind a relay (giaddr) it is the one that
 * option 54 names, and its MAC is unknown. It is a DHCP server if it says who has which address:
 * others answer too, who only inform, or say where to boot from. Routers and name servers that a
 * server names have no MAC either: the reporter joins them to the owners of these addresses.
 *
 * Options fill the rest of the message, then, where option 52 says so, the fields file and sname
 * (RFC 2132, 9.3). An option that does not fit 255 bytes, or that the sender likes to split,
 * comes in pieces, in that same order (RFC 3396): the pieces are joined in the scratch buffer.
 * Most options want one rule each, which stand in a table at the end.
 *
 * Not read: options 43, 90 and 122, whose content only the vendor or the key's owner knows, and
 * the fields secs and hops, which say nothing of who a device is.
 */
#include "observe/observer.h"

enum { DHCP_SERVER_PORT = 67, DHCP_CLIENT_PORT = 68, DHCP_BOOT_PORT = 4011 };
enum { DHCP_COOKIE = 0x63825363, DHCP_OPTIONS_MAX = 512 };
enum { DHCP_BOOTREQUEST = 1, DHCP_BOOTREPLY = 2 };
enum {
	DHCP_BOOTP = 0,
	DHCP_OFFER = 2,
	DHCP_DECLINE = 4,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
	DHCP_RELEASE = 7
};
enum { DHCP_OVERLOAD_FILE = 1, DHCP_OVERLOAD_SNAME = 2 };
enum { DHCP_BROADBAND_FORUM = 3561 };

/* The options that the message itself is understood by. */
enum {
	PAD = 0,
	REQUESTED_ADDRESS = 50,
	OVERLOAD = 52,
	MESSAGE_TYPE = 53,
	SERVER_ID = 54,
	END = 255
};

struct dhcp_codes {
	uint32_t word[8]; /* a bit per option */
};

struct dhcp {
	uint8_t op, hardware, mac_len;
	uint32_t transaction;
	struct ip4 client_ip, your_ip, next_ip, relay_ip;
	struct mac client;
	struct cur sname, file, options;
	bool has_options; /* the cookie is there: not plain BOOTP */
	bool ended;       /* the options, by option 255 as they must be */
	uint8_t type;     /* option 53; 0: BOOTP */
	uint8_t overload; /* option 52 */
	struct ip4 server_id, requested;
	uint16_t count; /* options in all */
	struct dhcp_codes seen, split;
};

struct dhcp_option {
	uint8_t code;
	struct cur value;
};

/* ---- parse */

static bool dhcp_has(const struct dhcp_codes *codes, uint8_t code)
{
	return (codes->word[code / 32] >> code % 32 & 1) != 0;
}

static void dhcp_add(struct dhcp_codes *codes, uint8_t code)
{
	codes->word[code / 32] |= 1u << code % 32;
}

/* Takes an option; END takes all that is left. */
static struct dhcp_option dhcp_option_next(struct cur *area)
{
	struct dhcp_option o;

	o.code = cur_u8(area);
	if (o.code == PAD)
		o.value = cur_sub(area, 0);
	else if (o.code == END)
		o.value = cur_rest(area);
	else
		o.value = cur_sub(area, cur_u8(area));
	return o;
}

static void dhcp_note(struct dhcp *d, struct dhcp_option o)
{
	if (o.code == END)
		d->ended = true;
	if (o.code == PAD || o.code == END)
		return;
	if (dhcp_has(&d->seen, o.code))
		dhcp_add(&d->split, o.code);
	dhcp_add(&d->seen, o.code);
	d->count += 1;
	if (o.code == MESSAGE_TYPE)
		d->type = cur_u8(&o.value);
	if (o.code == OVERLOAD)
		d->overload = cur_u8(&o.value);
	if (o.code == SERVER_ID)
		cur_ip4(&o.value, &d->server_id);
	if (o.code == REQUESTED_ADDRESS)
		cur_ip4(&o.value, &d->requested);
}

static bool dhcp_judge_area(struct dhcp *d, struct cur area)
{
	while (cur_more(&area) && d->count < DHCP_OPTIONS_MAX)
		dhcp_note(d, dhcp_option_next(&area));
	return cur_ok(&area) && d->count < DHCP_OPTIONS_MAX;
}

static bool dhcp_judge_options(struct dhcp *d)
{
	if (!dhcp_judge_area(d, d->options))
		return false;
	const bool ended = d->ended;
	if ((d->overload & DHCP_OVERLOAD_FILE) != 0 && !dhcp_judge_area(d, d->file))
		return false;
	if ((d->overload & DHCP_OVERLOAD_SNAME) != 0 && !dhcp_judge_area(d, d->sname))
		return false;
	d->ended = ended;
	return true;
}

static bool dhcp_parse(struct cur *in, struct dhcp *d)
{
	d->op = cur_u8(in);
	d->hardware = cur_u8(in);
	d->mac_len = cur_u8(in);
	cur_skip(in, 1);
	d->transaction = cur_be32(in);
	cur_skip(in, 4);
	cur_ip4(in, &d->client_ip);
	cur_ip4(in, &d->your_ip);
	cur_ip4(in, &d->next_ip);
	cur_ip4(in, &d->relay_ip);
	cur_mac(in, &d->client);
	cur_skip(in, 10);
	d->sname = cur_sub(in, 64);
	d->file = cur_sub(in, 128);
	if (!cur_ok(in) || (d->op != DHCP_BOOTREQUEST && d->op != DHCP_BOOTREPLY))
		return false;
	d->has_options = cur_left(in) >= 4 && cur_be32(in) == DHCP_COOKIE;
	d->options = cur_rest(in);
	return !d->has_options || dhcp_judge_options(d);
}

/* Option 81 (RFC 4702, 2): a name as text, or, with the E bit, as labels that need no end. */
static bool dhcp_fqdn_parse(struct cur *in, struct text *name)
{
	const bool wire = (cur_u8(in) & 0x04) != 0;

	cur_skip(in, 2);
	if (!wire) {
		cur_text(in, cur_left(in), name);
		return cur_ok(in);
	}
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

/* Option 121 (RFC 3442): a destination of as many bytes as its prefix needs, and its router. */
static bool dhcp_route_parse(struct cur *in, struct ip4 *router)
{
	const uint8_t width = cur_u8(in);

	cur_skip(in, (width + 7u) / 8);
	cur_ip4(in, router);
	return cur_ok(in) && width <= 32;
}

/* Options 124 and 125 (RFC 3925): an enterprise's number, and what only it can read. */
struct dhcp_vendor {
	uint32_t enterprise;
	struct cur data;
};

static bool dhcp_vendor_parse(struct cur *in, struct dhcp_vendor *v)
{
	v->enterprise = cur_be32(in);
	v->data = cur_sub(in, cur_u8(in));
	return cur_ok(in);
}

/* Elements of options 82 and 125: a code, a length, a value. */
static bool dhcp_part_parse(struct cur *in, struct dhcp_option *part)
{
	part->code = cur_u8(in);
	part->value = cur_sub(in, cur_u8(in));
	return cur_ok(in);
}

/* ---- judge */

/*
 * Only hardware with 48-bit MACs (RFC 1700: 1 Ethernet, 6 IEEE 802) has a client that can be named.
 */
static bool dhcp_names_client(const struct dhcp *d)
{
	return (d->hardware == 1 || d->hardware == 6) && d->mac_len == 6 &&
	       mac_is_device(d->client);
}

/* Does the server bind the client to what it writes? */
static bool dhcp_binds(const struct dhcp *d)
{
	return d->op == DHCP_BOOTREPLY && (d->type == DHCP_ACK || d->type == DHCP_BOOTP);
}

/*
 * Is it for the server to say who has which address? It offers one, gives one, or refuses one. Who
 * only informs (RFC 2131, 3.4) or only says where to boot from leaves that to another.
 */
static bool dhcp_leases(const struct dhcp *d)
{
	return d->op == DHCP_BOOTREPLY && (ip4_number(d->your_ip) != 0 || d->type == DHCP_NAK);
}

/* ---- tell */

/* All that a rule needs to tell. */
struct dhcp_view {
	struct task *task;
	const struct packet *packet;
	const struct dhcp *message;
	struct subject client, server;
};

typedef void dhcp_teller(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                         struct cur value);

static void dhcp_text(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                      struct cur value)
{
	/* Some end their texts with a zero, against RFC 2132, 2. */
	const struct cur text = cur_token(&value, "\0");

	if (cur_left(&text) > 0)
		tell_text(v->task, v->packet, who, kind, text);
}

static void dhcp_bytes(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                       struct cur value)
{
	const uint32_t len = cur_left(&value);
	uint8_t bytes[UINT8_MAX];

	if (len > 0 && cur_copy(&value, bytes, sizeof bytes, len))
		tell_bytes(v->task, v->packet, who, kind, bytes, len);
}

static void dhcp_number8(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                         struct cur value)
{
	const uint32_t number = cur_u8(&value);

	if (cur_ok(&value))
		tell_number(v->task, v->packet, who, kind, number);
}

static void dhcp_number16(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                          struct cur value)
{
	const uint32_t number = cur_be16(&value);

	if (cur_ok(&value))
		tell_number(v->task, v->packet, who, kind, number);
}

static void dhcp_number32(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                          struct cur value)
{
	const uint32_t number = cur_be32(&value);

	if (cur_ok(&value))
		tell_number(v->task, v->packet, who, kind, number);
}

static void dhcp_tell_ip(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                         struct ip4 ip)
{
	const struct ip address = ip_from4(ip);
	char text[IP_TEXT];

	if (ip_is_host(&address))
		tell_word(v->task, v->packet, who, kind, ip_format(&address, text));
}

static void dhcp_addresses(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                           struct cur value)
{
	while (cur_more(&value)) {
		struct ip4 ip;
		cur_ip4(&value, &ip);
		dhcp_tell_ip(v, who, kind, ip);
	}
}

static void dhcp_tell_role(const struct dhcp_view *v, struct ip4 ip, const char *role)
{
	const struct ip address = ip_from4(ip);
	const struct mac unknown = {{0}};

	if (ip_is_host(&address))
		tell_word(v->task, v->packet, subject_of(unknown, address), FACT_ROLE, role);
}

/* Every address of the list has the role. */
static void dhcp_tell_roles(const struct dhcp_view *v, struct cur list, const char *role)
{
	while (cur_more(&list)) {
		struct ip4 ip;
		cur_ip4(&list, &ip);
		dhcp_tell_role(v, ip, role);
	}
}

static void dhcp_routers(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                         struct cur value)
{
	dhcp_addresses(v, who, kind, value);
	dhcp_tell_roles(v, value, "router");
}

static void dhcp_name_servers(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                              struct cur value)
{
	dhcp_addresses(v, who, kind, value);
	dhcp_tell_roles(v, value, "dns-server");
}

static void dhcp_routes(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                        struct cur value)
{
	(void)who;
	(void)kind;
	while (cur_more(&value)) {
		struct ip4 router;
		if (!dhcp_route_parse(&value, &router))
			return;
		dhcp_tell_role(v, router, "router");
	}
}

static void dhcp_fqdn(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                      struct cur value)
{
	struct text name;

	text_clear(&name);
	if (dhcp_fqdn_parse(&value, &name) && name.len > 0)
		tell_string(v->task, v->packet, who, kind, &name);
}

/* Names as in DNS, whose pointers count from the option's start (RFC 3397, 2). */
static void dhcp_search_list(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                             struct cur value)
{
	const uint32_t start = cur_pos(&value);

	for (uint32_t i = 0; i < 16 && cur_more(&value); i++) {
		struct text name;
		cur_dns_name(&value, start, &name);
		if (name.len > 0)
			tell_string(v->task, v->packet, who, kind, &name);
	}
}

/* Texts, each after its length (RFC 3004, 4); many send the bare text instead. */
static void dhcp_user_class(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                            struct cur value)
{
	if (cur_peek8(&value) < cur_left(&value))
		cur_cut(&value, 1u + cur_peek8(&value));
	if (cur_peek8(&value) + 1u == cur_left(&value))
		cur_skip(&value, 1);
	dhcp_text(v, who, kind, value);
}

/*
 * A server that names this class serves firmware that boots (PXE 2.1, 2.2.1.1; UEFI 2.11, 24.7.3 for
 * HTTP): beside a DHCP server, where its message has no address for the client.
 */
static void dhcp_boots(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                       struct cur value)
{
	(void)kind;
	if (cur_is(&value, "PXEClient") || cur_is(&value, "HTTPClient"))
		tell_word(v->task, v->packet, who, FACT_ROLE, "boot-server");
}

static void dhcp_relay(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                       struct cur value)
{
	struct dhcp_option part;

	(void)kind;
	while (cur_more(&value) && dhcp_part_parse(&value, &part)) {
		if (part.code == 1)
			dhcp_text(v, who, FACT_DHCP_CIRCUIT_ID, part.value);
		if (part.code == 2)
			dhcp_text(v, who, FACT_DHCP_REMOTE_ID, part.value);
		if (part.code == 6)
			dhcp_text(v, who, FACT_DHCP_SUBSCRIBER_ID, part.value);
	}
}

static void dhcp_vendor_class(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                              struct cur value)
{
	struct dhcp_vendor vendor;

	while (cur_more(&value) && dhcp_vendor_parse(&value, &vendor)) {
		tell_number(v->task, v->packet, who, FACT_DHCP_ENTERPRISE, vendor.enterprise);
		dhcp_text(v, who, kind, vendor.data);
	}
}

/*
 * What the Broadband Forum puts there: a device names itself, and the gateway answers with its own.
 */
static void dhcp_tell_tr069(const struct dhcp_view *v, struct cur data)
{
	struct dhcp_option part;

	while (cur_more(&data) && dhcp_part_parse(&data, &part)) {
		const bool device = part.code >= 1 && part.code <= 3;
		const bool gateway = part.code >= 4 && part.code <= 6;
		const struct subject who = device ? v->client : v->server;
		if (device == gateway || gateway != (v->message->op == DHCP_BOOTREPLY))
			continue;
		if (part.code % 3 == 1)
			dhcp_text(v, who, FACT_DHCP_TR069_OUI, part.value);
		if (part.code % 3 == 2)
			dhcp_text(v, who, FACT_DHCP_TR069_SERIAL, part.value);
		if (part.code % 3 == 0)
			dhcp_text(v, who, FACT_DHCP_TR069_CLASS, part.value);
	}
}

static void dhcp_vendor_options(const struct dhcp_view *v, struct subject who, enum fact_kind kind,
                                struct cur value)
{
	struct dhcp_vendor vendor;

	while (cur_more(&value) && dhcp_vendor_parse(&value, &vendor)) {
		tell_number(v->task, v->packet, who, kind, vendor.enterprise);
		if (vendor.enterprise == DHCP_BROADBAND_FORUM)
			dhcp_tell_tr069(v, vendor.data);
	}
}

/*
 * What an option says when a client writes it, and when a server does: of the client, which is
 * then bound by it, or of the server itself.
 */
struct dhcp_rule {
	dhcp_teller *said, *given;
	enum fact_kind kind;
	bool of_server;
};

static const struct dhcp_rule dhcp_rules[256] = {
	[3] = {.given = dhcp_routers, .kind = FACT_DHCP_ROUTER, .of_server = true},
	[6] = {.given = dhcp_name_servers, .kind = FACT_DHCP_DNS, .of_server = true},
	[12] = {.said = dhcp_text, .kind = FACT_NAME_HOST},
	[15] = {.said = dhcp_text, .given = dhcp_text, .kind = FACT_NAME_DOMAIN, .of_server = true},
	[50] = {.said = dhcp_addresses, .kind = FACT_DHCP_REQUESTED},
	[51] = {.given = dhcp_number32, .kind = FACT_DHCP_LEASE},
	[54] = {.said = dhcp_addresses, .given = dhcp_addresses, .kind = FACT_DHCP_SERVER},
	[55] = {.said = dhcp_bytes, .kind = FACT_DHCP_PRL},
	[57] = {.said = dhcp_number16, .kind = FACT_DHCP_MAX_MESSAGE},
	[60] = {.said = dhcp_text,
                .given = dhcp_boots,
                .kind = FACT_DHCP_VENDOR_CLASS,
                .of_server = true},
	[61] = {.said = dhcp_bytes, .kind = FACT_DHCP_CLIENT_ID},
	[66] = {.given = dhcp_text, .kind = FACT_DHCP_BOOT_SERVER},
	[67] = {.given = dhcp_text, .kind = FACT_DHCP_BOOT_FILE},
	[77] = {.said = dhcp_user_class, .kind = FACT_DHCP_USER_CLASS},
	[81] = {.said = dhcp_fqdn, .kind = FACT_NAME_HOST},
	[82] = {.said = dhcp_relay, .given = dhcp_relay},
	[93] = {.said = dhcp_number16, .kind = FACT_DHCP_ARCHITECTURE},
	[94] = {.said = dhcp_bytes, .kind = FACT_DHCP_INTERFACE},
	[97] = {.said = dhcp_bytes, .kind = FACT_DHCP_MACHINE_ID},
	[108] = {.given = dhcp_number32, .kind = FACT_DHCP_IPV6_ONLY},
	[114] = {.given = dhcp_text, .kind = FACT_DHCP_CAPTIVE_PORTAL, .of_server = true},
	[116] = {.given = dhcp_number8, .kind = FACT_DHCP_AUTO_CONFIGURE},
	[119] = {.given = dhcp_search_list, .kind = FACT_DHCP_DOMAIN_SEARCH},
	[121] = {.given = dhcp_routes, .of_server = true},
	[124] = {.said = dhcp_vendor_class, .kind = FACT_DHCP_VENDOR_DATA},
	[125] = {.said = dhcp_vendor_options,
                 .given = dhcp_vendor_options,
                 .kind = FACT_DHCP_ENTERPRISE,
                 .of_server = true},
	[150] = {.given = dhcp_addresses, .kind = FACT_DHCP_BOOT_SERVER},
	[161] = {.said = dhcp_text, .kind = FACT_DHCP_MUD_URL},
	[252] = {.given = dhcp_text, .kind = FACT_DHCP_PROXY_URL, .of_server = true},
};

static void dhcp_tell_option(const struct dhcp_view *v, uint8_t code, struct cur value)
{
	const struct dhcp *d = v->message;
	const struct dhcp_rule *rule = &dhcp_rules[code];

	if (d->op == DHCP_BOOTREQUEST && rule->said && dhcp_names_client(d))
		rule->said(v, v->client, rule->kind, value);
	if (d->op == DHCP_BOOTREPLY && rule->given && rule->of_server)
		rule->given(v, v->server, rule->kind, value);
	if (dhcp_binds(d) && rule->given && !rule->of_server && dhcp_names_client(d))
		rule->given(v, v->client, rule->kind, value);
}

static bool dhcp_join_area(struct scratch *s, struct cur area, uint8_t code)
{
	while (cur_more(&area)) {
		struct dhcp_option o = dhcp_option_next(&area);
		if (o.code == code && !scratch_add(s, &o.value))
			return false;
	}
	return true;
}

/* Joins all pieces of an option; the next call overwrites them. */
static bool dhcp_join(const struct dhcp_view *v, uint8_t code)
{
	const struct dhcp *d = v->message;
	struct scratch *s = task_scratch(v->task);

	scratch_reset(s);
	return dhcp_join_area(s, d->options, code) &&
	       ((d->overload & DHCP_OVERLOAD_FILE) == 0 || dhcp_join_area(s, d->file, code)) &&
	       ((d->overload & DHCP_OVERLOAD_SNAME) == 0 || dhcp_join_area(s, d->sname, code));
}

/* An option in pieces is told where its first piece stands. */
static void dhcp_tell_area(const struct dhcp_view *v, struct cur area, struct dhcp_codes *told)
{
	while (cur_more(&area)) {
		const struct dhcp_option o = dhcp_option_next(&area);
		const bool again = dhcp_has(told, o.code);
		dhcp_add(told, o.code);
		if (again || (!dhcp_rules[o.code].said && !dhcp_rules[o.code].given))
			continue;
		if (!dhcp_has(&v->message->split, o.code))
			dhcp_tell_option(v, o.code, o.value);
		else if (dhcp_join(v, o.code))
			dhcp_tell_option(v, o.code, scratch_cursor(task_scratch(v->task)));
	}
}

static void dhcp_tell_options(const struct dhcp_view *v)
{
	const struct dhcp *d = v->message;
	struct dhcp_codes told = {{0}};

	if (!d->has_options)
		return;
	dhcp_tell_area(v, d->options, &told);
	if ((d->overload & DHCP_OVERLOAD_FILE) != 0)
		dhcp_tell_area(v, d->file, &told);
	if ((d->overload & DHCP_OVERLOAD_SNAME) != 0)
		dhcp_tell_area(v, d->sname, &told);
}

/* The fields that are older than the options; file and sname may hold options instead. */
static void dhcp_tell_fields(const struct dhcp_view *v)
{
	const struct dhcp *d = v->message;

	if (dhcp_names_client(d) && d->type == DHCP_DECLINE)
		dhcp_tell_ip(v, v->client, FACT_DHCP_DECLINED, d->requested);
	if (dhcp_names_client(d) && d->type == DHCP_RELEASE)
		tell_word(v->task, v->packet, v->client, FACT_LEAVES, "dhcp");
	if (dhcp_leases(d))
		tell_word(v->task, v->packet, v->server, FACT_ROLE, "dhcp-server");
	if (!dhcp_binds(d) || !dhcp_names_client(d))
		return;
	tell_address(v->task, v->packet, d->client, ip_from4(d->your_ip));
	if ((d->overload & DHCP_OVERLOAD_FILE) == 0)
		dhcp_text(v, v->client, FACT_DHCP_BOOT_FILE, d->file);
	if ((d->overload & DHCP_OVERLOAD_SNAME) == 0)
		dhcp_text(v, v->client, FACT_DHCP_BOOT_SERVER, d->sname);
}

/* Who answers: whoever sends the frame, or, behind a relay, the address that option 54 gives. */
static struct subject dhcp_server(const struct packet *p, const struct dhcp *d)
{
	const struct mac unknown = {{0}};

	return ip4_number(d->relay_ip) == 0 ? sender(p)
	                                    : subject_of(unknown, ip_from4(d->server_id));
}

/* The device itself, whatever address it has or asks for at the moment. */
static struct subject dhcp_client(const struct dhcp *d)
{
	const struct ip none = {0};

	return subject_of(d->client, none);
}

static enum verdict dhcp_packet(struct task *t, struct packet *p, void *state)
{
	struct dhcp d = {0};

	(void)state;
	if (!dhcp_parse(&p->rest, &d))
		return d.has_options || p->cut ? MALFORMED : NOT_MINE;
	if (p->cut && !d.ended)
		return MALFORMED;
	const struct dhcp_view view = {t, p, &d, dhcp_client(&d), dhcp_server(p, &d)};
	dhcp_tell_fields(&view);
	dhcp_tell_options(&view);
	return dhcp_names_client(&d) || d.op == DHCP_BOOTREPLY ? LEARNED : NOTHING;
}

SHOW(dhcp, struct dhcp, FIELD(struct dhcp, op, SHOW_NUMBER),
     FIELD(struct dhcp, hardware, SHOW_NUMBER), FIELD(struct dhcp, transaction, SHOW_HEX),
     FIELD(struct dhcp, client_ip, SHOW_IP4), FIELD(struct dhcp, your_ip, SHOW_IP4),
     FIELD(struct dhcp, next_ip, SHOW_IP4), FIELD(struct dhcp, relay_ip, SHOW_IP4),
     FIELD(struct dhcp, client, SHOW_MAC), FIELD(struct dhcp, type, SHOW_NUMBER),
     FIELD(struct dhcp, overload, SHOW_NUMBER), FIELD(struct dhcp, server_id, SHOW_IP4),
     FIELD(struct dhcp, requested, SHOW_IP4), FIELD(struct dhcp, count, SHOW_NUMBER))

const struct observer observer_dhcp = {
	.name = "dhcp",
	.about = "DHCPv4 and BOOTP clients and servers",
	.spec = "RFC 2131, RFC 2132, RFC 3396",
	.claims = CLAIMS({UDP_PORT, DHCP_SERVER_PORT, NULL}, {UDP_PORT, DHCP_CLIENT_PORT, NULL},
                         {UDP_PORT, DHCP_BOOT_PORT, NULL}),
	.tells = TELLS({FACT_IPV4, OWNER, 95}, {FACT_ROLE, SAYS, 90}, {FACT_NAME_HOST, SAYS, 90},
                       {FACT_DHCP_ROUTER, SAYS, 90}, {FACT_DHCP_DNS, SAYS, 90},
                       {FACT_LEAVES, SAYS, 95}, {FACT_NAME_DOMAIN, SAYS, 80},
                       {FACT_DHCP_ARCHITECTURE, SAYS, 90}, {FACT_DHCP_AUTO_CONFIGURE, SAYS, 90},
                       {FACT_DHCP_BOOT_FILE, SAYS, 90}, {FACT_DHCP_BOOT_SERVER, SAYS, 90},
                       {FACT_DHCP_CAPTIVE_PORTAL, SAYS, 90}, {FACT_DHCP_CIRCUIT_ID, SAYS, 90},
                       {FACT_DHCP_CLIENT_ID, SAYS, 95}, {FACT_DHCP_DECLINED, SAYS, 90},
                       {FACT_DHCP_DOMAIN_SEARCH, SAYS, 80}, {FACT_DHCP_ENTERPRISE, SAYS, 90},
                       {FACT_DHCP_INTERFACE, SAYS, 90}, {FACT_DHCP_IPV6_ONLY, SAYS, 90},
                       {FACT_DHCP_LEASE, SAYS, 90}, {FACT_DHCP_MACHINE_ID, SAYS, 95},
                       {FACT_DHCP_MAX_MESSAGE, SAYS, 90}, {FACT_DHCP_MUD_URL, SAYS, 90},
                       {FACT_DHCP_PRL, SAYS, 95}, {FACT_DHCP_PROXY_URL, SAYS, 90},
                       {FACT_DHCP_REMOTE_ID, SAYS, 90}, {FACT_DHCP_REQUESTED, SAYS, 70},
                       {FACT_DHCP_SERVER, SAYS, 90}, {FACT_DHCP_SUBSCRIBER_ID, SAYS, 90},
                       {FACT_DHCP_TR069_CLASS, SAYS, 90}, {FACT_DHCP_TR069_OUI, SAYS, 90},
                       {FACT_DHCP_TR069_SERIAL, SAYS, 90}, {FACT_DHCP_USER_CLASS, SAYS, 90},
                       {FACT_DHCP_VENDOR_CLASS, SAYS, 95}, {FACT_DHCP_VENDOR_DATA, SAYS, 90}),
	.shows = SHOWS(&dhcp_show),
	.packet = dhcp_packet,
};

PROVE(dhcp_parse, struct dhcp)
PROVE(dhcp_fqdn_parse, struct text)
PROVE(dhcp_route_parse, struct ip4)
PROVE(dhcp_vendor_parse, struct dhcp_vendor)
PROVE(dhcp_part_parse, struct dhcp_option)
