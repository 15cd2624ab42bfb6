/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic.c - QUIC clients and servers by the TLS hellos in their Initial packets (RFC 9000, RFC 9001,
 * RFC 9369), and that of Google's own QUIC before there was a standard.
 *
 * A datagram holds packets; those with a long header name their version and length. Initials are
 * opened with the client's key, or, in the dialogue of a client's, with the server's, both of which
 * follow from the client's first connection id. What does not open is no QUIC, and tells nothing.
 * The frames inside are judged as a whole; the pieces of a hello are put together over packets, for
 * a hello with a post-quantum key share fills more than one. They share the first connection id, or
 * go on to that of the server's answer, but their key stays that of the first (RFC 9001, 5.2).
 *
 * Google's versions Q0xx up to 46 have the hello in the clear, in a format of their own: CHLO, a
 * list of tags in rising order, each with the end of its value.
 */
#include "observe/quic_crypto.h"
#include "observe/shared/tls_tell.h"

#include "net/ip.h"

enum {
	QUIC_ID_MAX = 20,
	QUIC_PACKETS_MAX = 8,
	QUIC_RANGES_MAX = 256,
	QUIC_HELLOS = 16,
	QUIC_CHLO_WITHIN = 80,
	QUIC_TAGS_MAX = 128,
};

enum quic_frame_type {
	QUIC_PADDING = 0,
	QUIC_PING = 1,
	QUIC_ACK = 2,
	QUIC_ACK_ECN = 3,
	QUIC_CRYPTO = 6,
	QUIC_CRYPTO_GOOGLE = 8, /* Google's T05x; elsewhere not in an Initial */
	QUIC_CLOSE = 0x1c,
};

enum { QUIC_V2 = 0x6b3343cf, QUIC_Q04 = 0x513034, QUIC_Q0 = 0x5130 };

/* One packet of a datagram. */
struct quic {
	uint8_t first;
	uint32_t version; /* 0: a short header, or a list of versions */
	bool is_long, is_initial;
	bool is_clear; /* Google's, before it was sealed */
	struct cur dcid;
	struct cur header; /* up to the packet number */
	struct cur sealed; /* from there */
};

/* RFC 9000, 17.2; version 2 turns the types by one (RFC 9369, 3.2). */
static uint8_t quic_type(const struct quic *q)
{
	const uint32_t type = q->first >> 4 & 3u;

	return (uint8_t)(q->version == QUIC_V2 ? (type + 3) % 4 : type);
}

static bool quic_is_known(uint32_t version)
{
	return version == 1 || version == QUIC_V2 || version >> 8 == 0xff0000 ||
	       version >> 8 == 0xfaceb0 || version >> 8 == 0x513035 || version >> 8 == 0x543035;
}

/* Retry has no length; the others' counts the packet number and the payload. */
static bool quic_long_parse(struct cur *in, struct cur start, struct quic *q)
{
	const uint8_t type = quic_type(q);

	cur_skip(in, cur_u8(in)); /* source connection id */
	q->is_initial = type == 0;
	if (type == 3) {
		cur_skip(in, cur_left(in));
		return cur_ok(in);
	}
	if (q->is_initial) {
		const uint64_t token = cur_varint_quic(in);
		cur_skip(in, token < CUR_MAX ? (uint32_t)token : CUR_MAX);
	}
	const uint64_t len = cur_varint_quic(in);
	const uint32_t at = cur_pos(in), from = cur_pos(&start);
	q->header = cur_sub(&start, at > from ? at - from : 0);
	q->sealed = cur_sub(in, len < CUR_MAX ? (uint32_t)len : CUR_MAX);
	return cur_ok(in);
}

/*
 * Public flags, of which the two highest are not used, a connection id of eight bytes, and a version
 * (Google's, up to Q043).
 */
static bool quic_google_parse(struct cur *in, struct quic *q)
{
	cur_skip(in, 8);
	q->version = cur_be32(in);
	q->is_clear = q->version >> 16 == QUIC_Q0;
	q->sealed = cur_rest(in);
	return cur_ok(in) && q->is_clear;
}

