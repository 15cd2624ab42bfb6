/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nsh.c - network service headers: a packet's way through a chain of services.
 *
 * The length of the header, with whatever context it holds, counts four bytes (RFC 8300, 2.2). The
 * two directions have different paths, so they name no realm; what is inside is of another network
 * than the one between the services.
 */
#include "observe/observer.h"

enum { NSH_OAM = 0x2000, LINKTYPE_ETHERNET = 1, NSH_ETHERNET = 3 };

struct nsh {
	bool oam;
	uint8_t next;
	uint32_t path;
};

static bool nsh_parse(struct cur *in, struct nsh *n)
{
	const uint16_t head = cur_be16(in);
	const uint32_t len = (head & 0x3fu) * 4u;

	cur_skip(in, 1);
	n->oam = (head & NSH_OAM) != 0;
	n->next = cur_u8(in);
	n->path = cur_be24(in);
	cur_skip(in, 1);
	if (head >> 14 != 0 || len < 8)
		return false;
	cur_skip(in, len - 8);
	return cur_ok(in);
}

static enum verdict nsh_packet(struct task *t, struct packet *p, void *state)
{
	static const uint16_t ethertypes[] = {0, 0x0800, 0x86dd, 0, 0x894f, 0x8847};
	struct nsh n = {0};
	struct packet inner = {0};

	(void)state;
	if (!nsh_parse(&p->rest, &n))
		return MALFORMED;
	if (n.oam || n.next == 0 || n.next >= COUNT_OF(ethertypes))
		return NOTHING;
	if (!packet_enter(t, p, "nsh", false, 0, &inner))
		return LEARNED;
	if (n.next == NSH_ETHERNET)
		forward(t, &inner, LINKTYPE, LINKTYPE_ETHERNET);
	else
		forward(t, &inner, ETHERTYPE, ethertypes[n.next]);
	return LEARNED;
}

SHOW(nsh, struct nsh, FIELD(struct nsh, oam, SHOW_BOOL), FIELD(struct nsh, next, SHOW_NUMBER),
     FIELD(struct nsh, path, SHOW_NUMBER))

const struct observer observer_nsh = {
	.name = "nsh",
	.about = "service function chains",
	.spec = "RFC 8300",
	.claims = CLAIMS({ETHERTYPE, 0x894f, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&nsh_show),
	.packet = nsh_packet,
};

PROVE(nsh_parse, struct nsh)
