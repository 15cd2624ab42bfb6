/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fabricpath.c - Cisco's FabricPath: frames on their way through a fabric of switches.
 *
 * The addresses outside are numbers of switches and ports, no device's: ethernet.c tells nothing
 * of them. The tag holds a tree and hops to live; behind it is the whole frame as it came into
 * the fabric. It is of the same network: there is no realm.
 */
#include "observe/observer.h"

enum { LINKTYPE_ETHERNET = 1 };

struct fabricpath {
	uint16_t tree;
	uint8_t hops;
};

static bool fabricpath_parse(struct cur *in, struct fabricpath *f)
{
	const uint16_t tag = cur_be16(in);

	f->tree = tag >> 6;
	f->hops = tag & 0x3f;
	return cur_ok(in);
}

static enum verdict fabricpath_packet(struct task *t, struct packet *p, void *state)
{
	struct fabricpath f = {0};

	(void)state;
	if (!fabricpath_parse(&p->rest, &f))
		return MALFORMED;
	forward(t, p, LINKTYPE, LINKTYPE_ETHERNET);
	return LEARNED;
}

SHOW(fabricpath, struct fabricpath, FIELD(struct fabricpath, tree, SHOW_NUMBER),
     FIELD(struct fabricpath, hops, SHOW_NUMBER))

const struct observer observer_fabricpath = {
	.name = "fabricpath",
	.about = "frames in a FabricPath fabric",
	.spec = "Cisco FabricPath (no public standard)",
	.claims = CLAIMS({ETHERTYPE, 0x8903, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&fabricpath_show),
	.packet = fabricpath_packet,
};

PROVE(fabricpath_parse, struct fabricpath)
