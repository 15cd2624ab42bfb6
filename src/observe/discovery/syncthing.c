/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncthing.c - computers with Syncthing, which announce themselves to others of theirs.
 *
 * A datagram to port 21027 is a magic number and a message in Protocol Buffers (Local Discovery
 * Protocol, version 4): the device's id, which is the SHA-256 of its certificate, the addresses it
 * listens at, and a number that differs for each start. The id is for life.
 */
#include "observe/shared/device.h"
#include "observe/shared/protobuf.h"

enum { SYNCTHING_PORT = 21027, SYNCTHING_MAGIC = 0x2ea7d90b };
enum { SYNCTHING_ID = 1, SYNCTHING_ADDRESS = 2, SYNCTHING_ID_LEN = 32 };

struct syncthing {
	bool is_magic;
	uint32_t addresses;
	struct cur id;
};

static bool syncthing_parse(struct cur *in, struct syncthing *s)
{
	s->is_magic = cur_be32(in) == SYNCTHING_MAGIC;
	s->id = cur_sub(in, 0);
	while (s->is_magic && cur_more(in)) {
		const struct protobuf_field f = protobuf_next(in);
		struct cur window = f.window;
		if (f.is_window && f.field == SYNCTHING_ID)
			s->id = cur_rest(&window);
		if (f.is_window && f.field == SYNCTHING_ADDRESS)
			s->addresses += 1;
	}
	return s->is_magic && cur_ok(in) && cur_left(&s->id) == SYNCTHING_ID_LEN;
}

static enum verdict syncthing_packet(struct task *t, struct packet *p, void *state)
{
	struct syncthing s = {0};

	(void)state;
	if (!syncthing_parse(&p->rest, &s))
		return s.is_magic ? MALFORMED : NOT_MINE;
	if (p->cut)
		return MALFORMED;
	tell_word(t, p, sender(p), FACT_SOFTWARE, "Syncthing");
	device_tell_hex(t, p, FACT_DEVICE_ID, s.id);
	return LEARNED;
}

SHOW(syncthing, struct syncthing, FIELD(struct syncthing, is_magic, SHOW_BOOL),
     FIELD(struct syncthing, addresses, SHOW_NUMBER))

const struct observer observer_syncthing = {
	.name = "syncthing",
	.about = "computers with Syncthing",
	.spec = "Syncthing Local Discovery Protocol v4",
	.claims = CLAIMS({UDP_PORT, SYNCTHING_PORT, NULL}),
	.tells = TELLS({FACT_SOFTWARE, SAYS, 95}, {FACT_DEVICE_ID, SAYS, 95}),
	.shows = SHOWS(&syncthing_show),
	.packet = syncthing_packet,
};

PROVE(syncthing_parse, struct syncthing)
