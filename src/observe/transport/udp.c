/* SPDX-License-Identifier: Apache-2.0 */
/*
 * udp.c - UDP: ports, and services proven by an answer.
 *
 * UDP has no servers of its own: who answers serves, as far as the first packet seen was the
 * question. Where a capture starts in mid-dialogue the question may seem the answer, so that a
 * service is told only where the port speaks for it too: it is one that services use, and the
 * other side's is no such port, or a greater one. Equal ports (NTP and IKE among peers) serve on
 * both sides. NFS is asked from reserved ports, which show that root asks (bindresvport(3)).
 *
 * A length of 0 stands for a jumbogram (RFC 2675) or for what the network card will cut up: the
 * datagram is all that is left.
 *
 * Most stacks let datagrams be cut on their way; who forbids it (DF) can be told by how it does so:
 * an id that still counts up is Linux's manner, where others send 0 (RFC 6864).
 * It is looked at in the first datagram of either side of a flow, to one receiver.
 */
#include "observe/observer.h"

enum { UDP_HEADER = 8, UDP_PROTOCOL = 17, FIRST_FREE_PORT = 1024 };
enum { NFS_PORT = 2049, NFS_ASKER = 600 /* and up to the first free port */ };

struct udp {
	uint16_t from, to;
	uint16_t length; /* with the header */
};

static bool udp_parse(struct cur *in, struct udp *u)
{
	u->from = cur_be16(in);
	u->to = cur_be16(in);
	u->length = cur_be16(in);
	cur_skip(in, 2); /* checksum */
	return cur_ok(in) && (u->length == 0 || u->length >= UDP_HEADER);
}

/* Services above the reserved ports, as registered with IANA. */
static const uint16_t udp_services[] = {
	1194,  /* openvpn */
	1812,  /* radius */
	1813,  /* radius accounting */
	2049,  /* nfs */
	4500,  /* ipsec behind nat */
	5060,  /* sip */
	5683,  /* coap */
	5684,  /* coap over dtls */
	20000, /* dnp3 */
	34964, /* profinet context manager */
	44818, /* ethernet/ip */
	47808, /* bacnet */
	51820, /* wireguard */
};

static bool udp_is_service(uint16_t port)
{
	if (port > 0 && port < FIRST_FREE_PORT)
		return true;
	for (unsigned i = 0; i < COUNT_OF(udp_services); i++)
		if (udp_services[i] == port)
			return true;
	return false;
}

static bool udp_asks_nfs(uint16_t from, uint16_t to)
{
	return to == NFS_PORT && from >= NFS_ASKER && from < FIRST_FREE_PORT;
}

static bool udp_serves(const struct udp *u)
{
	if (udp_asks_nfs(u->from, u->to) || udp_asks_nfs(u->to, u->from))
		return u->from == NFS_PORT;
	return udp_is_service(u->from) && (!udp_is_service(u->to) || u->from <= u->to);
}

static void udp_trim(struct packet *p, const struct udp *u)
{
	if (u->length == 0)
		return;
	const uint32_t len = (uint32_t)u->length - UDP_HEADER;
	p->cut = cur_left(&p->rest) < len;
	cur_cut(&p->rest, len);
}

/* IPv4 in one piece, to one receiver, not to be cut, and numbered. */
static bool udp_is_numbered(const struct packet *p)
{
	return p->head >> 60 == 4 && (p->head & 0x4000) != 0 && (p->head >> 16 & 0xffff) != 0 &&
	       !p->cut && !mac_is_group(p->destination) && !ip_is_multicast(&p->to);
}

static uint32_t udp_first_ttl(uint8_t ttl)
{
	return ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

static enum verdict udp_packet(struct task *t, struct packet *p, void *state)
{
	struct udp u = {0};

	(void)state;
	if (!udp_parse(&p->rest, &u))
		return MALFORMED;
	p->from_port.n = u.from;
	p->to_port.n = u.to;
	udp_trim(p, &u);
	const struct flow_view view = flow_datagram(t, p);
	if ((view.first || view.answered) && udp_is_numbered(p))
		tell_number(t, p, sender(p), FACT_UDP_NUMBERED, udp_first_ttl(p->ttl));
	if (view.answered && udp_serves(&u))
		tell_answer(t, p, UDP_PROTOCOL);
	return LEARNED;
}

SHOW(udp, struct udp, FIELD(struct udp, from, SHOW_NUMBER), FIELD(struct udp, to, SHOW_NUMBER),
     FIELD(struct udp, length, SHOW_NUMBER))

const struct observer observer_udp = {
	.name = "udp",
	.about = "UDP flows and services",
	.spec = "RFC 768, RFC 2675, RFC 6864",
	.claims = CLAIMS({IP_PROTOCOL, UDP_PROTOCOL, NULL}),
	.tells = TELLS({FACT_SERVICE, SAYS, 80}, {FACT_TALKS_IPV4, SAYS, 80},
                       {FACT_TALKS_IPV6, SAYS, 80}, {FACT_UDP_NUMBERED, SAYS, 80}),
	.shows = SHOWS(&udp_show),
	.packet = udp_packet,
};

PROVE(udp_parse, struct udp)
