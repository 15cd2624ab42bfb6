/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle.c - Oracle's clients and listeners, by what they say in Net Services' packets (TNS).
 *
 * A packet has a header of eight bytes: length, checksum, type, flags, checksum. A client's first
 * is CONNECT, which carries a description in parentheses; in its CID stand the program, host and user
 * that connect. The words are those of Net Services' Reference, "Connection Data Section". A
 * listener that refuses gives its version as a number, VSNNUM.
 *
 * The format is not published; the layout is that of Wireshark's description and of captures. A
 * description longer than its CONNECT follows in a packet of its own, and is not read. Java's old
 * drivers know neither their program nor their host, and say null and __jdbc__.
 */
#include "observe/shared/message.h"
#include "observe/shared/window.h"

enum { ORACLE_PORT = 1521, ORACLE_LONGEST = 4096, ORACLE_HEADER = 8, ORACLE_WORDS = 64 };
enum { ORACLE_CONNECT = 1, ORACLE_REFUSE = 4 };

struct oracle {
	uint8_t type;
	bool more;
	struct cur description;
};

static void oracle_connect_parse(struct cur packet, struct oracle *m)
{
	struct cur head = packet;

	cur_skip(&head, 24);
	const uint16_t len = cur_be16(&head), at = cur_be16(&head);
	cur_skip(&packet, at);
	if (len > 0 && len <= cur_left(&packet))
		m->description = cur_sub(&packet, len);
}

static bool oracle_parse(struct cur *in, struct oracle *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->description = cur_sub(in, 0);
	const uint16_t len = cur_be16(&head);
	const uint16_t checksum = cur_be16(&head);
	m->type = cur_u8(&head);
	m->more = !cur_ok(&head);
	if (m->more)
		return false;
	if (len <= ORACLE_HEADER || checksum != 0 || m->type == 0 || m->type > 19 ||
	    !message_take(in, len, ORACLE_LONGEST, &message)) {
		m->more = message.more;
		return false;
	}
	if (m->type == ORACLE_CONNECT)
		oracle_connect_parse(message.body, m);
	if (m->type == ORACLE_REFUSE) {
		cur_skip(&message.body, ORACLE_HEADER + 2);
		m->description = cur_sub(&message.body, cur_be16(&message.body));
	}
	return cur_ok(&message.body);
}

/* What a description says of who sent it. */
struct oracle_words {
	struct cur program, host, user;
	uint32_t version; /* VSNNUM */
};

/* (WORD=value), and whatever is not that: only CID's own three words are of its sender. */
static void oracle_word_parse(struct cur *in, bool *in_cid, struct oracle_words *w)
{
	struct cur word = cur_token(in, "(=)");
	const uint8_t delimiter = cur_u8(in);

	if (delimiter == ')' || cur_peek8(in) == '(') {
		if (cur_left(&word) == 3 && cur_is_caseless(&word, "CID"))
			*in_cid = true;
		else if (cur_left(&word) == 7 && cur_is_caseless(&word, "ADDRESS"))
			*in_cid = false;
		return;
	}
	if (delimiter != '=')
		return;
	struct cur value = cur_token(in, ")");
	if (*in_cid && cur_left(&word) == 7 && cur_is_caseless(&word, "PROGRAM"))
		w->program = cur_rest(&value);
	else if (*in_cid && cur_left(&word) == 4 && cur_is_caseless(&word, "HOST"))
		w->host = cur_rest(&value);
	else if (*in_cid && cur_left(&word) == 4 && cur_is_caseless(&word, "USER"))
		w->user = cur_rest(&value);
	else if (cur_left(&word) == 6 && cur_is_caseless(&word, "VSNNUM"))
		w->version = cur_decimal(&value);
}

static bool oracle_words_parse(struct cur *in, struct oracle_words *w)
{
	bool in_cid = false;

	w->program = cur_sub(in, 0);
	w->host = cur_sub(in, 0);
	w->user = cur_sub(in, 0);
	if (cur_peek8(in) != '(')
		return false;
	for (unsigned i = 0; i < ORACLE_WORDS && cur_more(in); i++)
		oracle_word_parse(in, &in_cid, w);
	return cur_ok(in);
}

/* 10.2.0.3.0 of 0a200300: two digits, one, two, one, two. */
static void oracle_put_version(struct text *text, uint32_t version)
{
	static const uint8_t shift[] = {24, 20, 12, 8, 0}, bits[] = {8, 4, 8, 4, 8};

	text_clear(text);
	for (unsigned i = 0; i < COUNT_OF(shift); i++) {
		if (i > 0)
			text_put(text, '.');
		text_decimal(text, version >> shift[i] & ((1u << bits[i]) - 1));
	}
}

static enum verdict oracle_tell(struct task *t, const struct packet *p, const struct stream *s,
                                struct cur description)
{
	struct oracle_words w = {0};
	struct text text;

	if (!oracle_words_parse(&description, &w))
		return NOTHING;
	if (s->from_client) {
		if (!WINDOW_IS(w.program, "null"))
			tell_readable(t, p, FACT_ORACLE_PROGRAM, w.program);
		if (!WINDOW_IS(w.host, "__jdbc__"))
			tell_readable(t, p, FACT_ORACLE_HOST, w.host);
		tell_readable(t, p, FACT_ORACLE_USER, w.user);
		return LEARNED;
	}
	if (w.version >> 24 == 0 || w.version == UINT32_MAX)
		return NOTHING;
	oracle_put_version(&text, w.version);
	tell_string(t, p, sender(p), FACT_ORACLE_VERSION, &text);
	return LEARNED;
}

/* Each side's first packet is all that is read. */
struct oracle_flow {
	bool client_done, server_done;
};

static enum verdict oracle_stream(struct task *t, struct packet *p, struct cur *in,
                                  const struct stream *s, void *state)
{
	struct oracle_flow *f = state;
	bool *done = s->from_client ? &f->client_done : &f->server_done;
	struct oracle m = {0};

	if (s->midstream || *done)
		return message_pass(in);
	if (!oracle_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	*done = true;
	if (s->from_client != (m.type == ORACLE_CONNECT))
		return s->from_client ? NOT_MINE : NOTHING;
	return cur_left(&m.description) > 0 ? oracle_tell(t, p, s, m.description) : NOTHING;
}

SHOW(oracle, struct oracle, FIELD(struct oracle, type, SHOW_NUMBER),
     FIELD(struct oracle, more, SHOW_BOOL))
SHOW(oracle_words, struct oracle_words, FIELD(struct oracle_words, version, SHOW_HEX))

const struct observer observer_oracle = {
	.name = "oracle",
	.about = "Oracle listeners and their clients",
	.spec = "TNS, Net Services Reference",
	.claims = CLAIMS({TCP_PORT, ORACLE_PORT, NULL}),
	.tells = TELLS({FACT_ORACLE_PROGRAM, SAYS, 80}, {FACT_ORACLE_HOST, SAYS, 80},
                       {FACT_ORACLE_USER, SAYS, 80}, {FACT_ORACLE_VERSION, SAYS, 95}),
	.shows = SHOWS(&oracle_show, &oracle_words_show),
	.flow_state_size = sizeof(struct oracle_flow),
	.stream = oracle_stream,
};

PROVE(oracle_parse, struct oracle)
PROVE(oracle_words_parse, struct oracle_words)
