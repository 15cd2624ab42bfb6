/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steam.c - computers with Steam, which tell others that games can be streamed from them.
 *
 * A datagram to or from port 27036 is a signature of eight bytes, then a head and a body in
 * Protocol Buffers, each behind its length (little endian). A status, type 1, names the host and
 * its MAC addresses; a search, type 0, shows that its sender has Steam or is a Steam Link, which
 * says nothing of the host. Users' numbers, which a status has too, are not told.
 */
#include "observe/shared/device.h"
#include "observe/shared/protobuf.h"

enum { STEAM_PORT = 27036, STEAM_STATUS = 1, STEAM_TYPE_MAX = 32 };
enum { STEAM_HEAD_TYPE = 2, STEAM_HOSTNAME = 4, STEAM_MAC = 15 };

struct steam {
	bool is_signed, has_host;
	uint64_t type;
	struct cur body;
};

static void steam_head(struct cur head, struct steam *s)
{
	while (cur_more(&head)) {
		const struct protobuf_field f = protobuf_next(&head);
		if (f.field == STEAM_HEAD_TYPE)
			s->type = f.number;
	}
	if (!cur_ok(&head))
		s->type = STEAM_TYPE_MAX;
}

static bool steam_parse(struct cur *in, struct steam *s)
{
	s->is_signed = cur_be64(in) == 0xffffffff214c5fa0u;
	const struct cur head = cur_sub(in, cur_le32(in));
	s->body = cur_sub(in, cur_le32(in));
	if (!s->is_signed || !cur_ok(in))
		return false;
	steam_head(head, s);
	struct cur rest = s->body;
	while (cur_more(&rest)) {
		const struct protobuf_field f = protobuf_next(&rest);
		s->has_host = s->has_host || (f.is_window && f.field == STEAM_HOSTNAME);
	}
	return cur_ok(&rest) && s->type < STEAM_TYPE_MAX;
}

static enum verdict steam_packet(struct task *t, struct packet *p, void *state)
{
	struct steam s = {0};

	(void)state;
	if (!steam_parse(&p->rest, &s))
		return s.is_signed ? MALFORMED : NOT_MINE;
	if (s.type != STEAM_STATUS || !s.has_host)
		return NOTHING;
	tell_word(t, p, sender(p), FACT_SOFTWARE, "Steam");
	while (cur_more(&s.body)) {
		const struct protobuf_field f = protobuf_next(&s.body);
		if (f.is_window && f.field == STEAM_HOSTNAME)
			tell_text(t, p, sender(p), FACT_NAME_HOST, f.window);
		if (f.is_window && f.field == STEAM_MAC)
			device_tell_mac_text(t, p, f.window);
	}
	return LEARNED;
}

SHOW(steam, struct steam, FIELD(struct steam, is_signed, SHOW_BOOL),
     FIELD(struct steam, has_host, SHOW_BOOL), FIELD(struct steam, type, SHOW_NUMBER))

const struct observer observer_steam = {
	.name = "steam",
	.about = "computers with Steam that games can be streamed from",
	.spec = "Steam In-Home Streaming discovery (no public standard)",
	.claims = CLAIMS({UDP_PORT, STEAM_PORT, NULL}),
	.tells = TELLS({FACT_SOFTWARE, SAYS, 95}, {FACT_NAME_HOST, SAYS, 90},
                       {FACT_DEVICE_MAC, SAYS, 90}),
	.shows = SHOWS(&steam_show),
	.packet = steam_packet,
};

PROVE(steam_parse, struct steam)
