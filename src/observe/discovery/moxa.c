/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moxa.c - Moxa's serial device servers and gateways, as they answer on port 4800.
 *
 * A question is 01 00 00 08 and four zeros; the answer, 81 00 00 18, is 24 bytes, at whose end stand
 * the MAC address and the IPv4 address. There is no public standard: what is not known to be so is
 * not told, and an answer whose address is not its sender's is passed over.
 */
#include "observe/shared/device.h"

enum { MOXA_PORT = 4800, MOXA_ANSWER_LEN = 24 };

struct moxa {
	bool is_answer;
	uint16_t length;
	struct ip4 ip;
	struct cur mac;
};

static bool moxa_parse(struct cur *in, struct moxa *m)
{
	const uint32_t whole = cur_left(in);
	const uint16_t head = cur_be16(in);

	m->is_answer = head == 0x8100;
	m->length = cur_be16(in);
	m->mac = cur_sub(in, 0);
	if (!m->is_answer)
		return cur_ok(in) && head == 0x0100 && m->length == whole;
	cur_skip(in, 10);
	m->mac = cur_sub(in, 6);
	cur_ip4(in, &m->ip);
	return cur_ok(in) && whole == MOXA_ANSWER_LEN && m->length == whole;
}

static enum verdict moxa_packet(struct task *t, struct packet *p, void *state)
{
	struct moxa m = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!moxa_parse(&p->rest, &m))
		return NOT_MINE;
	const struct ip ip = ip_from4(m.ip);
	if (!m.is_answer || !ip_equal(&ip, &p->from))
		return NOTHING;
	device_tell_mac(t, p, m.mac);
	return LEARNED;
}

SHOW(moxa, struct moxa, FIELD(struct moxa, is_answer, SHOW_BOOL),
     FIELD(struct moxa, length, SHOW_NUMBER))

const struct observer observer_moxa = {
	.name = "moxa",
	.about = "serial device servers of Moxa",
	.spec = "Moxa discovery (no public standard)",
	.claims = CLAIMS({UDP_PORT, MOXA_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_MAC, SAYS, 90}),
	.shows = SHOWS(&moxa_show),
	.packet = moxa_packet,
};

PROVE(moxa_parse, struct moxa)