static bool quic_parse(struct cur *in, struct quic *q)
{
	struct cur start = *in;

	q->dcid = cur_sub(in, 0);
	q->header = cur_sub(in, 0);
	q->sealed = cur_sub(in, 0);
	q->first = cur_u8(in);
	q->is_long = (q->first & 0x80) != 0;
	if ((q->first & 0xc9) == 0x09 && cur_left(in) > 12)
		return quic_google_parse(in, q);
	if (!q->is_long) {
		cur_skip(in, cur_left(in));
		return cur_ok(in);
	}
	q->version = cur_be32(in);
	if (q->version >> 8 == QUIC_Q04) {
		q->is_clear = true;
		q->sealed = cur_rest(in);
		return cur_ok(in);
	}
	const uint8_t dcid_len = cur_u8(in);
	q->dcid = cur_sub(in, dcid_len);
	if (quic_is_known(q->version))
		return dcid_len <= QUIC_ID_MAX && (q->first & 0x40) != 0 &&
		       quic_long_parse(in, start, q);
	cur_skip(in, cur_left(in));
	return cur_ok(in);
}

/* ---- frames of an Initial (RFC 9000, 12.4) */

struct quic_frame {
	uint64_t type, offset;
	struct cur data; /* of CRYPTO */
};

static bool quic_is_crypto(const struct quic_frame *f)
{
	return f->type == QUIC_CRYPTO || f->type == QUIC_CRYPTO_GOOGLE;
}

static void quic_ack_skip(struct cur *in, bool ecn)
{
	(void)cur_varint_quic(in); /* largest, delay */
	(void)cur_varint_quic(in);
	const uint64_t ranges = cur_varint_quic(in);
	(void)cur_varint_quic(in);
	for (unsigned i = 0; i < QUIC_RANGES_MAX && i < ranges; i++) {
		(void)cur_varint_quic(in);
		(void)cur_varint_quic(in);
	}
	for (unsigned i = 0; i < 3 && ecn; i++)
		(void)cur_varint_quic(in);
}

/* Padding is hundreds of bytes long, a frame each: all in a row are passed over as one. */
static bool quic_frame_parse(struct cur *in, struct quic_frame *f)
{
	uint64_t len = 0;

	f->data = cur_sub(in, 0);
	f->type = cur_varint_quic(in);
	switch (f->type) {
	case QUIC_PADDING:
		cur_skip_zeros(in);
		return cur_ok(in);
	case QUIC_PING:
		return cur_ok(in);
	case QUIC_ACK:
	case QUIC_ACK_ECN:
		quic_ack_skip(in, f->type == QUIC_ACK_ECN);
		return cur_ok(in);
	case QUIC_CRYPTO:
	case QUIC_CRYPTO_GOOGLE:
		f->offset = cur_varint_quic(in);
		break;
	case QUIC_CLOSE:
		(void)cur_varint_quic(in);
		(void)cur_varint_quic(in);
		break;
	default:
		return false;
	}
	len = cur_varint_quic(in);
	f->data = cur_sub(in, len < CUR_MAX ? (uint32_t)len : CUR_MAX);
	return cur_ok(in);
}

/* All frames of a packet. */
struct quic_frames {
	uint32_t count, crypto;
};

static bool quic_frames_parse(struct cur *in, struct quic_frames *all)
{
	while (cur_more(in)) {
		struct quic_frame f = {0};
		if (!quic_frame_parse(in, &f))
			return false;
		all->count += f.type != QUIC_PADDING;
		all->crypto += quic_is_crypto(&f);
	}
	return cur_ok(in);
}

/* ---- Google's hello */

struct quic_chlo {
	struct cur name, agent;
};

/* Where it begins: behind a packet number, a hash and a frame's head. */
static bool quic_chlo_find(struct cur *in)
{
	for (unsigned i = 0; i < QUIC_CHLO_WITHIN && cur_left(in) > 0; i++) {
		if (cur_is(in, "CHLO"))
			return true;
		cur_skip(in, 1);
	}
	return false;
}

