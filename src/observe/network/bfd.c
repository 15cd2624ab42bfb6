/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bfd.c - systems that test the path to each other (Bidirectional Forwarding Detection).
 *
 * A control packet (RFC 5880, 4.1) says little of who sends it, but that it was set up to watch a
 * peer, and whether it proves itself by a password in the clear (4.2). Over one hop the hop limit is
 * 255 (RFC 5881, 5), over several (RFC 5883, 5) any. Judged as a receiver must (6.8.6): version,
 * length, multiplier, numbers.
 */
#include "observe/observer.h"

enum { BFD_PORT = 3784, BFD_MULTIHOP_PORT = 4784, BFD_BUNDLE_PORT = 6784, BFD_HOPS = 255 };
enum { BFD_VERSION = 1, BFD_LEN = 24, BFD_STATE_INIT = 2, BFD_PASSWORD = 1 };
enum { BFD_AUTHENTICATED = 0x04, BFD_MULTIPOINT = 0x01 };

struct bfd {
	uint8_t version, state, flags, multiplier, length;
	uint32_t mine, yours;
	bool password;
};

/* Type and length of the proof; it ends where the packet does. */
static bool bfd_authentication_parse(struct cur *in, struct bfd *b)
{
	const uint32_t left = cur_left(in);
	const uint8_t type = cur_u8(in);
	const uint8_t len = cur_u8(in);

	b->password = type == BFD_PASSWORD;
	return cur_ok(in) && type != 0 && len == left;
}

static bool bfd_parse(struct cur *in, struct bfd *b)
{
	const uint32_t left = cur_left(in);

	b->version = cur_u8(in) >> 5;
	const uint8_t flags = cur_u8(in);
	b->state = flags >> 6;
	b->flags = flags & 0x3f;
	b->multiplier = cur_u8(in);
	b->length = cur_u8(in);
	b->mine = cur_be32(in);
	b->yours = cur_be32(in);
	cur_skip(in, 12); /* intervals */
	if (!cur_ok(in) || b->version != BFD_VERSION || b->length != left || b->multiplier == 0 ||
	    b->mine == 0 || (b->flags & BFD_MULTIPOINT) != 0 ||
	    (b->yours == 0 && b->state >= BFD_STATE_INIT))
		return false;
	if ((b->flags & BFD_AUTHENTICATED) == 0)
		return b->length == BFD_LEN;
	return bfd_authentication_parse(in, b);
}

static enum verdict bfd_packet(struct task *t, struct packet *p, void *state)
{
	struct bfd b = {0};
	char text[IP_TEXT];

	(void)state;
	if (p->cut || !bfd_parse(&p->rest, &b))
		return p->cut ? MALFORMED : NOT_MINE;
	if ((p->to_port.n == BFD_PORT && p->ttl != BFD_HOPS) || !ip_is_host(&p->to))
		return NOTHING;
	tell_word(t, p, sender(p), FACT_BFD_PEER, ip_format(&p->to, text));
	if (b.password)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "bfd");
	return LEARNED;
}

SHOW(bfd, struct bfd, FIELD(struct bfd, version, SHOW_NUMBER),
     FIELD(struct bfd, state, SHOW_NUMBER), FIELD(struct bfd, flags, SHOW_HEX),
     FIELD(struct bfd, multiplier, SHOW_NUMBER), FIELD(struct bfd, length, SHOW_NUMBER),
     FIELD(struct bfd, mine, SHOW_HEX), FIELD(struct bfd, yours, SHOW_HEX),
     FIELD(struct bfd, password, SHOW_BOOL))

const struct observer observer_bfd = {
	.name = "bfd",
	.about = "systems that test the path to each other",
	.spec = "RFC 5880, RFC 5881, RFC 5883, RFC 7130",
	.claims = CLAIMS({UDP_PORT, BFD_PORT, NULL}, {UDP_PORT, BFD_MULTIHOP_PORT, NULL},
                         {UDP_PORT, BFD_BUNDLE_PORT, NULL}),
	.tells = TELLS({FACT_BFD_PEER, SAYS, 90}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&bfd_show),
	.packet = bfd_packet,
};

PROVE(bfd_parse, struct bfd)
