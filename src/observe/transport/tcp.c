/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp.c - TCP: connections, services proven by a SYN-ACK, streams, and how a host opens.
 *
 * Who sends a SYN-ACK serves on that port; nothing else proves it, whatever the port. The
 * task puts the segments in order and offers the streams to those who claim them.
 *
 * A SYN shows the hand of its stack: which options it has, in which order, and what it leaves
 * unset. That is told as it was seen, in one line of eight fields:
 *
 *	4:64:0:1460:64240,7:mss,sok,ts,nop,ws:df,id+:0
 *	version : first TTL : bytes of IP options : MSS : window,scale : options : quirks : data
 *
 * The first TTL is the next of 32, 64, 128 and 255 at or above that of the packet. Quirks are what
 * most stacks do not do, in the words that p0f's README gives them: df, id+ (an id, though it
 * may not be cut up), id- (none, though it may), ecn, 0+ (a reserved bit), flow (IPv6), seq-,
 * ack+, ack-, uptr+, urgf+, pushf+, ts1-, ts2+, opt+ (bytes behind the end), exws (scale above
 * 14), bad (a broken option). A SYN-ACK depends on the SYN it answers: one host has several.
 *
 * Only a SYN costs this. None is told of a packet that was put together from fragments or was cut
 * by the capture, nor behind IPv6 extension headers: their IP header is not the usual one.
 */
#include "observe/observer.h"

enum { TCP_HEADER = 20, TCP_PROTOCOL = 6, TCP_OPTIONS = 40 };
enum {
	TCP_FIN = 1,
	TCP_SYN = 2,
	TCP_RST = 4,
	TCP_PSH = 8,
	TCP_ACK = 16,
	TCP_URG = 32,
	TCP_ECN = 0xc0
};
enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_SCALE = 3,
	OPTION_SACK_OK = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMP = 8
};

struct tcp {
	uint16_t from, to;
	uint32_t seq, ack;
	uint8_t header, reserved; /* bytes, bits */
	uint8_t flags;
	uint16_t window;
	uint32_t urgent; /* the pointer, the checksum above it */
};

static bool tcp_parse(struct cur *in, struct tcp *s)
{
	s->from = cur_be16(in);
	s->to = cur_be16(in);
	s->seq = cur_be32(in);
	s->ack = cur_be32(in);
	const uint8_t offset = cur_u8(in);
	s->header = (uint8_t)((offset >> 4) * 4);
	s->reserved = offset & 0x0f;
	s->flags = cur_u8(in);
	s->window = cur_be16(in);
	s->urgent = cur_be32(in);
	if (s->header < TCP_HEADER)
		return false;
	cur_skip(in, s->header - (uint32_t)TCP_HEADER);
	return cur_ok(in);
}

/*
 * The options of a segment with SYN, where they are negotiated. One that is broken ends their
 * list, as receivers treat it (RFC 9293, 3.1): it does not make the segment another one.
 */
struct tcp_options {
	uint16_t mss;
	uint8_t scale;
	bool has_timestamp, bad;
	uint32_t timestamp, peer;
	uint8_t padding; /* bytes behind the end of the list */
	bool padded;     /* they are not all 0 */
	uint8_t kinds_count;
	uint8_t kinds[TCP_OPTIONS];
};

static void tcp_option_parse(struct cur *value, uint8_t kind, struct tcp_options *o)
{
	if (kind == OPTION_MSS)
		o->mss = cur_be16(value);
	if (kind == OPTION_SCALE)
		o->scale = cur_u8(value);
	if (kind == OPTION_TIMESTAMP) {
		o->has_timestamp = true;
		o->timestamp = cur_be32(value);
		o->peer = cur_be32(value);
	}
	o->bad = o->bad || !cur_ok(value);
}

static void tcp_padding_parse(struct cur *in, struct tcp_options *o)
{
	o->padding = (uint8_t)(cur_left(in) % 256);
	while (cur_more(in))
		if (cur_u8(in) != 0)
			o->padded = true;
}

