/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdns.c - what a device announces of itself by multicast DNS and DNS-SD (RFC 6762, RFC 6763).
 *
 * Only responses say something of their sender: a query's answers are what the asker knows of
 * others already (6762, 7.1). Responses come from port 5353, those to one-shot askers too (6.7);
 * any others are to be ignored (6). Within a response the answers and additional records count.
 *
 *	A, AAAA  name the sender where the address is the packet's own source; a responder may
 *	         repeat what it knows of others. Some leave out .local where it is one label
 *	PTR      of a service type: the sender offers that type, under the instance it points to;
 *	         of _services._dns-sd._udp: the type alone; of the sender's address: its name
 *	SRV      an instance; TXT: what an instance says of itself, a string a fact, and what its
 *	         keys mean where the service is known (mdns_txt.h)
 *	HINFO    processor and operating system
 *
 * A record with no life time left says goodbye (10.1): what it names is no longer offered.
 * Names are told as they stand, host names without ".local".
 */
#include "observe/naming/mdns_txt.h"

enum { MDNS_PORT = 5353 };

/* What a name under .local names (RFC 6763, 4 and 7). */
enum mdns_name { MDNS_OTHER, MDNS_HOST, MDNS_TYPE, MDNS_SUBTYPE, MDNS_INSTANCE, MDNS_ALL_TYPES };

struct mdns {
	struct dns_message dns;
	uint32_t hosts, types, instances; /* names among the records, of each kind */
};

/* Offset of the label before the one that begins at `end`; dots inside labels are escaped. */
static uint32_t mdns_label_before(const struct text *name, uint32_t end)
{
	uint32_t from = 0;
	bool escaped = false;

	for (uint32_t i = 0; i < TEXT_MAX && i + 1 < end; i++) {
		const char c = name->s[i];
		if (c == '.' && !escaped)
			from = i + 1;
		escaped = c == '\\' && !escaped;
	}
	return from;
}

/* *type is the offset of the service type in the name, where there is one. */
static enum mdns_name mdns_name_kind(const struct text *name, uint32_t *type)
{
	if (!dns_name_ends(name, ".local"))
		return MDNS_OTHER;
	if (!dns_name_ends(name, "._tcp.local") && !dns_name_ends(name, "._udp.local"))
		return name->len > 6 ? MDNS_HOST : MDNS_OTHER;
	const uint32_t from = mdns_label_before(name, name->len - 10u);
	*type = from;
	if (name->s[from] != '_')
		return MDNS_OTHER;
	if (dns_name_has(name, from, "_dns-sd._udp"))
		return from == 10 && dns_name_has(name, 0, "_services.") ? MDNS_ALL_TYPES
		                                                         : MDNS_OTHER;
	if (from == 0)
		return MDNS_TYPE;
	return from >= 5 && dns_name_has(name, from - 5, "_sub.") ? MDNS_SUBTYPE : MDNS_INSTANCE;
}

static void mdns_count(struct mdns *m, const struct text *name)
{
	uint32_t type = 0;
	const enum mdns_name kind = mdns_name_kind(name, &type);

	if (kind == MDNS_HOST)
		m->hosts += 1;
	if (kind == MDNS_TYPE || kind == MDNS_SUBTYPE)
		m->types += 1;
	if (kind == MDNS_INSTANCE)
		m->instances += 1;
}

/* For those who want to see it: a packet is told from the message alone. */
static bool mdns_parse(struct cur *in, struct mdns *m)
{
	if (!dns_message_parse(in, &m->dns))
		return false;
	struct cur rest = m->dns.records;
	struct dns_record r = {0};
	while (cur_more(&rest) && dns_record_next(&m->dns, &rest, &r)) {
		struct text name = {0};
		dns_record_name(&m->dns, &r, &name);
		mdns_count(m, &name);
	}
	return cur_ok(&rest);
}

