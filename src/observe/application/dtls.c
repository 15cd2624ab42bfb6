/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls.c - TLS over datagrams: the hellos and certificates of DTLS 1.0 to 1.2, and the hellos of 1.3
 * (RFC 6347, RFC 9147), as WebRTC, VPNs, CoAP and remote desktops use it.
 *
 * A datagram holds whole records, a record whole messages or a part of one: a message says how long it
 * is, and which of its bytes are here (RFC 6347, 4.2.2). Hellos are read where they lie. A certificate
 * often has more than a datagram has room for: its parts are kept, of some dialogues at a time, until
 * it is whole, and then read as TLS would have it. A client that was sent a cookie says its hello
 * again, with the same facts. A message of several parts longer than 4 KiB is not read.
 */
#include "observe/quic_crypto.h"
#include "observe/shared/tls_certificate.h"
#include "observe/shared/tls_tell.h"

#include "net/ip.h"

enum { DTLS_HANDSHAKE = 22, DTLS_RECORDS = 16, DTLS_MESSAGES = 8, DTLS_FLIGHTS = 8 };

struct dtls {
	uint8_t type;
	uint16_t version, epoch;
	struct cur fragment;
};

static bool dtls_parse(struct cur *in, struct dtls *d)
{
	d->fragment = cur_sub(in, 0);
	d->type = cur_u8(in);
	d->version = cur_be16(in);
	d->epoch = cur_be16(in);
	cur_skip(in, 6);
	d->fragment = cur_sub(in, cur_be16(in));
	return cur_ok(in) && d->type >= 20 && d->type <= 25 &&
	       (d->version == 0xfeff || d->version == 0xfefd);
}

/* A message, or a part of one. */
struct dtls_message {
	struct cur head; /* type and length, as in TLS */
	uint8_t type;
	uint32_t len, from; /* of the whole; where this part begins */
	uint16_t number;
	struct cur part;
};

static bool dtls_message_parse(struct cur *in, struct dtls_message *m)
{
	struct cur start = *in;

	m->head = cur_sub(&start, 4);
	m->type = cur_u8(in);
	m->len = cur_be24(in);
	m->number = cur_be16(in);
	m->from = cur_be24(in);
	m->part = cur_sub(in, cur_be24(in));
	return cur_ok(in) && m->from + cur_left(&m->part) <= m->len;
}

static bool dtls_is_hello(const struct dtls_message *m)
{
	return (m->type == TLS_CLIENT_HELLO || m->type == TLS_SERVER_HELLO) &&
	       cur_left(&m->part) == m->len;
}

/* A message that is whole. */
static bool dtls_hello_parse(struct cur *in, struct tls_hello *h)
{
	struct dtls_message m = {0};

	tls_hello_clear(in, h);
	if (!dtls_message_parse(in, &m) || !dtls_is_hello(&m))
		return false;
	h->type = m.type;
	return tls_body_parse(&m.part, true, h);
}

/* ---- certificates in parts */

struct dtls_flight {
	struct ip from, to;
	struct port from_port, to_port;
	uint64_t tunnel;
	uint16_t number; /* of the message */
	struct quic_pieces pieces;
};

struct dtls_state {
	struct dtls_flight flight[DTLS_FLIGHTS];
	uint32_t next; /* to be given up */
};

static bool dtls_is_of(const struct dtls_flight *f, const struct packet *p, uint16_t number)
{
	return f->number == number && f->from_port.n == p->from_port.n &&
	       f->to_port.n == p->to_port.n && f->tunnel == p->tunnel &&
	       ip_equal(&f->from, &p->from) && ip_equal(&f->to, &p->to);
}

static struct dtls_flight *dtls_flight_of(struct dtls_state *s, const struct packet *p,
                                          uint16_t number)
{
	for (unsigned i = 0; i < DTLS_FLIGHTS; i++)
		if (dtls_is_of(&s->flight[i], p, number))
			return &s->flight[i];
	struct dtls_flight *f = &s->flight[s->next++ % DTLS_FLIGHTS];
	*f = (struct dtls_flight){.from = p->from,
	                          .to = p->to,
	                          .from_port = p->from_port,
	                          .to_port = p->to_port,
	                          .tunnel = p->tunnel,
	                          .number = number};
	return f;
}

/* The message as TLS would have it into the scratch buffer, once it is whole. */
static bool dtls_gather(struct task *t, const struct packet *p, const struct dtls_message *m,
                        struct dtls_state *s)
{
	struct scratch *scratch = task_scratch(t);
	struct cur head = m->head, part = m->part;