static bool tcp_options_parse(struct cur *in, struct tcp_options *o)
{
	while (cur_more(in)) {
		const uint8_t kind = cur_u8(in), n = o->kinds_count;
		if (n < TCP_OPTIONS) {
			o->kinds[n] = kind;
			o->kinds_count = (uint8_t)(n + 1);
		}
		if (kind == OPTION_END)
			tcp_padding_parse(in, o);
		if (kind == OPTION_END || kind == OPTION_NOP)
			continue;
		const uint8_t len = cur_u8(in);
		struct cur value = cur_sub(in, len < 2 ? CUR_MAX : len - 2u);
		if (cur_ok(in))
			tcp_option_parse(&value, kind, o);
	}
	o->bad = o->bad || !cur_ok(in);
	return true;
}

/* The bytes before `rest`, which lies behind the header. */
static struct cur tcp_options_of(struct cur rest, const struct tcp *s)
{
	const uint32_t len = s->header - (uint32_t)TCP_HEADER;

	cur_seek(&rest, cur_pos(&rest) - len);
	cur_cut(&rest, len);
	return rest;
}

/* A segment that opens: its options. */
static bool tcp_syn_parse(struct cur *in, struct tcp_options *o)
{
	struct tcp s = {0};

	if (!tcp_parse(in, &s) || (s.flags & TCP_SYN) == 0)
		return false;
	struct cur options = tcp_options_of(*in, &s);
	return tcp_options_parse(&options, o);
}

/* ---- how a host opens ---- */

static void tcp_put_kind(struct text *text, uint8_t kind, const struct tcp_options *o)
{
	static const char names[][5] = {
		[OPTION_NOP] = "nop",     [OPTION_MSS] = "mss",   [OPTION_SCALE] = "ws",
		[OPTION_SACK_OK] = "sok", [OPTION_SACK] = "sack", [OPTION_TIMESTAMP] = "ts"};

	if (kind == OPTION_END) {
		text_add(text, "eol+");
		text_decimal(text, o->padding);
	} else if (kind < COUNT_OF(names) && names[kind][0] != 0) {
		for (unsigned i = 0; i < 4 && names[kind][i] != 0; i++)
			text_put(text, text_byte(names[kind][i]));
	} else {
		text_put(text, '?');
		text_decimal(text, kind);
	}
}

static void tcp_put_kinds(struct text *text, const struct tcp_options *o)
{
	for (unsigned i = 0; i < TCP_OPTIONS && i < o->kinds_count; i++) {
		if (i > 0)
			text_put(text, ',');
		tcp_put_kind(text, o->kinds[i], o);
	}
}

/* What is odd of the IP header; of IPv4 the id and its flags, of IPv6 the flow label. */
static uint32_t tcp_ip_quirks(const struct packet *p)
{
	const bool is4 = p->head >> 60 == 4, cuttable = (p->head & 0x4000) == 0;
	const bool id = (p->head >> 16 & 0xffff) != 0;

	return (uint32_t)(is4 && !cuttable) | (uint32_t)(is4 && !cuttable && id) << 1 |
	       (uint32_t)(is4 && cuttable && !id) << 2 |
	       (uint32_t)((p->head >> (is4 ? 48 : 52) & 3) != 0) << 3 |
	       (uint32_t)(is4 && (p->head & 0x8000) != 0) << 4 |
	       (uint32_t)(!is4 && (p->head >> 32 & 0xfffff) != 0) << 5;
}

static uint32_t tcp_quirks(const struct tcp *s, const struct tcp_options *o)
{
	const bool ack = (s->flags & TCP_ACK) != 0, urgent = (s->flags & TCP_URG) != 0;

	return (uint32_t)((s->flags & TCP_ECN) != 0) << 3 | (uint32_t)(s->reserved != 0) << 4 |
	       (uint32_t)(s->seq == 0) << 6 | (uint32_t)(!ack && s->ack != 0) << 7 |
	       (uint32_t)(ack && s->ack == 0) << 8 |
	       (uint32_t)(!urgent && (s->urgent & 0xffff) != 0) << 9 | (uint32_t)urgent << 10 |
	       (uint32_t)((s->flags & TCP_PSH) != 0) << 11 |
	       (uint32_t)(o->has_timestamp && o->timestamp == 0) << 12 |
	       (uint32_t)(!ack && o->peer != 0) << 13 | (uint32_t)o->padded << 14 |
	       (uint32_t)(o->scale > 14) << 15 | (uint32_t)o->bad << 16;
}

