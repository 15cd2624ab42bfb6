/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bittorrent.c - the programs of BitTorrent's peers: how their ids begin (BEP 20), and the name that
 * they give in the extended handshake (BEP 10).
 *
 * Each side begins with 19, "BitTorrent protocol", eight bytes of flags, the torrent's hash and its
 * own id of twenty bytes. Messages follow with their length and a kind; number 20 with the number 0 is
 * the extended handshake, a dictionary with the key v.
 */
#include "observe/shared/bencode.h"
#include "observe/shared/message.h"

enum { BITTORRENT_LONGEST = 8192, BITTORRENT_MESSAGES = 5, BITTORRENT_EXTENDED = 20 };

struct bittorrent {
	bool more;
	struct cur id; /* its first eight bytes */
};

/* -XX1234- : two letters of the program, four of its version. */
static bool bittorrent_is_id(struct cur id)
{
	bool known = cur_u8(&id) == '-';

	for (unsigned i = 0; i < 6; i++) {
		const uint8_t b = cur_u8(&id);
		known = known && b > ' ' && b < 0x7f;
	}
	return known && cur_u8(&id) == '-';
}

static bool is_letter_or_digit(uint8_t b)
{
	return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
}

/* M4-3-6--, A2-1-36- : the program and the parts of its version, a dash behind each. */
static bool bittorrent_is_dashed(struct cur id)
{
	bool known = is_letter_or_digit(cur_peek8(&id));
	unsigned dashes = 0;
	uint8_t b = 0;

	for (unsigned i = 0; i < 8; i++) {
		b = cur_u8(&id);
		dashes += b == '-';
		known = known && (b == '-' || is_letter_or_digit(b));
	}
	return known && dashes >= 2 && b == '-';
}

static bool bittorrent_parse(struct cur *in, struct bittorrent *m)
{
	struct message message = {0};

	m->id = cur_sub(in, 0);
	if (!message_take(in, 68, 68, &message)) {
		m->more = true;
		return false;
	}
	if (!cur_is(&message.body, "\x13"
	                           "BitTorrent protocol"))
		return false;
	cur_skip(&message.body, 28);
	m->id = cur_sub(&message.body, 8);
	return true;
}

struct bittorrent_message {
	bool more;
	uint8_t kind;
	struct cur version;
};

static bool bittorrent_message_parse(struct cur *in, struct bittorrent_message *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->version = cur_sub(in, 0);
	const uint32_t len = cur_be32(&head);
	m->more = !cur_ok(&head);
	if (m->more || len > BITTORRENT_LONGEST ||
	    !message_take(in, len + 4, BITTORRENT_LONGEST + 4, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	if (len < 2)
		return true;
	cur_skip(&message.body, 4);
	m->kind = cur_u8(&message.body);
	if (m->kind != BITTORRENT_EXTENDED || cur_u8(&message.body) != 0)
		return true;
	return bencode_version(&message.body, &m->version);
}

struct bittorrent_flow {
	uint8_t asked, answered; /* messages read of either side, its handshake one of them */
};

static enum verdict bittorrent_handshake(struct task *t, const struct packet *p, struct cur *in,
                                         bool end, uint8_t *count)
{
	struct bittorrent m = {0};

	if (!bittorrent_parse(in, &m))
		return m.more && !end ? NEED_MORE : NOT_MINE;
	*count = 1;
	if (!bittorrent_is_id(m.id) && !bittorrent_is_dashed(m.id))
		return NOTHING;
	tell_text(t, p, sender(p), FACT_BITTORRENT_ID, m.id);
	return LEARNED;
}

static enum verdict bittorrent_stream(struct task *t, struct packet *p, struct cur *in,
                                      const struct stream *s, void *state)
{
	struct bittorrent_flow *f = state;
	uint8_t *count = s->from_client ? &f->asked : &f->answered;
	struct bittorrent_message m = {0};

	if (*count > BITTORRENT_MESSAGES || (*count == 0 && !s->first))
		return message_pass(in);
	if (*count == 0)
		return bittorrent_handshake(t, p, in, s->end, count);
	if (!bittorrent_message_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	*count = (uint8_t)(*count + 1);
	if (!is_readable(m.version))
		return NOTHING;
	tell_text(t, p, sender(p), FACT_BITTORRENT_CLIENT, m.version);
	return LEARNED;
}

SHOW(bittorrent, struct bittorrent, FIELD(struct bittorrent, more, SHOW_BOOL))
SHOW(bittorrent_message, struct bittorrent_message,
     FIELD(struct bittorrent_message, kind, SHOW_NUMBER),
     FIELD(struct bittorrent_message, more, SHOW_BOOL))

const struct observer observer_bittorrent = {
	.name = "bittorrent",
	.about = "BitTorrent peers and their programs",
	.spec = "BEP 3, BEP 10, BEP 20",
	.claims = CLAIMS({TCP_SNIFF, 0, "13 'BitTorrent prot'"}),
	.tells = TELLS({FACT_BITTORRENT_ID, SAYS, 90}, {FACT_BITTORRENT_CLIENT, SAYS, 90}),
	.shows = SHOWS(&bittorrent_show, &bittorrent_message_show),
	.flow_state_size = sizeof(struct bittorrent_flow),
	.stream = bittorrent_stream,
};

PROVE(bittorrent_parse, struct bittorrent)
PROVE(bittorrent_message_parse, struct bittorrent_message)
