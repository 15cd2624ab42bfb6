/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spotify.c - computers with Spotify, whose program broadcasts for others of the same household.
 *
 * A datagram from and to port 57621 is 44 bytes: "SpotUdp0", a number that published captures show
 * to be another for each sender, two constants, and what has no public description. Only that the
 * program is there is told.
 */
#include "observe/observer.h"

enum { SPOTIFY_PORT = 57621, SPOTIFY_LEN = 44 };

struct spotify {
	uint16_t version, kind;
	uint32_t length;
};

static bool spotify_parse(struct cur *in, struct spotify *s)
{
	s->length = cur_left(in);
	if (!cur_is(in, "SpotUdp0"))
		return false;
	cur_skip(in, 8);
	s->version = cur_be16(in);
	s->kind = cur_be16(in);
	return cur_ok(in) && s->length == SPOTIFY_LEN && s->version == 1;
}

static enum verdict spotify_packet(struct task *t, struct packet *p, void *state)
{
	struct spotify s = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!spotify_parse(&p->rest, &s))
		return NOT_MINE;
	tell_word(t, p, sender(p), FACT_SOFTWARE, "Spotify");
	return LEARNED;
}

SHOW(spotify, struct spotify, FIELD(struct spotify, version, SHOW_NUMBER),
     FIELD(struct spotify, kind, SHOW_NUMBER), FIELD(struct spotify, length, SHOW_NUMBER))

const struct observer observer_spotify = {
	.name = "spotify",
	.about = "computers with Spotify",
	.spec = "Spotify's broadcast (no public standard)",
	.claims = CLAIMS({UDP_PORT, SPOTIFY_PORT, NULL}),
	.tells = TELLS({FACT_SOFTWARE, SAYS, 90}),
	.shows = SHOWS(&spotify_show),
	.packet = spotify_packet,
};

PROVE(spotify_parse, struct spotify)
