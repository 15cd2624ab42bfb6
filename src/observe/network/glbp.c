/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glbp.c - Cisco's routers that share an address and the load, and which address.
 *
 * A message is a group's number, the sender's own MAC and a list of types and lengths (the length
 * counts both). A hello holds the group's address; the rest is of who forwards for whom. Nothing
 * is published of the format: the layout is what dissectors agree on. Each virtual MAC has the
 * address in its turn, so whose it is, is not told.
 */
#include "observe/observer.h"

enum { GLBP_PORT = 3222, GLBP_VERSION = 1, GLBP_HELLO = 1, GLBP_HEADER = 2 };

struct glbp {
	uint16_t group;
	struct mac router;
	bool hello, has_ip;
	struct ip4 ip;
};

static void glbp_hello_parse(struct cur hello, struct glbp *g)
{
	cur_skip(&hello, 20); /* state, priority, timers */
	const uint8_t type = cur_u8(&hello);
	const uint8_t len = cur_u8(&hello);
	if (type != 1 || len != 4)
		return;
	cur_ip4(&hello, &g->ip);
	g->has_ip = cur_ok(&hello);
}

static bool glbp_parse(struct cur *in, struct glbp *g)
{
	const uint8_t version = cur_u8(in);

	cur_skip(in, 1);
	g->group = cur_be16(in);
	cur_skip(in, 2);
	cur_mac(in, &g->router);
	if (!cur_ok(in) || version != GLBP_VERSION || !mac_is_device(g->router))
		return false;
	while (cur_more(in)) {
		const uint8_t type = cur_u8(in);
		const uint8_t len = cur_u8(in);
		if (len < GLBP_HEADER)
			return false;
		const struct cur value = cur_sub(in, len - 2u);
		if (type != GLBP_HELLO)
			continue;
		g->hello = true;
		glbp_hello_parse(value, g);
	}
	return cur_ok(in);
}

static enum verdict glbp_packet(struct task *t, struct packet *p, void *state)
{
	struct glbp g = {0};
	char text[IP_TEXT];

	(void)state;
	if (!glbp_parse(&p->rest, &g))
		return p->cut ? MALFORMED : NOT_MINE;
	if (!g.hello)
		return NOTHING;
	tell_word(t, p, sender(p), FACT_ROLE, "router");
	tell_number(t, p, sender(p), FACT_GLBP_GROUP, g.group);
	const struct ip ip = ip_from4(g.ip);
	if (g.has_ip && ip_is_host(&ip))
		tell_word(t, p, sender(p), FACT_GLBP_IP, ip_format(&ip, text));
	return LEARNED;
}

SHOW(glbp, struct glbp, FIELD(struct glbp, group, SHOW_NUMBER),
     FIELD(struct glbp, router, SHOW_MAC), FIELD(struct glbp, hello, SHOW_BOOL),
     FIELD(struct glbp, ip, SHOW_IP4))

const struct observer observer_glbp = {
	.name = "glbp",
	.about = "Cisco routers that share an address and the load (GLBP)",
	.spec = "Cisco, unpublished",
	.claims = CLAIMS({UDP_PORT, GLBP_PORT, NULL}),
	.tells =
		TELLS({FACT_ROLE, SAYS, 90}, {FACT_GLBP_GROUP, SAYS, 90}, {FACT_GLBP_IP, SAYS, 90}),
	.shows = SHOWS(&glbp_show),
	.packet = glbp_packet,
};

PROVE(glbp_parse, struct glbp)