static void tcp_put_quirks(struct text *text, uint32_t quirks)
{
	static const char names[][7] = {"df",   "id+",  "id-",  "ecn",   "0+",    "flow",
	                                "seq-", "ack+", "ack-", "uptr+", "urgf+", "pushf+",
	                                "ts1-", "ts2+", "opt+", "exws",  "bad"};
	bool first = true;

	for (unsigned i = 0; i < COUNT_OF(names); i++) {
		if ((quirks >> i & 1) == 0)
			continue;
		if (!first)
			text_put(text, ',');
		first = false;
		for (unsigned k = 0; k < 6 && names[i][k] != 0; k++)
			text_put(text, text_byte(names[i][k]));
	}
}

static uint32_t tcp_first_ttl(uint8_t ttl)
{
	return ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

static void tcp_put_numbers(struct text *text, const struct packet *p, const struct tcp *s,
                            const struct tcp_options *o)
{
	const uint32_t version = (uint32_t)(p->head >> 60);
	const uint32_t numbers[] = {version, tcp_first_ttl(p->ttl),
	                            version == 4 ? (uint32_t)(p->head >> 56 & 15) * 4 - 20 : 0,
	                            o->mss, s->window};

	for (unsigned i = 0; i < COUNT_OF(numbers); i++) {
		text_decimal(text, numbers[i]);
		text_put(text, i + 1 < COUNT_OF(numbers) ? ':' : ',');
	}
	text_decimal(text, o->scale);
}

/* Whatever stands between sender and us in IPv6, it is not the packet that most send. */
static bool tcp_is_plain(const struct packet *p)
{
	return !p->cut && p->head != 0 &&
	       (p->head >> 60 == 4 || (p->head >> 8 & 0xff) == TCP_PROTOCOL);
}

/* The MSS leaves room for both headers without options (RFC 6691). */
static void tcp_tell_mtu(struct task *t, const struct packet *p, const struct tcp_options *o)
{
	if (o->mss > 0)
		tell_number(t, p, sender(p), FACT_TCP_MTU,
		            o->mss + (p->head >> 60 == 4 ? 20u : 40u) + TCP_HEADER);
}

static void tcp_compose(struct text *text, const struct packet *p, const struct tcp *s,
                        const struct tcp_options *o, uint32_t quirks)
{
	text_clear(text);
	tcp_put_numbers(text, p, s, o);
	text_put(text, ':');
	tcp_put_kinds(text, o);
	text_put(text, ':');
	tcp_put_quirks(text, quirks);
	text_put(text, ':');
	text_put(text, cur_left(&p->rest) > 0 ? '+' : '0');
}

/* Of all that the text is composed of. */
static uint64_t tcp_text_of(const struct task *t, const struct packet *p, const struct tcp *s,
                            const struct tcp_options *o, uint32_t quirks)
{
	struct hash_chain h = wording_of(t, FACT_TCP_SYN);

	chain_word(&h, (p->head >> 56) << 32 | (uint64_t)o->mss << 16 | s->window);
	chain_word(&h, (uint64_t)tcp_first_ttl(p->ttl) << 48 | (uint64_t)o->scale << 40 |
	                       (uint64_t)o->padding << 32 | quirks);
	chain_word(&h, (uint64_t)o->kinds_count << 1 | (cur_left(&p->rest) > 0));
	chain_bytes(&h, o->kinds, o->kinds_count);
	return h.digest;
}

/* p->rest is behind the header. */
static NOINLINE void tcp_tell_opening(struct task *t, const struct packet *p, const struct tcp *s)
{
	struct tcp_options o = {0};
	struct cur options = tcp_options_of(p->rest, s);
	struct text text;

	if (!tcp_is_plain(p))
		return;
	if (!tcp_options_parse(&options, &o))
		return;
	const uint32_t quirks = tcp_ip_quirks(p) | tcp_quirks(s, &o);
	const uint64_t of = tcp_text_of(t, p, s, &o, quirks);
	if (!wording_known(t, of, &text)) {
		tcp_compose(&text, p, s, &o, quirks);
		wording_keep(t, of, &text);
	}
	tell_string(t, p, sender(p), (s->flags & TCP_ACK) != 0 ? FACT_TCP_SYN_ACK : FACT_TCP_SYN,
	            &text);
	tcp_tell_mtu(t, p, &o);
}

/* With other flags set it is a scanner's packet, or rubbish. */
static bool tcp_is_syn_ack(const struct tcp *s)
{
	return (s->flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) == (TCP_SYN | TCP_ACK);
}

static enum verdict tcp_packet(struct task *t, struct packet *p, void *state)
{
	struct tcp s = {0};

	(void)state;
	if (!tcp_parse(&p->rest, &s))
		return MALFORMED;
	p->from_port.n = s.from;
	p->to_port.n = s.to;
	p->segment = (struct segment){
		.seq = s.seq,
		.ack = s.ack,
		.window = s.window,
		.syn = (s.flags & TCP_SYN) != 0,
		.ack_set = (s.flags & TCP_ACK) != 0,
		.fin = (s.flags & TCP_FIN) != 0,
		.rst = (s.flags & TCP_RST) != 0,
	};
	if (UNLIKELY((s.flags & (TCP_SYN | TCP_FIN | TCP_RST)) == TCP_SYN))
		tcp_tell_opening(t, p, &s);
	const struct flow_view view = flow_segment(t, p);
	if (view.syn_ack_first && tcp_is_syn_ack(&s))
		tell_answer(t, p, TCP_PROTOCOL);
	return LEARNED;
}

SHOW(tcp, struct tcp, FIELD(struct tcp, from, SHOW_NUMBER), FIELD(struct tcp, to, SHOW_NUMBER),
     FIELD(struct tcp, seq, SHOW_NUMBER), FIELD(struct tcp, ack, SHOW_NUMBER),
     FIELD(struct tcp, header, SHOW_NUMBER), FIELD(struct tcp, flags, SHOW_HEX),
     FIELD(struct tcp, window, SHOW_NUMBER))
SHOW(tcp_syn, struct tcp_options, FIELD(struct tcp_options, mss, SHOW_NUMBER),
     FIELD(struct tcp_options, scale, SHOW_NUMBER),
     FIELD(struct tcp_options, timestamp, SHOW_NUMBER),
     FIELD(struct tcp_options, padding, SHOW_NUMBER), FIELD(struct tcp_options, bad, SHOW_BOOL),
     FIELD(struct tcp_options, kinds_count, SHOW_NUMBER),
     FIELD(struct tcp_options, kinds, SHOW_BYTES))

const struct observer observer_tcp = {
	.name = "tcp",
	.about = "TCP connections, services, streams, and how stacks open them",
	.spec = "RFC 9293, RFC 7323",
	.claims = CLAIMS({IP_PROTOCOL, TCP_PROTOCOL, NULL}),
	.tells = TELLS({FACT_SERVICE, SAYS, 100}, {FACT_TALKS_IPV4, SAYS, 100},
                       {FACT_TALKS_IPV6, SAYS, 100}, {FACT_TCP_SYN, SAYS, 90},
                       {FACT_TCP_SYN_ACK, SAYS, 90}, {FACT_TCP_MTU, SAYS, 60}),
	.shows = SHOWS(&tcp_show, &tcp_syn_show),
	.packet = tcp_packet,
};

PROVE(tcp_parse, struct tcp)
PROVE(tcp_syn_parse, struct tcp_options)