/* Tags are numbers that rise, their first byte the lowest; ends of values do not fall. */
static bool quic_chlo_parse(struct cur *in, struct quic_chlo *c)
{
	uint32_t before = 0, from = 0;

	c->name = cur_sub(in, 0);
	c->agent = cur_sub(in, 0);
	if (!quic_chlo_find(in))
		return false;
	const uint32_t count = cur_le16(in);
	cur_skip(in, 2);
	struct cur tags = cur_sub(in, count * 8);
	for (unsigned i = 0; i < QUIC_TAGS_MAX && i < count && cur_more(&tags); i++) {
		struct cur name = tags, value = *in;
		const uint32_t tag = cur_le32(&tags), to = cur_le32(&tags);
		if (tag <= before || to < from)
			return false;
		cur_skip(&value, from);
		if (cur_is(&name, "SNI\0"))
			c->name = cur_sub(&value, to - from);
		else if (cur_is(&name, "UAID"))
			c->agent = cur_sub(&value, to - from);
		else
			cur_skip(&value, to - from);
		if (!cur_ok(&value))
			return false;
		before = tag;
		from = to;
	}
	return cur_ok(in) && cur_ok(&tags) && count > 0;
}

/* ---- state */

/* A hello of which more has to come, by its dialogue and first connection id. */
struct quic_hello {
	struct ip from, to;
	struct port from_port, to_port;
	uint64_t tunnel, id;
	struct quic_keys keys;
	struct quic_pieces pieces;
};

/* That of a server, awaited. Its key is derived from the client's id when a packet comes: most
 * clients' packets pass by here without their answer. */
struct quic_answer {
	struct quic_hello hello;
	const struct quic_version *version; /* NULL: the key is there */
	uint8_t id[QUIC_ID_MAX];
	uint32_t id_len;
};

struct quic_state {
	struct quic_hello hello[QUIC_HELLOS];
	struct quic_answer answer[QUIC_HELLOS];
	uint32_t next, next_answer; /* to be given up */
};

static uint64_t quic_id(const struct quic *q)
{
	struct cur dcid = q->dcid;

	return cur_be64(&dcid);
}

static bool quic_is_of(const struct quic_hello *h, const struct packet *p)
{
	return h->from_port.n == p->from_port.n && h->to_port.n == p->to_port.n &&
	       h->tunnel == p->tunnel && ip_equal(&h->from, &p->from) && ip_equal(&h->to, &p->to);
}

/* A hello that was begun in this dialogue; one with the packet's connection id is the better one. */
static struct quic_hello *quic_begun(struct quic_state *s, const struct packet *p,
                                     const struct quic *q)
{
	struct quic_hello *found = NULL;

	for (unsigned i = 0; i < QUIC_HELLOS; i++)
		if (quic_is_of(&s->hello[i], p) && (!found || s->hello[i].id == quic_id(q)))
			found = &s->hello[i];
	return found;
}

static struct quic_hello *quic_begin(struct quic_state *s, const struct packet *p,
                                     const struct quic *q, const struct quic_keys *keys)
{
	struct quic_hello *h = &s->hello[s->next++ % QUIC_HELLOS];
	*h = (struct quic_hello){0};
	h->from = p->from;
	h->to = p->to;
	h->from_port = p->from_port;
	h->to_port = p->to_port;
	h->tunnel = p->tunnel;
	h->id = quic_id(q);
	h->keys = *keys;
	return h;
}

/* The server will answer to this packet of a client; its key follows from the same id. */
static void quic_await(struct quic_state *s, const struct packet *p, const struct quic_version *v,
                       const struct quic *q)
{
	struct quic_answer *a = &s->answer[s->next_answer++ % QUIC_HELLOS];
	struct cur id = q->dcid;

	a->hello = (struct quic_hello){.from = p->to,
	                               .to = p->from,
	                               .from_port = p->to_port,
	                               .to_port = p->from_port,
	                               .tunnel = p->tunnel};
	a->version = v;
	a->id_len = cur_left(&id);
	(void)cur_copy(&id, a->id, QUIC_ID_MAX, a->id_len);
}

static bool quic_answer_opens(struct quic_answer *a, const struct quic *q, struct scratch *scratch)
{
	if (a->version)
		quic_server_keys(a->version, a->id, a->id_len, &a->hello.keys);
	a->version = NULL;
	return quic_open(&a->hello.keys, q->header, q->sealed, scratch);
}

