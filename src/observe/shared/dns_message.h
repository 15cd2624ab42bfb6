/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_message.h - the message format of DNS (RFC 1035, 4), which multicast DNS shares (RFC 6762,
 * 18).
 *
 * A message is a header, questions, and three sections of records. The list of records is
 * walked, not stored: dns_message_parse() goes through all of them and keeps none, so that a
 * message with one broken record is refused whole; whoever wants them walks again:
 *
 *	struct cur rest = m.records;
 *	struct dns_record r = {0};
 *	while (cur_more(&rest) && dns_record_next(&m, &rest, &r))
 *		...
 *
 * A walk judges names and does not spell them: of most records nothing is told. Whoever wants a
 * name asks for it, dns_record_name(&m, &r, &name).
 *
 * The first DNS_RECORDS_MAX records are looked at. Names cost most, up to 255 steps for two
 * bytes that point at one, and this bounds them; real messages hold at most a few dozen.
 */
#pragma once

#include "net/ip.h"
#include "observe/observer.h"

enum { DNS_QUESTIONS_MAX = 32, DNS_RECORDS_MAX = 128, DNS_STRINGS_MAX = 64 };
enum { DNS_PORT = 53, DNS_CLASS_IN = 1, DNS_CLASS_MASK = 0x7fff };

/* What is told apart of the types of records; all others are passed over. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_HINFO = 13,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_OPT = 41,
};

enum dns_opcode { DNS_QUERY = 0, DNS_STATUS = 2, DNS_NOTIFY = 4, DNS_UPDATE = 5, DNS_STATEFUL = 6 };

/* In an update they are prerequisites, updates and additional records (RFC 2136, 2). */
enum dns_section { DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL };

struct dns_message {
	uint32_t start; /* offset of the header, from which compressed names count */
	uint16_t id, flags;
	uint16_t questions, answers, authorities, additionals;
	struct text name; /* of the first question; in an update, of the zone */
	uint16_t type;
	bool asked;         /* the questions are whole, the first of the Internet */
	struct cur records; /* all that follows the questions */
};

struct dns_record {
	uint32_t index;     /* how many were read; 0 before the first */
	uint32_t name_at;   /* offsets of its name, and, of PTR, SRV, NS and CNAME, of the name */
	uint32_t target_at; /* they point to; 0: none */
	uint16_t type, class;
	uint32_t ttl;
	struct cur data;   /* TXT and HINFO: their strings */
	struct ip address; /* A, AAAA */
};

static inline bool dns_is_response(const struct dns_message *m)
{
	return (m->flags & 0x8000) != 0;
}

static inline enum dns_opcode dns_opcode(const struct dns_message *m)
{
	return (enum dns_opcode)(m->flags >> 11 & 15);
}

static inline uint32_t dns_record_count(const struct dns_message *m)
{
	const uint32_t count = (uint32_t)m->answers + m->authorities + m->additionals;

	return count < DNS_RECORDS_MAX ? count : DNS_RECORDS_MAX;
}

/* Of the record read last. */
static inline enum dns_section dns_record_section(const struct dns_message *m,
                                                  const struct dns_record *r)
{
	if (r->index <= m->answers)
		return DNS_ANSWER;
	return r->index <= (uint32_t)m->answers + m->authorities ? DNS_AUTHORITY : DNS_ADDITIONAL;
}

/* The header's own word on whether this is DNS at all: an opcode that exists, the reserved
 * bit clear, and at most as many questions as anybody sends. */
static inline bool dns_is_plausible(const struct dns_message *m)
{
	return dns_opcode(m) <= DNS_STATEFUL && (m->flags & 0x0040) == 0 &&
	       m->questions <= DNS_QUESTIONS_MAX && (m->questions > 0 || dns_record_count(m) > 0);
}

/* Takes a character string (RFC 1035, 3.3). */
static inline struct cur dns_string(struct cur *in)
{
	return cur_sub(in, cur_u8(in));
}

/* ASCII letters of either case are equal in names (RFC 4343); what is in lower case. */
static inline bool dns_name_has_bytes(const struct text *name, uint32_t from, const char *what,
                                      uint32_t n)
{
	if (from > TEXT_MAX || from + n > name->len)
		return false;
	for (uint32_t i = 0; i < TEXT_MAX && i < n; i++)
		if (cur_lower((uint8_t)(name->s[from + i] & 0xff)) != (uint8_t)(what[i] & 0xff))
			return false;
	return true;
}

/* Has the name this constant at the offset? */
#define dns_name_has(name, from, literal) \
	dns_name_has_bytes((name), (from), "" literal, (uint32_t)sizeof(literal) - 1)

/* Does it end with this constant? */
#define dns_name_ends(name, literal)           \
	((name)->len >= sizeof(literal) - 1 && \
	 dns_name_has((name), (name)->len - ((uint32_t)sizeof(literal) - 1), literal))

/* The address in a name like 7.2.0.192.in-addr.arpa, its last number first (RFC 1035, 3.5). */
static inline bool dns_reverse_address(const struct text *name, struct ip4 *ip)
{
	uint32_t at = 0, number = 0, digits = 0, octets = 0;

	for (; at < TEXT_MAX && at < name->len && octets < 4; at++) {
		const uint8_t b = (uint8_t)(name->s[at] & 0xff);
		if (b >= '0' && b <= '9' && digits < 3) {
			number = number * 10 + (b - (uint32_t)'0');
			digits += 1;
			continue;
		}
		if (b != '.' || digits == 0 || number > 255)
			return false;
		ip->b[3 - octets] = (uint8_t)number;
		octets += 1;
		number = 0;
		digits = 0;
	}
	return octets == 4 && name->len == at + 12 && dns_name_has(name, at, "in-addr.arpa");
}

