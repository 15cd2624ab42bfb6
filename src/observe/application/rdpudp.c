/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rdpudp.c - remote desktops over UDP: the hellos of the TLS that runs on Microsoft's own transport
 * ([MS-RDPEUDP2]), which goes beside the connection over TCP.
 *
 * A datagram's first and eighth byte change places (3.1.1.1.5.2). Before the packet stands a byte of
 * its own, which tells dummies apart; then flags say which parts follow, in a fixed order (2.2.1), and
 * the last is a piece of TLS. A client's hello is the first piece, and fits into one; of a server's
 * piece the hello is the beginning. What goes on in another datagram is not read, nor is what comes
 * with a vector of acknowledgements: by then TLS is under way.
 */
#include "observe/shared/tls_tell.h"

enum { RDPUDP_PORT = 3389, RDPUDP_SWAPPED = 7, RDPUDP_LONG = 7 };
enum rdpudp_flag {
	RDPUDP_ACK = 0x001,
	RDPUDP_DATA = 0x004,
	RDPUDP_ACK_VECTOR = 0x008,
	RDPUDP_ACK_OF_ACKS = 0x010,
	RDPUDP_OVERHEAD = 0x040,
	RDPUDP_DELAY = 0x100,
	RDPUDP_FLAGS = 0x15d
};

struct rdpudp {
	uint16_t flags;
	struct cur data; /* a piece of TLS */
};

/* The bytes in their order. */
static bool rdpudp_parse(struct cur *in, struct rdpudp *u)
{
	u->data = cur_sub(in, 0);
	const uint8_t prefix = cur_u8(in);
	u->flags = cur_le16(in) & 0x0fff;
	if (!cur_ok(in) || (prefix & 0x1f) != 0 || prefix >> 5 != RDPUDP_LONG ||
	    (u->flags & ~(unsigned)RDPUDP_FLAGS) != 0 || (u->flags & RDPUDP_ACK_VECTOR) != 0 ||
	    (u->flags & RDPUDP_DATA) == 0)
		return false;
	if ((u->flags & RDPUDP_ACK) != 0) {
		cur_skip(in, 6); /* number, time, gap */
		cur_skip(in, cur_u8(in) & 0x0f);
	}
	cur_skip(in, (u->flags & RDPUDP_OVERHEAD) != 0 ? 1 : 0);
	cur_skip(in, (u->flags & RDPUDP_DELAY) != 0 ? 3 : 0);
	cur_skip(in, (u->flags & RDPUDP_ACK_OF_ACKS) != 0 ? 2 : 0);
	cur_skip(in, 4); /* the data's number, the channel's */
	u->data = cur_rest(in);
	return cur_ok(in);
}

/* The datagram with its two bytes in their places, in the scratch buffer. */
static bool rdpudp_order(struct scratch *scratch, struct cur in)
{
	struct cur first = cur_sub(&in, 1);
	struct cur between = cur_sub(&in, RDPUDP_SWAPPED - 1);
	struct cur eighth = cur_sub(&in, 1);

	scratch_reset(scratch);
	return cur_ok(&in) && scratch_add(scratch, &eighth) && scratch_add(scratch, &between) &&
	       scratch_add(scratch, &first) && scratch_add(scratch, &in);
}

static enum verdict rdpudp_packet(struct task *t, struct packet *p, void *state)
{
	struct rdpudp u = {0};
	struct tls_hello h = {0};

	(void)state;
	if (p->cut || !rdpudp_order(task_scratch(t), p->rest))
		return NOT_MINE;
	struct cur in = scratch_cursor(task_scratch(t));
	if (!rdpudp_parse(&in, &u) || !tls_first_hello_parse(&u.data, &h))
		return NOT_MINE;
	if (h.type == TLS_CLIENT_HELLO)
		tls_tell_client(t, p, &h, 't');
	else
		tls_tell_server(t, p, &h);
	return LEARNED;
}

SHOW(rdpudp, struct rdpudp, FIELD(struct rdpudp, flags, SHOW_HEX))

const struct observer observer_rdpudp = {
	.name = "rdpudp",
	.about = "remote desktops over UDP, by the hellos of their TLS",
	.spec = "[MS-RDPEUDP2], RFC 5246",
	.claims = CLAIMS({UDP_PORT, RDPUDP_PORT, NULL}),
	.tells = TELLS(TLS_CLIENT_TELLS, TLS_SERVER_TELLS),
	.shows = SHOWS(&rdpudp_show),
	.packet = rdpudp_packet,
};

PROVE(rdpudp_parse, struct rdpudp)
PROVE(tls_first_hello_parse, struct tls_hello)