/* NULL: none that is awaited in this dialogue opens it. The frames lie in the scratch buffer. */
static struct quic_hello *quic_answer(struct quic_state *s, const struct packet *p,
                                      const struct quic *q, struct scratch *scratch)
{
	for (unsigned i = 0; i < QUIC_HELLOS; i++) {
		struct quic_answer *a = &s->answer[i];
		scratch_reset(scratch);
		if (quic_is_of(&a->hello, p) && quic_answer_opens(a, q, scratch))
			return &a->hello;
	}
	return NULL;
}

/* ---- telling */

static void quic_tell_version(struct task *t, const struct packet *p, const struct quic *q)
{
	struct text text;

	text_clear(&text);
	for (unsigned i = 0; i < 4; i++)
		text_put(&text, (uint8_t)(q->version >> (24 - 8 * i) & 0xff));
	tell_string(t, p, sender(p), FACT_QUIC_VERSION, &text);
}

static enum verdict quic_tell_google(struct task *t, const struct packet *p, const struct quic *q,
                                     struct cur *in)
{
	struct quic_chlo c = {0};

	if (!quic_chlo_parse(in, &c))
		return NOTHING;
	if (cur_left(&c.name) > 0)
		tell_text(t, p, sender(p), FACT_TLS_SNI, c.name);
	if (cur_left(&c.agent) > 0)
		tell_text(t, p, sender(p), FACT_QUIC_USER_AGENT, c.agent);
	quic_tell_version(t, p, q);
	return LEARNED;
}

static enum verdict quic_tell_hello(struct task *t, const struct packet *p, const char *version,
                                    struct cur message)
{
	struct tls_hello h = {0};

	if (!tls_hello_parse(&message, &h))
		return MALFORMED;
	if (h.type == TLS_CLIENT_HELLO)
		tls_tell_client(t, p, &h, 'q');
	else
		tls_tell_server(t, p, &h);
	tell_word(t, p, sender(p), FACT_QUIC_VERSION, version);
	return LEARNED;
}

/* The frames lie in the scratch buffer; the hello takes their place when it is whole. */
static enum verdict quic_frames(struct task *t, const struct packet *p,
                                const struct quic_version *v, struct quic_hello *h)
{
	struct scratch *scratch = task_scratch(t);
	struct cur frames = scratch_cursor(scratch);

	while (cur_more(&frames)) {
		struct quic_frame f = {0};
		if (quic_frame_parse(&frames, &f) && quic_is_crypto(&f))
			quic_pieces_add(&h->pieces, f.offset, f.data);
	}
	scratch_reset(scratch);
	if (!quic_pieces_take(&h->pieces, scratch))
		return NOTHING;
	*h = (struct quic_hello){0};
	return quic_tell_hello(t, p, v->name, scratch_cursor(scratch));
}

/*
 * Sealed with the key of its own connection id, then the hello is its own; or with that of the
 * hello which was begun. `own` is derived where the hello has not that key already. The frames lie
 * in the scratch buffer. False: sealed otherwise.
 */
static bool quic_opens(const struct quic *q, const struct quic_version *v, struct quic_keys *own,
                       struct quic_hello **hello, struct scratch *scratch)
{
	const bool same = *hello && (*hello)->id == quic_id(q);

	scratch_reset(scratch);
	if (same && quic_open(&(*hello)->keys, q->header, q->sealed, scratch))
		return true;
	quic_client_keys(v, q->dcid, own);
	if (quic_open(own, q->header, q->sealed, scratch)) {
		if (!same)
			*hello = NULL;
		return true;
	}
	return *hello && !same && quic_open(&(*hello)->keys, q->header, q->sealed, scratch);
}

/* LEARNED: the frames in the scratch buffer are good, and hold something of a hello. */
static enum verdict quic_judge(const struct scratch *scratch)
{
	struct cur plain = scratch_cursor(scratch);
	struct quic_frames all = {0};

	if (!quic_frames_parse(&plain, &all))
		return MALFORMED;
	return all.crypto > 0 ? LEARNED : NOTHING;
}