/* Spells the name at an offset that dns_record_next() has judged. */
static inline void dns_name_at(const struct dns_message *m, uint32_t offset, struct text *name)
{
	struct cur at = m->records;

	cur_seek(&at, offset);
	cur_dns_name(&at, m->start, name);
}

static inline void dns_record_name(const struct dns_message *m, const struct dns_record *r,
                                   struct text *name)
{
	dns_name_at(m, r->name_at, name);
}

/* The name that PTR, SRV, NS and CNAME point to; of other records it is empty. */
static inline void dns_record_target(const struct dns_message *m, const struct dns_record *r,
                                     struct text *target)
{
	text_clear(target);
	if (r->target_at != 0)
		dns_name_at(m, r->target_at, target);
}

/* Of A and AAAA, and of PTR the IPv4 address that its name spells; of no family where there is none. */
static inline struct ip dns_record_address(const struct dns_message *m, const struct dns_record *r)
{
	struct ip4 ip = {0};
	struct text name;

	if (r->type != DNS_PTR)
		return r->address;
	dns_record_name(m, r, &name);
	return dns_reverse_address(&name, &ip) ? ip_from4(ip) : r->address;
}

/* The name that has dns_record_address(): what PTR points to, of other records their own. */
static inline void dns_record_host(const struct dns_message *m, const struct dns_record *r,
                                   struct text *name)
{
	dns_name_at(m, r->type == DNS_PTR ? r->target_at : r->name_at, name);
}

/* Judges the name that a record points to. */
static inline void dns_target_pass(const struct dns_message *m, struct cur *data,
                                   struct dns_record *r)
{
	r->target_at = cur_pos(data);
	cur_dns_pass(data, m->start);
}

/* Judges whether the data is what the record's type says. */
static inline bool dns_record_data(const struct dns_message *m, struct dns_record *r)
{
	struct cur data = r->data;

	r->address.family = 0;
	r->target_at = 0;
	switch (r->type) {
	case DNS_A: {
		struct ip4 ip;
		cur_ip4(&data, &ip);
		r->address = ip_from4(ip);
		break;
	}
	case DNS_AAAA: {
		struct ip6 ip = {0};
		cur_ip6(&data, &ip);
		r->address = ip_from6(ip);
		break;
	}
	case DNS_SRV:
		cur_skip(&data, 6);
		dns_target_pass(m, &data, r);
		break;
	case DNS_PTR:
	case DNS_NS:
	case DNS_CNAME:
		dns_target_pass(m, &data, r);
		break;
	case DNS_HINFO:
	case DNS_TXT:
		while (cur_more(&data))
			(void)dns_string(&data);
		break;
	case DNS_OPT: /* options, each a code and a length before it (RFC 6891, 6.1.2) */
		while (cur_more(&data)) {
			cur_skip(&data, 2);
			cur_skip(&data, cur_be16(&data));
		}
		break;
	default:
		return true;
	}
	return cur_ok(&data) && cur_left(&data) == 0;
}

/* Reads the next record. False after the last one, and at a broken one, which makes `in` bad. */
static inline bool dns_record_next(const struct dns_message *m, struct cur *in,
                                   struct dns_record *r)
{
	if (r->index >= dns_record_count(m))
		return false;
	r->index += 1;
	r->name_at = cur_pos(in);
	cur_dns_pass(in, m->start);
	r->type = cur_be16(in);
	r->class = cur_be16(in);
	r->ttl = cur_be32(in);
	r->data = cur_sub(in, cur_be16(in));
	/* An update deletes by records without data (RFC 2136, 2.5): nothing is in them. */
	if (cur_left(&r->data) == 0)
		r->type = 0;
	if (!dns_record_data(m, r))
		cur_fail(in);
	return cur_ok(in);
}

static inline bool dns_records_judge(const struct dns_message *m)
{
	struct cur rest = m->records;
	struct dns_record r = {0};

	while (cur_more(&rest) && dns_record_next(m, &rest, &r))
		;
	return cur_ok(&rest) && r.index == dns_record_count(m);
}

static inline void dns_questions_parse(struct cur *in, struct dns_message *m)
{
	for (uint32_t i = 0; i < DNS_QUESTIONS_MAX && i < m->questions && cur_ok(in); i++) {
		if (i > 0) {
			cur_dns_pass(in, m->start);
			cur_skip(in, 4);
			continue;
		}
		cur_dns_name(in, m->start, &m->name);
		m->type = cur_be16(in);
		m->asked = cur_be16(in) == DNS_CLASS_IN;
	}
}

static inline bool dns_message_parse(struct cur *in, struct dns_message *m)
{
	m->start = cur_pos(in);
	m->records = cur_sub(in, 0);
	m->id = cur_be16(in);
	m->flags = cur_be16(in);
	m->questions = cur_be16(in);
	m->answers = cur_be16(in);
	m->authorities = cur_be16(in);
	m->additionals = cur_be16(in);
	if (!cur_ok(in) || !dns_is_plausible(m))
		return false;
	dns_questions_parse(in, m);
	m->asked = m->asked && cur_ok(in);
	m->records = cur_rest(in);
	return cur_ok(in) && dns_records_judge(m);
}