/* From the offset `from` to `to`. */
static void mdns_tell_part(struct task *t, const struct packet *p, enum fact_kind kind,
                           const struct text *name, uint32_t from, uint32_t to)
{
	struct text part;

	text_clear(&part);
	text_add_bytes(&part, &name->s[from], to - from);
	tell_string(t, p, sender(p), kind, &part);
}

static void mdns_tell_service(struct task *t, const struct packet *p, const struct text *name)
{
	uint32_t type = 0;
	const enum mdns_name kind = mdns_name_kind(name, &type);

	if (kind != MDNS_TYPE && kind != MDNS_SUBTYPE && kind != MDNS_INSTANCE)
		return;
	mdns_tell_part(t, p, FACT_MDNS_SERVICE, name, type, name->len);
	if (kind == MDNS_INSTANCE) {
		tell_string(t, p, sender(p), FACT_MDNS_INSTANCE, name);
		mdns_txt_tell_workstation(t, p, name, type);
	}
}

static void mdns_tell_host(struct task *t, const struct packet *p, const struct text *name)
{
	uint32_t type = 0;

	if (mdns_name_kind(name, &type) == MDNS_HOST)
		mdns_tell_part(t, p, FACT_NAME_HOST, name, 0, name->len - 6u);
	else if (name->len > 0 && name->s[0] != '_' && mdns_label_before(name, name->len) == 0)
		tell_string(t, p, sender(p), FACT_NAME_HOST, name);
}

/* Does this name spell the sender's address? */
static bool mdns_is_reverse(const struct packet *p, const struct text *name)
{
	struct ip4 ip4 = {0};

	if (!dns_reverse_address(name, &ip4))
		return false;
	const struct ip ip = ip_from4(ip4);
	return ip_equal(&ip, &p->from);
}

static void mdns_tell_pointer(struct task *t, const struct packet *p, const struct text *name,
                              const struct text *target)
{
	uint32_t type = 0;
	const enum mdns_name kind = mdns_name_kind(name, &type);

	if (kind == MDNS_TYPE || kind == MDNS_SUBTYPE || kind == MDNS_ALL_TYPES)
		mdns_tell_service(t, p, target);
	else if (kind == MDNS_OTHER && mdns_is_reverse(p, name))
		mdns_tell_host(t, p, target);
}

/* A TXT record of no other name than an instance's is DNS-SD's; its empty string says nothing. */
static void mdns_tell_strings(struct task *t, const struct packet *p, const struct text *name,
                              struct cur strings)
{
	uint32_t type = 0;

	if (mdns_name_kind(name, &type) != MDNS_INSTANCE)
		return;
	for (uint32_t i = 0; i < DNS_STRINGS_MAX && cur_more(&strings); i++) {
		struct cur string = dns_string(&strings);
		if (cur_left(&string) == 0)
			continue;
		tell_text(t, p, sender(p), FACT_MDNS_TXT, string);
		mdns_txt_tell(t, p, name, type, string);
	}
}

static void mdns_tell_hardware(struct task *t, const struct packet *p, const struct dns_record *r)
{
	struct cur strings = r->data;

	tell_text(t, p, sender(p), FACT_MDNS_CPU, dns_string(&strings));
	tell_text(t, p, sender(p), FACT_MDNS_OS, dns_string(&strings));
}

static void mdns_tell_record(struct task *t, const struct packet *p, const struct dns_message *m,
                             const struct dns_record *r)
{
	struct text name, target;

	switch (r->type) {
	case DNS_A:
	case DNS_AAAA:
		if (!ip_equal(&r->address, &p->from))
			break;
		dns_record_name(m, r, &name);
		mdns_tell_host(t, p, &name);
		break;
	case DNS_PTR:
		dns_record_name(m, r, &name);
		dns_record_target(m, r, &target);
		mdns_tell_pointer(t, p, &name, &target);
		break;
	case DNS_SRV:
		dns_record_name(m, r, &name);
		mdns_tell_service(t, p, &name);
		break;
	case DNS_TXT:
		dns_record_name(m, r, &name);
		mdns_tell_strings(t, p, &name, r->data);
		break;
	case DNS_HINFO:
		mdns_tell_hardware(t, p, r);
		break;
	default:
		break;
	}
}

