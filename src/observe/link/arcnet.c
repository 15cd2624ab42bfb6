/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arcnet.c - ARCNET under Linux: IP behind one-byte addresses (LINKTYPE_ARCNET_LINUX).
 *
 * Sender, receiver, two bytes of the driver, and the protocol: f0 and f1 (RFC 1051) begin at
 * once, d4 and d5 (RFC 1201) behind a flag and a number by which long packets are split. Split
 * ones are not put together. The addresses are numbers of one ring, and no MACs.
 */
#include "observe/observer.h"

enum { ARCNET_IP_OLD = 240, ARCNET_IP = 212, ARCNET_EXCEPTION = 0xff };

struct arcnet {
	uint8_t from, to, protocol;
	bool split;
};

static void arcnet_split_parse(struct cur *in, struct arcnet *a)
{
	uint8_t flag = cur_u8(in);

	if (flag == ARCNET_EXCEPTION) {
		cur_skip(in, 3);
		flag = cur_u8(in);
	}
	cur_skip(in, 2); /* sequence number */
	a->split = flag != 0;
}

static bool arcnet_parse(struct cur *in, struct arcnet *a)
{
	a->from = cur_u8(in);
	a->to = cur_u8(in);
	cur_skip(in, 2); /* offset */
	a->protocol = cur_u8(in);
	if (a->protocol == ARCNET_IP)
		arcnet_split_parse(in, a);
	return cur_ok(in);
}

static enum verdict arcnet_packet(struct task *t, struct packet *p, void *state)
{
	struct arcnet a = {0};

	(void)state;
	if (!arcnet_parse(&p->rest, &a))
		return MALFORMED;
	if (a.split || (a.protocol != ARCNET_IP && a.protocol != ARCNET_IP_OLD))
		return NOTHING;
	forward(t, p, ETHERTYPE, 0x0800);
	return LEARNED;
}

SHOW(arcnet, struct arcnet, FIELD(struct arcnet, from, SHOW_NUMBER),
     FIELD(struct arcnet, to, SHOW_NUMBER), FIELD(struct arcnet, protocol, SHOW_NUMBER),
     FIELD(struct arcnet, split, SHOW_BOOL))

const struct observer observer_arcnet = {
	.name = "arcnet",
	.about = "IP over ARCNET",
	.spec = "RFC 1051, RFC 1201, LINKTYPE_ARCNET_LINUX",
	.claims = CLAIMS({LINKTYPE, 129, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&arcnet_show),
	.packet = arcnet_packet,
};

PROVE(arcnet_parse, struct arcnet)
