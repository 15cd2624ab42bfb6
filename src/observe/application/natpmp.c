/* SPDX-License-Identifier: Apache-2.0 */
/*
 * natpmp.c - the address that a gateway has outside, as it answers to who asks for a port: NAT-PMP (RFC
 * 6886, 3.2) and its successor PCP (RFC 6887, 7.2 and 11.1).
 *
 * Both live on UDP port 5351; the first byte is the version, the highest bit of the second marks an
 * answer. Of PCP the answers to MAP and PEER have the address that the gateway gave.
 */
#include "observe/observer.h"

enum { NATPMP_PORT = 5351, NATPMP_ANSWER = 0x80, NATPMP_ADDRESS = 0x80, PCP_MAP = 0x81, PCP_PEER };

struct natpmp {
	uint8_t version, operation;
	uint16_t result; /* 0: done */
	struct ip external;
};

static bool natpmp_pcp_parse(struct cur *in, struct natpmp *m)
{
	struct ip6 external = {{0}};

	cur_skip(in, 1);
	m->result = cur_u8(in);
	cur_skip(in, 20); /* lifetime, epoch, reserved */
	if (m->operation != PCP_MAP && m->operation != PCP_PEER)
		return cur_ok(in);
	cur_skip(in, 20); /* nonce, protocol, ports */
	cur_ip6(in, &external);
	m->external = ip_from6(external);
	return cur_ok(in);
}

static bool natpmp_parse(struct cur *in, struct natpmp *m)
{
	struct ip4 external = {{0}};

	m->version = cur_u8(in);
	m->operation = cur_u8(in);
	if (!cur_ok(in) || (m->version != 0 && m->version != 2))
		return false;
	if (m->operation < NATPMP_ANSWER)
		return m->version == 0 ? m->operation < 3 : cur_left(in) >= 22;
	if (m->version == 2)
		return natpmp_pcp_parse(in, m);
	m->result = cur_be16(in);
	cur_skip(in, 4); /* epoch */
	if (m->operation == NATPMP_ADDRESS && m->result == 0) {
		cur_ip4(in, &external);
		m->external = ip_from4(external);
	}
	return cur_ok(in) && m->operation <= NATPMP_ANSWER + 2;
}

/* An IPv4 address may be written as IPv6 would (RFC 6887, 5). */
static bool natpmp_address(const struct ip *ip, struct text *text)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct ip plain = *ip;
	char out[IP_TEXT];
	bool is_mapped = ip->family == 6;

	for (unsigned i = 0; i < 12 && is_mapped; i++)
		is_mapped = ip->b[i] == mapped[i];
	if (is_mapped)
		plain = ip_from4((struct ip4){{ip->b[12], ip->b[13], ip->b[14], ip->b[15]}});
	if (plain.family == 0 || !ip_is_host(&plain))
		return false;
	ip_format(&plain, out);
	text_clear(text);
	for (unsigned i = 0; i < IP_TEXT && out[i] != 0; i++)
		text_put(text, text_byte(out[i]));
	return true;
}

static enum verdict natpmp_packet(struct task *t, struct packet *p, void *state)
{
	struct natpmp m = {0};
	struct text text;

	(void)state;
	if (!natpmp_parse(&p->rest, &m))
		return NOT_MINE;
	if (p->from_port.n != NATPMP_PORT || m.operation < NATPMP_ANSWER || m.result != 0 ||
	    !natpmp_address(&m.external, &text))
		return NOTHING;
	tell_string(t, p, sender(p), FACT_NAT_EXTERNAL, &text);
	return LEARNED;
}

SHOW(natpmp, struct natpmp, FIELD(struct natpmp, version, SHOW_NUMBER),
     FIELD(struct natpmp, operation, SHOW_HEX), FIELD(struct natpmp, result, SHOW_NUMBER))

const struct observer observer_natpmp = {
	.name = "natpmp",
	.about = "gateways that open ports",
	.spec = "RFC 6886, RFC 6887",
	.claims = CLAIMS({UDP_PORT, NATPMP_PORT, NULL}),
	.tells = TELLS({FACT_NAT_EXTERNAL, SAYS, 90}),
	.shows = SHOWS(&natpmp_show),
	.packet = natpmp_packet,
};

PROVE(natpmp_parse, struct natpmp)