/* A host takes its own address back (RFC 6762, 10.1): it leaves the link. */
static bool mdns_is_goodbye(const struct packet *p, const struct dns_record *r)
{
	return r->ttl == 0 && (r->type == DNS_A || r->type == DNS_AAAA) &&
	       ip_equal(&r->address, &p->from);
}

static enum verdict mdns_packet(struct task *t, struct packet *p, void *state)
{
	struct dns_message m = {0};

	(void)state;
	if (!dns_message_parse(&p->rest, &m))
		return dns_is_plausible(&m) ? MALFORMED : NOT_MINE;
	if (!dns_is_response(&m) || dns_opcode(&m) != DNS_QUERY || p->from_port.n != MDNS_PORT)
		return NOTHING;
	struct cur rest = m.records;
	struct dns_record r = {0};
	while (cur_more(&rest) && dns_record_next(&m, &rest, &r)) {
		if (dns_record_section(&m, &r) == DNS_AUTHORITY ||
		    (r.class & DNS_CLASS_MASK) != DNS_CLASS_IN)
			continue;
		if (r.ttl > 0)
			mdns_tell_record(t, p, &m, &r);
		else if (mdns_is_goodbye(p, &r))
			tell_word(t, p, sender(p), FACT_LEAVES, "mdns");
	}
	return r.index > 0 ? LEARNED : NOTHING;
}

SHOW(mdns, struct mdns, FIELD(struct mdns, dns.flags, SHOW_HEX),
     FIELD(struct mdns, dns.questions, SHOW_NUMBER), FIELD(struct mdns, dns.answers, SHOW_NUMBER),
     FIELD(struct mdns, dns.additionals, SHOW_NUMBER), FIELD(struct mdns, dns.name, SHOW_TEXT),
     FIELD(struct mdns, hosts, SHOW_NUMBER), FIELD(struct mdns, types, SHOW_NUMBER),
     FIELD(struct mdns, instances, SHOW_NUMBER))

const struct observer observer_mdns = {
	.name = "mdns",
	.about = "what devices announce by multicast DNS",
	.spec = "RFC 6762, RFC 6763",
	.claims = CLAIMS({UDP_PORT, MDNS_PORT, NULL}),
	.tells = TELLS({FACT_NAME_HOST, SAYS, 90}, {FACT_MDNS_SERVICE, SAYS, 95},
                       {FACT_MDNS_INSTANCE, SAYS, 95}, {FACT_MDNS_TXT, SAYS, 95},
                       {FACT_MDNS_CPU, SAYS, 80}, {FACT_MDNS_OS, SAYS, 80},
                       {FACT_DEVICE_MODEL, SAYS, 90}, {FACT_DEVICE_ID, SAYS, 90},
                       {FACT_DEVICE_NAME, SAYS, 90}, {FACT_DEVICE_MAC, SAYS, 90},
                       {FACT_DEVICE_FIRMWARE, SAYS, 90}, {FACT_DEVICE_HARDWARE, SAYS, 90},
                       {FACT_DEVICE_VENDOR, SAYS, 90}, {FACT_DEVICE_SERIAL, SAYS, 90},
                       {FACT_PRINTER_MODEL, SAYS, 90}, {FACT_PRINTER_VENDOR, SAYS, 90},
                       {FACT_PRINTER_LOCATION, SAYS, 90}, {FACT_PRINTER_ID, SAYS, 90},
                       {FACT_HAP_CATEGORY, SAYS, 95}, {FACT_MATTER_PRODUCT, SAYS, 95},
                       {FACT_THREAD_NETWORK, SAYS, 90}, {FACT_LEAVES, SAYS, 90}),
	.shows = SHOWS(&mdns_show),
	.packet = mdns_packet,
};

PROVE(mdns_parse, struct mdns)
