/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns.c - who answers for names, and what names the hosts of this network go by.
 *
 * Whoever answers from port 53 serves DNS; a capture that keeps the first bytes of each packet shows
 * as much, as long as the question is whole. What it answers is hearsay: a server names other
 * hosts, and most of them are far away. Only names of private addresses are of interest here,
 * and they are told as dns.name of that address, never as the name a device gives itself; the
 * address has no MAC in the message, so the reporter joins it to the device that owns it. The
 * same holds for an update (RFC 2136), unless a host registers the very address it sends from, as
 * Windows does at each start: that is the device's own word.
 *
 * What a client asks for is nobody's business here, but that it asks for its maker's own service
 * (asset/infer/cloud.h): that is told by the service's domain.
 *
 * Over TCP each message follows its length in two bytes (RFC 1035, 4.2.2).
 */
#include "asset/infer/cloud.h"
#include "observe/shared/dns_message.h"

/* One record that binds a name to an address; of others nothing is told. */
static void dns_tell_record(struct task *t, const struct packet *p, const struct dns_message *m,
                            const struct dns_record *r)
{
	const struct ip address = dns_record_address(m, r);
	const struct mac unknown = {{0}};
	struct text name;

	if (address.family == 0 || r->class != DNS_CLASS_IN || !ip_is_private(&address) ||
	    !ip_is_host(&address))
		return;
	dns_record_host(m, r, &name);
	if (name.len > 0)
		tell_string(t, p, subject_of(unknown, address), FACT_DNS_NAME, &name);
}

/* The sender registers its own address: a record to add has a life time, one to delete has none. */
static bool dns_registers_itself(const struct packet *p, const struct dns_record *r)
{
	return (r->type == DNS_A || r->type == DNS_AAAA) && r->class == DNS_CLASS_IN &&
	       r->ttl > 0 && ip_equal(&r->address, &p->from);
}

static enum verdict dns_tell_update(struct task *t, const struct packet *p,
                                    const struct dns_message *m)
{
	struct cur rest = m->records;
	struct dns_record r = {0};
	enum verdict verdict = NOTHING;

	while (cur_more(&rest) && dns_record_next(m, &rest, &r)) {
		if (dns_record_section(m, &r) != DNS_AUTHORITY || r.ttl == 0)
			continue;
		verdict = LEARNED;
		if (!dns_registers_itself(p, &r)) {
			dns_tell_record(t, p, m, &r);
			continue;
		}
		struct text name;
		dns_record_name(m, &r, &name);
		tell_string(t, p, sender(p), FACT_NAME_HOST, &name);
	}
	return verdict;
}

static enum verdict dns_tell_response(struct task *t, const struct packet *p,
                                      const struct dns_message *m)
{
	struct cur rest = m->records;
	struct dns_record r = {0};

	tell_word(t, p, sender(p), FACT_ROLE, "dns-server");
	while (cur_more(&rest) && dns_record_next(m, &rest, &r))
		if (dns_record_section(m, &r) == DNS_ANSWER)
			dns_tell_record(t, p, m, &r);
	return LEARNED;
}

static enum verdict dns_tell_query(struct task *t, const struct packet *p,
                                   const struct dns_message *m)
{
	const char *const cloud = cloud_of(m->name.s, m->name.len);

	if (cloud == NULL || p->to_port.n != DNS_PORT)
		return NOTHING;
	tell_word(t, p, sender(p), FACT_DNS_CLOUD, cloud);
	return LEARNED;
}

/* An answer whose records the capture cut off: that it is one stands before them. */
static bool dns_is_cut_answer(const struct packet *p, const struct dns_message *m)
{
	return p->cut && m->asked && dns_is_response(m) && dns_opcode(m) == DNS_QUERY &&
	       m->questions == 1 && p->from_port.n == DNS_PORT;
}

static enum verdict dns_message(struct task *t, const struct packet *p, struct cur *in)
{
	struct dns_message m = {0};

	if (!dns_message_parse(in, &m)) {
		if (!dns_is_cut_answer(p, &m))
			return dns_is_plausible(&m) ? MALFORMED : NOT_MINE;
		tell_word(t, p, sender(p), FACT_ROLE, "dns-server");
		return LEARNED;
	}
	if (dns_opcode(&m) == DNS_UPDATE && !dns_is_response(&m))
		return dns_tell_update(t, p, &m);
	if (dns_is_response(&m) && p->from_port.n == DNS_PORT)
		return dns_tell_response(t, p, &m);
	if (dns_opcode(&m) == DNS_QUERY && !dns_is_response(&m))
		return dns_tell_query(t, p, &m);
	return NOTHING;
}

static enum verdict dns_packet(struct task *t, struct packet *p, void *state)
{
	(void)state;
	return dns_message(t, p, &p->rest);
}

static enum verdict dns_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	enum verdict verdict = NOTHING;

	(void)state;
	while (cur_more(in)) {
		const uint16_t len = cur_be16(in);
		struct cur message = cur_sub(in, len);
		if (!cur_ok(in))
			return NEED_MORE;
		const enum verdict said = dns_message(t, p, &message);
		if (said == MALFORMED || said == NOT_MINE)
			return s->midstream ? NOT_MINE : said;
		if (said == LEARNED)
			verdict = LEARNED;
		stream_message(t, in);
	}
	return verdict;
}

SHOW(dns_message, struct dns_message, FIELD(struct dns_message, id, SHOW_HEX),
     FIELD(struct dns_message, flags, SHOW_HEX), FIELD(struct dns_message, questions, SHOW_NUMBER),
     FIELD(struct dns_message, answers, SHOW_NUMBER),
     FIELD(struct dns_message, authorities, SHOW_NUMBER),
     FIELD(struct dns_message, additionals, SHOW_NUMBER),
     FIELD(struct dns_message, name, SHOW_TEXT), FIELD(struct dns_message, type, SHOW_NUMBER))

const struct observer observer_dns = {
	.name = "dns",
	.about = "DNS servers, and the names of hosts nearby",
	.spec = "RFC 1035, RFC 2136",
	.claims = CLAIMS({UDP_PORT, DNS_PORT, NULL}, {TCP_PORT, DNS_PORT, NULL}),
	.tells = TELLS({FACT_DNS_CLOUD, SAYS, 90}, {FACT_DNS_NAME, SAYS, 60},
                       {FACT_NAME_HOST, SAYS, 80}, {FACT_ROLE, SAYS, 90}),
	.shows = SHOWS(&dns_message_show),
	.packet = dns_packet,
	.stream = dns_stream,
};

PROVE(dns_message_parse, struct dns_message)
