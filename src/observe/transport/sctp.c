/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sctp.c - SCTP: who serves, and what is said over it (RFC 9260).
 *
 * A packet is a head and a row of chunks, each filled up to four bytes (3.2). Who answers INIT with
 * INIT ACK serves on the port that it answers from (5.1); that one comes alone in its packet. Data
 * says in a number what it is, from a registry (IANA, "SCTP Payload Protocol Identifiers"): so the
 * nodes of telephone networks, which are what mostly speaks SCTP, are told apart. 0 says nothing;
 * where a message of it begins like one of HTTP, its head is read as in http.c. Messages in several
 * chunks are not put together, what is in the first is read.
 */
#include "observe/shared/http_head.h"

enum { SCTP_PROTOCOL = 132, SCTP_CHUNKS_MAX = 64, SCTP_CHUNK_HEADER = 4 };
enum sctp_type { SCTP_DATA = 0, SCTP_INIT = 1, SCTP_INIT_ACK = 2, SCTP_BEGINS = 2, SCTP_HTTP = 63 };

struct sctp {
	uint16_t from, to;
	uint32_t count; /* of chunks */
	struct cur chunks;
};

struct sctp_chunk {
	uint8_t type, flags;
	struct cur value;
};

static struct sctp_chunk sctp_chunk_next(struct cur *in)
{
	struct sctp_chunk c;

	c.type = cur_u8(in);
	c.flags = cur_u8(in);
	const uint16_t len = cur_be16(in);
	if (len < SCTP_CHUNK_HEADER)
		cur_fail(in);
	c.value = cur_sub(in, len - (uint32_t)SCTP_CHUNK_HEADER);
	const uint32_t fill = (4u - len % 4u) % 4u;
	cur_skip(in, fill < cur_left(in) ? fill : cur_left(in)); /* the last may be without */
	return c;
}

static bool sctp_parse(struct cur *in, struct sctp *s)
{
	s->from = cur_be16(in);
	s->to = cur_be16(in);
	cur_skip(in, 8); /* verification tag, checksum */
	s->chunks = cur_rest(in);
	struct cur rest = s->chunks;
	while (cur_more(&rest)) {
		const struct sctp_chunk c = sctp_chunk_next(&rest);
		(void)c;
		s->count += 1;
	}
	return cur_ok(in) && cur_ok(&rest) && s->count > 0 && s->count <= SCTP_CHUNKS_MAX &&
	       s->from != 0 && s->to != 0;
}

struct sctp_data {
	uint32_t protocol;
	struct cur payload;
};

static bool sctp_data_parse(struct cur *in, struct sctp_data *d)
{
	cur_skip(in, 8); /* its number, stream, number in the stream */
	d->protocol = cur_be32(in);
	d->payload = cur_rest(in);
	return cur_ok(in) && cur_left(&d->payload) > 0; /* 6.2: data without a byte is an error */
}

static const char *sctp_protocol_name(uint32_t protocol)
{
	static const struct {
		uint32_t protocol;
		char name[10];
	} names[] = {
		{1, "iua"},   {2, "m2ua"},   {3, "m3ua"},      {4, "sua"},       {5, "m2pa"},
		{6, "v5ua"},  {7, "h248"},   {8, "bicc"},      {9, "tali"},      {10, "dua"},
		{11, "asap"}, {12, "enrp"},  {13, "h323"},     {14, "qipc"},     {18, "s1ap"},
		{19, "rua"},  {20, "hnbap"}, {24, "sbcap"},    {25, "nbap"},     {27, "x2ap"},
		{43, "m2ap"}, {44, "m3ap"},  {46, "diameter"}, {47, "diameter"}, {60, "ngap"},
		{61, "xnap"}, {62, "f1ap"},  {64, "e1ap"},
	};

	for (unsigned i = 0; i < COUNT_OF(names); i++)
		if (names[i].protocol == protocol)
			return names[i].name;
	return NULL;
}

static bool sctp_tell_http(struct task *t, const struct packet *p, struct cur payload)
{
	struct http_head h = {0};

	if (!http_head_parse(&payload, &h) || h.more)
		return false;
	if (cur_left(&h.user_agent) > 0)
		tell_text(t, p, sender(p), FACT_HTTP_USER_AGENT, h.user_agent);
	if (cur_left(&h.server) > 0)
		tell_text(t, p, sender(p), FACT_HTTP_SERVER, h.server);
	return true;
}

static bool sctp_tell_data(struct task *t, const struct packet *p, struct sctp_chunk *c)
{
	struct sctp_data d = {0};

	if (!sctp_data_parse(&c->value, &d))
		return false;
	const char *const name = sctp_protocol_name(d.protocol);
	if (name)
		tell_word(t, p, sender(p), FACT_SCTP_CARRIES, name);
	else if ((d.protocol == 0 || d.protocol == SCTP_HTTP) && (c->flags & SCTP_BEGINS) != 0)
		return sctp_tell_http(t, p, d.payload);
	return name != NULL;
}

static enum verdict sctp_packet(struct task *t, struct packet *p, void *state)
{
	struct sctp s = {0};
	bool told = false;

	(void)state;
	if (!sctp_parse(&p->rest, &s))
		return MALFORMED;
	if (p->cut)
		return NOTHING;
	p->from_port.n = s.from;
	p->to_port.n = s.to;
	for (uint32_t i = 0; i < SCTP_CHUNKS_MAX && i < s.count && cur_more(&s.chunks); i++) {
		struct sctp_chunk c = sctp_chunk_next(&s.chunks);
		if (c.type == SCTP_INIT_ACK && s.count == 1) {
			tell_answer(t, p, SCTP_PROTOCOL);
			told = true;
		}
		if (c.type == SCTP_DATA && sctp_tell_data(t, p, &c))
			told = true;
	}
	return told ? LEARNED : NOTHING;
}

SHOW(sctp, struct sctp, FIELD(struct sctp, from, SHOW_NUMBER), FIELD(struct sctp, to, SHOW_NUMBER),
     FIELD(struct sctp, count, SHOW_NUMBER))
SHOW(sctp_data, struct sctp_data, FIELD(struct sctp_data, protocol, SHOW_NUMBER))

const struct observer observer_sctp = {
	.name = "sctp",
	.about = "SCTP's servers, and what is said over it",
	.spec = "RFC 9260, IANA's SCTP payload protocol identifiers",
	.claims = CLAIMS({IP_PROTOCOL, SCTP_PROTOCOL, NULL}),
	.tells = TELLS({FACT_SERVICE, SAYS, 100}, {FACT_TALKS_IPV4, SAYS, 100},
                       {FACT_TALKS_IPV6, SAYS, 100}, {FACT_SCTP_CARRIES, SAYS, 95},
                       {FACT_HTTP_USER_AGENT, SAYS, 90}, {FACT_HTTP_SERVER, SAYS, 90}),
	.shows = SHOWS(&sctp_show, &sctp_data_show),
	.packet = sctp_packet,
};

PROVE(sctp_parse, struct sctp)
PROVE(sctp_data_parse, struct sctp_data)
