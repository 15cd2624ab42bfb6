/* SPDX-License-Identifier: Apache-2.0 */
/*
 * juniper.c - Ethernet frames as Juniper's routers capture them (LINKTYPE_JUNIPER_ETHER).
 *
 * A magic number, flags, and extensions whose length is given where a flag says so; then the frame.
 * Where the flags say that the link layer is missing, nothing says what there is instead: it is
 * not read.
 */
#include "observe/observer.h"

enum { JUNIPER_MAGIC = 0x4d4743, JUNIPER_EXTENSIONS = 0x80, JUNIPER_NO_LINK = 0x02 };
enum { LINKTYPE_ETHERNET = 1 };

struct juniper {
	uint32_t magic;
	uint8_t flags;
	uint16_t length; /* of the extensions */
};

static bool juniper_parse(struct cur *in, struct juniper *j)
{
	j->magic = cur_be24(in);
	j->flags = cur_u8(in);
	if ((j->flags & JUNIPER_EXTENSIONS) != 0) {
		j->length = cur_be16(in);
		cur_skip(in, j->length);
	}
	return cur_ok(in) && j->magic == JUNIPER_MAGIC;
}

static enum verdict juniper_packet(struct task *t, struct packet *p, void *state)
{
	struct juniper j = {0};

	(void)state;
	if (!juniper_parse(&p->rest, &j))
		return MALFORMED;
	if ((j.flags & JUNIPER_NO_LINK) != 0)
		return NOTHING;
	forward(t, p, LINKTYPE, LINKTYPE_ETHERNET);
	return LEARNED;
}

SHOW(juniper, struct juniper, FIELD(struct juniper, magic, SHOW_HEX),
     FIELD(struct juniper, flags, SHOW_HEX), FIELD(struct juniper, length, SHOW_NUMBER))

const struct observer observer_juniper = {
	.name = "juniper",
	.about = "Ethernet as Juniper's routers capture it",
	.spec = "LINKTYPE_JUNIPER_ETHER",
	.claims = CLAIMS({LINKTYPE, 178, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&juniper_show),
	.packet = juniper_packet,
};

PROVE(juniper_parse, struct juniper)
