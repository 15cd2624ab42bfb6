/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gdm.c - Plex's media servers and players, by its "Good Day Mate".
 *
 * Who looks for servers sends M-SEARCH to port 32414, for players to 32412; they answer from there,
 * and say HELLO when they come. A message has the form of a HTTP head; its Content-Type is
 * plex/media-server or plex/media-player. Name is what the user called it, Resource-Identifier
 * stays with it, Version is the program's. The form is that of answers that public tools quote.
 */
#include "observe/shared/fields.h"

enum { GDM_PLAYERS = 32412, GDM_SERVERS = 32414 };

static const struct keyed gdm_keys[] = {
	KEYED("Name", DEVICE_NAME),
	KEYED("Resource-Identifier", DEVICE_ID),
	KEYED("Version", DEVICE_FIRMWARE),
};

struct gdm {
	bool is_head, is_server, is_player, ended;
	uint32_t fields;
	struct cur rest;
};

static bool gdm_is_answer(struct cur line)
{
	return cur_is(&line, "HTTP/1.0 200 OK") || cur_is(&line, "HTTP/1.1 200 OK") ||
	       cur_is(&line, "HELLO * HTTP/1.0");
}

static bool gdm_parse(struct cur *in, struct gdm *g)
{
	struct field_line f = {0};

	g->is_head = gdm_is_answer(fields_line(in));
	struct cur all = *in;
	g->rest = cur_rest(&all);
	while (g->is_head && cur_more(in)) {
		g->ended = !fields_next(in, &f);
		if (g->ended)
			break;
		g->fields += 1;
		if (!WINDOW_IS(f.name, "Content-Type"))
			continue;
		g->is_server = WINDOW_IS(f.value, "plex/media-server");
		g->is_player = WINDOW_IS(f.value, "plex/media-player");
	}
	return g->is_server || g->is_player;
}

static enum verdict gdm_packet(struct task *t, struct packet *p, void *state)
{
	struct gdm g = {0};

	(void)state;
	if (!gdm_parse(&p->rest, &g))
		return NOT_MINE;
	if (p->cut && !g.ended)
		return MALFORMED;
	tell_word(t, p, sender(p), FACT_SOFTWARE,
	          g.is_server ? "Plex Media Server" : "Plex player");
	fields_tell(t, p, gdm_keys, COUNT_OF(gdm_keys), g.rest, g.fields);
	return LEARNED;
}

SHOW(gdm, struct gdm, FIELD(struct gdm, is_server, SHOW_BOOL),
     FIELD(struct gdm, is_player, SHOW_BOOL), FIELD(struct gdm, fields, SHOW_NUMBER))

const struct observer observer_gdm = {
	.name = "gdm",
	.about = "Plex's media servers and players",
	.spec = "Plex GDM (no public standard)",
	.claims = CLAIMS({UDP_PORT, GDM_PLAYERS, NULL}, {UDP_PORT, GDM_SERVERS, NULL}),
	.tells = TELLS({FACT_SOFTWARE, SAYS, 95}, {FACT_DEVICE_NAME, SAYS, 90},
                       {FACT_DEVICE_ID, SAYS, 95}, {FACT_DEVICE_FIRMWARE, SAYS, 90}),
	.shows = SHOWS(&gdm_show),
	.packet = gdm_packet,
};

PROVE(gdm_parse, struct gdm)
