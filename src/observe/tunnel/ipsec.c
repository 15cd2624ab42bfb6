/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipsec.c - IPsec: who protects traffic with whom (ESP), and packets that are only signed (AH).
 *
 * ESP shows nothing but that two hosts have a secret in common: the sender's peer is told. AH
 * (RFC 4302, 2) leaves the packet in the clear behind a header whose length counts four bytes,
 * less two. Between two hosts it is the same packet: there is no realm.
 *
 * Through address translation ESP goes in UDP, on IKE's port 4500 (RFC 3948, 2.1); its first four bytes
 * are no zeros, as those before IKE are. Little tells it from anything else there: a number that is
 * not reserved, a sequence that counts from 1 and has not come far, and whole words of four bytes
 * (RFC 4303, 2.4), enough of them for the shortest packet with its signature. So it is less sure, and
 * a dialogue that has sent sixteen million packets before is not seen.
 */
#include "observe/observer.h"

enum { IPSEC_ESP = 50, IPSEC_AH = 51, IPSEC_UDP = 17, IPSEC_NAT_PORT = 4500 };
enum { IPSEC_SEQUENCE_MAX = 1 << 24, IPSEC_SHORTEST = 24 };

struct ipsec {
	uint32_t spi, sequence; /* ESP */
};

struct ipsec_ah {
	uint8_t next;
	uint32_t spi;
};

static bool ipsec_parse(struct cur *in, struct ipsec *s)
{
	s->spi = cur_be32(in);
	s->sequence = cur_be32(in);
	return cur_ok(in) && s->spi > 255; /* below: reserved (RFC 4303, 2.1) */
}

static bool ipsec_udp_parse(struct cur *in, struct ipsec *s)
{
	if (!ipsec_parse(in, s) || s->sequence == 0 || s->sequence >= IPSEC_SEQUENCE_MAX)
		return false;
	return cur_left(in) >= IPSEC_SHORTEST && cur_left(in) % 4 == 0;
}

static bool ipsec_ah_parse(struct cur *in, struct ipsec_ah *a)
{
	a->next = cur_u8(in);
	const uint32_t len = cur_u8(in) * 4u + 8u;
	cur_skip(in, 2);
	a->spi = cur_be32(in);
	if (len < 12)
		return false;
	cur_skip(in, len - 8);
	return cur_ok(in);
}

static enum verdict ipsec_esp(struct task *t, struct packet *p)
{
	const bool in_udp = p->protocol == IPSEC_UDP;
	struct ipsec s = {0};
	char text[IP_TEXT];

	if (in_udp ? p->cut || !ipsec_udp_parse(&p->rest, &s) : !ipsec_parse(&p->rest, &s))
		return in_udp ? NOT_MINE : MALFORMED;
	if (!ip_is_host(&p->from) || !ip_is_host(&p->to))
		return NOTHING;
	tell_word(t, p, sender(p), FACT_ESP_PEER, ip_format(&p->to, text));
	return LEARNED;
}

static enum verdict ipsec_packet(struct task *t, struct packet *p, void *state)
{
	struct ipsec_ah a = {0};

	(void)state;
	if (p->protocol == IPSEC_ESP || p->protocol == IPSEC_UDP)
		return ipsec_esp(t, p);
	if (!ipsec_ah_parse(&p->rest, &a) || a.next == IPSEC_AH)
		return MALFORMED;
	p->protocol = a.next;
	forward(t, p, IP_PROTOCOL, a.next);
	return LEARNED;
}

SHOW(ipsec, struct ipsec, FIELD(struct ipsec, spi, SHOW_HEX),
     FIELD(struct ipsec, sequence, SHOW_NUMBER))
SHOW(ipsec_udp, struct ipsec, FIELD(struct ipsec, spi, SHOW_HEX),
     FIELD(struct ipsec, sequence, SHOW_NUMBER))

const struct observer observer_ipsec = {
	.name = "ipsec",
	.about = "who uses IPsec with whom",
	.spec = "RFC 4303, RFC 4302, RFC 3948",
	.claims = CLAIMS({IP_PROTOCOL, IPSEC_ESP, NULL}, {IP_PROTOCOL, IPSEC_AH, NULL},
                         {UDP_PORT, IPSEC_NAT_PORT, NULL}),
	.tells = TELLS({FACT_ESP_PEER, SAYS, 90}),
	.shows = SHOWS(&ipsec_show, &ipsec_udp_show),
	.packet = ipsec_packet,
};

PROVE(ipsec_parse, struct ipsec)
PROVE(ipsec_udp_parse, struct ipsec)
PROVE(ipsec_ah_parse, struct ipsec_ah)