static enum verdict quic_client(struct task *t, const struct packet *p, const struct quic *q,
                                const struct quic_version *v, struct quic_state *s)
{
	struct scratch *scratch = task_scratch(t);
	struct quic_hello *hello = quic_begun(s, p, q);
	struct quic_keys keys;

	if (cur_left(&q->dcid) == 0)
		return NOTHING;
	if (!quic_opens(q, v, &keys, &hello, scratch))
		return NOTHING;
	struct cur plain = scratch_cursor(scratch);
	if (v->google)
		return quic_tell_google(t, p, q, &plain);
	const enum verdict judged = quic_judge(scratch);
	if (judged != LEARNED)
		return judged;
	if (!hello) {
		hello = quic_begin(s, p, q, &keys);
		quic_await(s, p, v, q);
	}
	return quic_frames(t, p, v, hello);
}

static enum verdict quic_initial(struct task *t, const struct packet *p, const struct quic *q,
                                 struct quic_state *s)
{
	const struct quic_version *v = quic_version(q->version);

	if (!v)
		return NOTHING;
	struct quic_hello *answer = quic_answer(s, p, q, task_scratch(t));
	if (!answer)
		return quic_client(t, p, q, v, s);
	const enum verdict judged = quic_judge(task_scratch(t));
	return judged == LEARNED ? quic_frames(t, p, v, answer) : judged;
}

static enum verdict quic_one(struct task *t, const struct packet *p, const struct quic *q,
                             struct quic_state *s)
{
	if (q->is_clear) {
		struct cur rest = q->sealed;
		return quic_tell_google(t, p, q, &rest);
	}
	return q->is_initial ? quic_initial(t, p, q, s) : NOTHING;
}

/* A packet of a dialogue under way: all behind the first byte is sealed (RFC 9000, 17.3). */
static bool quic_is_under_way(const struct quic *q)
{
	return !q->is_long && !q->is_clear && (q->first & 0x40) != 0;
}

static enum verdict quic_packet(struct task *t, struct packet *p, void *state)
{
	enum verdict all = NOTHING;

	for (unsigned i = 0; i < QUIC_PACKETS_MAX && cur_more(&p->rest); i++) {
		struct quic q = {0};
		if (!quic_parse(&p->rest, &q))
			return i > 0 ? all : quic_is_known(q.version) ? MALFORMED : NOT_MINE;
		const enum verdict v = quic_one(t, p, &q, state);
		if (i == 0 && quic_is_under_way(&q))
			had_enough(t);
		if (v == LEARNED || all == NOTHING)
			all = v;
	}
	return all;
}

SHOW(quic, struct quic, FIELD(struct quic, first, SHOW_HEX), FIELD(struct quic, version, SHOW_HEX),
     FIELD(struct quic, is_long, SHOW_BOOL), FIELD(struct quic, is_initial, SHOW_BOOL),
     FIELD(struct quic, is_clear, SHOW_BOOL))
SHOW(quic_frames, struct quic_frames, FIELD(struct quic_frames, count, SHOW_NUMBER),
     FIELD(struct quic_frames, crypto, SHOW_NUMBER))

const struct observer observer_quic = {
	.name = "quic",
	.about = "QUIC clients and servers by the hellos in their first packets",
	.spec = "RFC 9000, RFC 9001, RFC 9369",
	.claims = CLAIMS({UDP_PORT, 443, NULL}, {UDP_SNIFF, 0, "?? 00 00 00 01"},
                         {UDP_SNIFF, 0, "?? 6b 33 43 cf"}, {UDP_SNIFF, 0, "?? ff 00 00"},
                         {UDP_SNIFF, 0, "?? fa ce b0"}, {UDP_SNIFF, 0, "?? 51 30 34"},
                         {UDP_SNIFF, 0, "?? 51 30 35"}, {UDP_SNIFF, 0, "?? 54 30 35"},
                         {UDP_SNIFF, 0, "?? ?? ?? ?? ?? ?? ?? ?? ?? 51 30"}),
	.tells = TELLS(TLS_CLIENT_TELLS, TLS_SERVER_TELLS, {FACT_QUIC_USER_AGENT, SAYS, 90},
                       {FACT_QUIC_VERSION, SAYS, 90}),
	.shows = SHOWS(&quic_show, &quic_frames_show),
	.state_size = sizeof(struct quic_state),
	.packet = quic_packet,
};

PROVE(quic_parse, struct quic)
PROVE(quic_frames_parse, struct quic_frames)
PROVE(quic_chlo_parse, struct quic_chlo)