	scratch_reset(scratch);
	if (cur_left(&part) == m->len)
		return scratch_add(scratch, &head) && scratch_add(scratch, &part);
	struct dtls_flight *f = dtls_flight_of(s, p, m->number);
	quic_pieces_add(&f->pieces, 0, head);
	quic_pieces_add(&f->pieces, (uint64_t)4 + m->from, part);
	if (!quic_pieces_take(&f->pieces, scratch))
		return false;
	*f = (struct dtls_flight){0};
	return true;
}

/* ---- telling */

static enum verdict dtls_tell_hello(struct task *t, const struct packet *p, struct cur message)
{
	struct tls_hello h = {0};

	if (!dtls_hello_parse(&message, &h))
		return MALFORMED;
	if (h.type == TLS_CLIENT_HELLO)
		tls_tell_client(t, p, &h, 'd');
	else
		tls_tell_server(t, p, &h);
	return LEARNED;
}

static enum verdict dtls_tell_certificate(struct task *t, const struct packet *p)
{
	struct tls_certificates c = {0};
	struct cur message = scratch_cursor(task_scratch(t));

	if (!tls_certificates_parse(&message, &c))
		return MALFORMED;
	if (!c.any)
		return NOTHING;
	tls_tell_certificate(t, p, &c.own);
	return LEARNED;
}

/* All messages of a record; what is not whole tells nothing. */
static enum verdict dtls_record(struct task *t, const struct packet *p, struct cur record,
                                struct dtls_state *s)
{
	enum verdict all = NOTHING;

	for (unsigned i = 0; i < DTLS_MESSAGES && cur_more(&record); i++) {
		struct dtls_message m = {0};
		struct cur start = record;
		enum verdict v = NOTHING;
		if (!dtls_message_parse(&record, &m))
			return all == LEARNED ? all : MALFORMED;
		if (dtls_is_hello(&m))
			v = dtls_tell_hello(t, p, start);
		else if (m.type == TLS_CERTIFICATE && dtls_gather(t, p, &m, s))
			v = dtls_tell_certificate(t, p);
		if (all != LEARNED)
			all = v;
	}
	return all;
}

/* An access point and its controller put four bytes before the record (RFC 5415, 4.2). */
struct dtls_capwap {
	bool is;
};

static bool dtls_capwap_parse(struct cur *in, struct dtls_capwap *c)
{
	c->is = cur_is(in, "\x01\0\0\0");
	return cur_ok(in);
}

static enum verdict dtls_packet(struct task *t, struct packet *p, void *state)
{
	struct dtls_capwap capwap = {0};
	enum verdict all = NOTHING;

	(void)dtls_capwap_parse(&p->rest, &capwap);
	for (unsigned i = 0; i < DTLS_RECORDS && cur_more(&p->rest); i++) {
		struct dtls d = {0};
		if (!dtls_parse(&p->rest, &d))
			return i > 0 ? all : NOT_MINE;
		if (d.type != DTLS_HANDSHAKE || d.epoch != 0)
			continue;
		const enum verdict v = dtls_record(t, p, d.fragment, state);
		if (all != LEARNED)
			all = v;
	}
	return all;
}

SHOW(dtls, struct dtls, FIELD(struct dtls, type, SHOW_NUMBER),
     FIELD(struct dtls, version, SHOW_HEX), FIELD(struct dtls, epoch, SHOW_NUMBER))
SHOW(dtls_message, struct dtls_message, FIELD(struct dtls_message, type, SHOW_NUMBER),
     FIELD(struct dtls_message, len, SHOW_NUMBER), FIELD(struct dtls_message, from, SHOW_NUMBER),
     FIELD(struct dtls_message, number, SHOW_NUMBER))
SHOW(dtls_hello, struct tls_hello, FIELD(struct tls_hello, version, SHOW_HEX),
     FIELD(struct tls_hello, cipher_count, SHOW_NUMBER))

const struct observer observer_dtls = {
	.name = "dtls",
	.about = "DTLS clients and servers by their hellos and certificates",
	.spec = "RFC 6347, RFC 9147, RFC 5415",
	.claims = CLAIMS({UDP_SNIFF, 0, "16 fe ff 00 00"}, {UDP_SNIFF, 0, "16 fe fd 00 00"},
                         {UDP_SNIFF, 0, "01 00 00 00 16 fe ff 00 00"},
                         {UDP_SNIFF, 0, "01 00 00 00 16 fe fd 00 00"}),
	.tells = TELLS(TLS_CLIENT_TELLS, TLS_SERVER_TELLS, TLS_CERTIFICATE_TELLS),
	.shows = SHOWS(&dtls_show, &dtls_message_show, &dtls_hello_show),
	.state_size = sizeof(struct dtls_state),
	.packet = dtls_packet,
};

PROVE(dtls_parse, struct dtls)
PROVE(dtls_capwap_parse, struct dtls_capwap)
PROVE(dtls_message_parse, struct dtls_message)
PROVE(dtls_hello_parse, struct tls_hello)
