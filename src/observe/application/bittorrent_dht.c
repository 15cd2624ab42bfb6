/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bittorrent_dht.c - nodes of BitTorrent's distributed hash table, by the program in their messages (BEP
 * 5, "KRPC Protocol").
 *
 * A message is one dictionary. Its v is two letters or digits of the program, as in BEP 20 (A2 is
 * aria2), and two bytes of its version, which each program counts in its own way: they are told in
 * hex. Who gives none is told nothing of.
 */
#include "observe/shared/bencode.h"
#include "observe/shared/message.h"

enum { DHT_VERSION_LEN = 4 };

struct bittorrent_dht {
	struct text version;
};

static bool dht_is_word(uint8_t b)
{
	return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
}

static void dht_version_parse(struct cur in, struct text *text)
{
	const uint8_t first = cur_u8(&in), second = cur_u8(&in);

	text_clear(text);
	if (!cur_ok(&in) || cur_left(&in) != DHT_VERSION_LEN - 2 || !dht_is_word(first) ||
	    !dht_is_word(second))
		return;
	text_put(text, first);
	text_put(text, second);
	text_put(text, ' ');
	text_hex(text, cur_u8(&in));
	text_hex(text, cur_u8(&in));
}

static bool bittorrent_dht_parse(struct cur *in, struct bittorrent_dht *m)
{
	struct cur version = cur_sub(in, 0);

	if (!bencode_version(in, &version) || cur_left(in) > 0)
		return false;
	dht_version_parse(version, &m->version);
	return true;
}

static enum verdict bittorrent_dht_packet(struct task *t, struct packet *p, void *state)
{
	struct bittorrent_dht m = {0};

	(void)state;
	if (!bittorrent_dht_parse(&p->rest, &m))
		return NOT_MINE;
	if (m.version.len == 0)
		return NOTHING;
	tell_string(t, p, sender(p), FACT_BITTORRENT_DHT, &m.version);
	return LEARNED;
}

SHOW(bittorrent_dht, struct bittorrent_dht, FIELD(struct bittorrent_dht, version, SHOW_TEXT))

const struct observer observer_bittorrent_dht = {
	.name = "bittorrent_dht",
	.about = "nodes of BitTorrent's hash table",
	.spec = "BEP 5",
	.claims = CLAIMS({UDP_SNIFF, 0, "'d1:ad2:id20:'"}, {UDP_SNIFF, 0, "'d1:rd2:id20:'"}),
	.tells = TELLS({FACT_BITTORRENT_DHT, SAYS, 70}),
	.shows = SHOWS(&bittorrent_dht_show),
	.packet = bittorrent_dht_packet,
};

PROVE(bittorrent_dht_parse, struct bittorrent_dht)
