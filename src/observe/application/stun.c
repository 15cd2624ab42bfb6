/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stun.c - the software of STUN and TURN clients and servers, and the address that a client has
 * outside (RFC 8489).
 *
 * A message is a header with a magic number, and attributes, each filled up to four bytes; all are
 * judged before any is told. The mapped address in a success is whom the server saw: the receiver,
 * from outside where there is a NAT between, and so told only when it is another address than the
 * receiver's.
 */
#include "observe/observer.h"

#include "net/ip.h"

enum { STUN_PORT = 3478, STUN_COOKIE = 0x2112a442, STUN_ATTRIBUTES_MAX = 64 };
enum { STUN_SUCCESS = 0x0101, STUN_IPV4 = 1 };
enum { STUN_XOR_MAPPED = 0x0020, STUN_SOFTWARE = 0x8022 };

struct stun {
	uint16_t type;
	struct cur software;
	struct cur mapped; /* family, port, address */
};

static bool stun_parse(struct cur *in, struct stun *s)
{
	s->software = cur_sub(in, 0);
	s->mapped = cur_sub(in, 0);
	s->type = cur_be16(in);
	const uint16_t len = cur_be16(in);
	const uint32_t cookie = cur_be32(in);
	cur_skip(in, 12);
	if (s->type >= 0x4000 || len % 4 != 0 || cookie != STUN_COOKIE || cur_left(in) != len)
		return false;
	for (unsigned i = 0; i < STUN_ATTRIBUTES_MAX && cur_more(in); i++) {
		const uint16_t type = cur_be16(in);
		const uint16_t value_len = cur_be16(in);
		struct cur value = cur_sub(in, value_len);
		cur_skip(in, (4u - value_len % 4u) % 4u);
		if (type == STUN_SOFTWARE)
			s->software = cur_rest(&value);
		if (type == STUN_XOR_MAPPED)
			s->mapped = cur_rest(&value);
	}
	return cur_ok(in);
}

static void stun_tell_outside(struct task *t, const struct packet *p, struct cur mapped)
{
	struct ip4 ip4 = {0};
	char text[IP_TEXT];

	cur_skip(&mapped, 1);
	const uint8_t family = cur_u8(&mapped);
	cur_skip(&mapped, 2);
	cur_ip4(&mapped, &ip4);
	if (!cur_ok(&mapped) || family != STUN_IPV4)
		return;
	for (unsigned i = 0; i < 4; i++)
		ip4.b[i] ^= (uint8_t)(STUN_COOKIE >> (24 - 8 * i) & 0xff);
	const struct ip ip = ip_from4(ip4);
	if (!ip_equal(&ip, &p->to))
		tell_word(t, p, receiver(p), FACT_STUN_EXTERNAL, ip_format(&ip, text));
}

static enum verdict stun_packet(struct task *t, struct packet *p, void *state)
{
	struct stun s = {0};

	(void)state;
	if (!stun_parse(&p->rest, &s))
		return NOT_MINE;
	if (cur_left(&s.software) > 0)
		tell_text(t, p, sender(p), FACT_STUN_SOFTWARE, s.software);
	if (s.type == STUN_SUCCESS)
		stun_tell_outside(t, p, s.mapped);
	return cur_left(&s.software) > 0 || s.type == STUN_SUCCESS ? LEARNED : NOTHING;
}

SHOW(stun, struct stun, FIELD(struct stun, type, SHOW_HEX))

const struct observer observer_stun = {
	.name = "stun",
	.about = "STUN clients and servers: software, address outside",
	.spec = "RFC 8489",
	.claims = CLAIMS({UDP_PORT, STUN_PORT, NULL}, {UDP_SNIFF, 0, "00 ?? ?? ?? 21 12 a4 42"},
                         {UDP_SNIFF, 0, "01 ?? ?? ?? 21 12 a4 42"}),
	.tells = TELLS({FACT_STUN_SOFTWARE, SAYS, 90}, {FACT_STUN_EXTERNAL, SAYS, 80}),
	.shows = SHOWS(&stun_show),
	.packet = stun_packet,
};

PROVE(stun_parse, struct stun)
