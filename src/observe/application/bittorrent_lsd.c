/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bittorrent_lsd.c - BitTorrent clients that look for peers on their own network (BEP 14).
 *
 * An announcement is the head of an HTTP request to a group: BT-SEARCH, and the port at which the
 * sender waits.
 */
#include "observe/shared/message.h"

enum { LSD_PORT = 6771, LSD_LINES = 32 };

struct bittorrent_lsd {
	uint32_t port;
};

static bool bittorrent_lsd_parse(struct cur *in, struct bittorrent_lsd *m)
{
	struct cur line = cur_sub(in, 0);

	if (!cur_line(in, &line) || !cur_is(&line, "BT-SEARCH * HTTP/1."))
		return false;
	for (unsigned i = 0; i < LSD_LINES && cur_more(in) && cur_line(in, &line); i++) {
		if (!cur_is_caseless(&line, "Port:"))
			continue;
		(void)cur_is(&line, " ");
		m->port = cur_decimal(&line);
		if (!cur_ok(&line))
			return false;
	}
	return m->port > 0 && m->port <= UINT16_MAX;
}

static enum verdict bittorrent_lsd_packet(struct task *t, struct packet *p, void *state)
{
	struct bittorrent_lsd m = {0};

	(void)state;
	if (!bittorrent_lsd_parse(&p->rest, &m))
		return NOT_MINE;
	if (p->cut)
		return NOTHING;
	tell_number(t, p, sender(p), FACT_BITTORRENT_PORT, m.port);
	return LEARNED;
}

SHOW(bittorrent_lsd, struct bittorrent_lsd, FIELD(struct bittorrent_lsd, port, SHOW_NUMBER))

const struct observer observer_bittorrent_lsd = {
	.name = "bittorrent_lsd",
	.about = "BitTorrent clients that seek peers nearby",
	.spec = "BEP 14",
	.claims = CLAIMS({UDP_PORT, LSD_PORT, NULL}),
	.tells = TELLS({FACT_BITTORRENT_PORT, SAYS, 90}),
	.shows = SHOWS(&bittorrent_lsd_show),
	.packet = bittorrent_lsd_packet,
};

PROVE(bittorrent_lsd_parse, struct bittorrent_lsd)
