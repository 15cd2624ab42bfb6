/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp.c - TCP: connections, services proven by a SYN-ACK, and streams.
 *
 * Who sends a SYN-ACK serves on that port; nothing else proves it, whatever the port. The
 * task puts the segments in order and offers the streams to those who claim them.
 *
 * Options are read where they are negotiated, in segments with SYN. One that is broken ends
 * their list, as receivers treat it (RFC 9293, 3.1): it does not make the segment another one.
 */
#include "observe/observer.h"

enum { TCP_HEADER = 20, TCP_PROTOCOL = 6, TCP_OPTIONS = 40 };
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };
enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_SCALE = 3,
	OPTION_SACK = 4,
	OPTION_TIMESTAMP = 8
};

struct tcp {
	uint16_t from, to;
	uint32_t seq, ack;
	uint8_t header; /* bytes */
	uint8_t flags;
	uint16_t window;
	/* options of a segment with SYN */
	uint16_t mss;
	bool has_scale, sack, has_timestamp;
	uint8_t scale;
	uint32_t timestamp;
	uint8_t kinds_count; /* the options in their order, a hint at who made the stack */
	uint8_t kinds[TCP_OPTIONS];
};

static void tcp_option_parse(struct cur *value, uint8_t kind, struct tcp *s)
{
	if (kind == OPTION_MSS)
		s->mss = cur_be16(value);
	if (kind == OPTION_SCALE) {
		s->has_scale = true;
		s->scale = cur_u8(value);
	}
	if (kind == OPTION_SACK)
		s->sack = true;
	if (kind == OPTION_TIMESTAMP) {
		s->has_timestamp = true;
		s->timestamp = cur_be32(value);
	}
}

static void tcp_options_parse(struct cur *options, struct tcp *s)
{
	while (cur_more(options)) {
		const uint8_t kind = cur_u8(options);
		const uint8_t n = s->kinds_count;
		if (n < TCP_OPTIONS) {
			s->kinds[n] = kind;
			s->kinds_count = (uint8_t)(n + 1);
		}
		if (kind == OPTION_END)
			return;
		if (kind == OPTION_NOP)
			continue;
		const uint8_t len = cur_u8(options);
		if (len < 2)
			return;
		struct cur value = cur_sub(options, len - 2u);
		tcp_option_parse(&value, kind, s);
	}
}

static bool tcp_parse(struct cur *in, struct tcp *s)
{
	s->from = cur_be16(in);
	s->to = cur_be16(in);
	s->seq = cur_be32(in);
	s->ack = cur_be32(in);
	s->header = (uint8_t)((cur_u8(in) >> 4) * 4);
	s->flags = cur_u8(in);
	s->window = cur_be16(in);
	cur_skip(in, 4); /* checksum, urgent pointer */
	if (s->header < TCP_HEADER)
		return false;
	struct cur options = cur_sub(in, s->header - (uint32_t)TCP_HEADER);
	if (!cur_ok(in))
		return false;
	if ((s->flags & TCP_SYN) != 0)
		tcp_options_parse(&options, s);
	return true;
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
	const struct flow_view view = flow_segment(t, p);
	if (view.syn_ack_first && tcp_is_syn_ack(&s))
		tell_service(t, p, sender(p), TCP_PROTOCOL, p->from_port);
	return LEARNED;
}

SHOW(tcp, struct tcp, FIELD(struct tcp, from, SHOW_NUMBER), FIELD(struct tcp, to, SHOW_NUMBER),
     FIELD(struct tcp, seq, SHOW_NUMBER), FIELD(struct tcp, ack, SHOW_NUMBER),
     FIELD(struct tcp, header, SHOW_NUMBER), FIELD(struct tcp, flags, SHOW_HEX),
     FIELD(struct tcp, window, SHOW_NUMBER), FIELD(struct tcp, mss, SHOW_NUMBER),
     FIELD(struct tcp, scale, SHOW_NUMBER), FIELD(struct tcp, sack, SHOW_BOOL),
     FIELD(struct tcp, timestamp, SHOW_NUMBER), FIELD(struct tcp, kinds_count, SHOW_NUMBER),
     FIELD(struct tcp, kinds, SHOW_BYTES))

const struct observer observer_tcp = {
	.name = "tcp",
	.about = "TCP connections, services, streams",
	.spec = "RFC 9293, RFC 7323",
	.claims = CLAIMS({IP_PROTOCOL, TCP_PROTOCOL, NULL}),
	.tells = TELLS({FACT_SERVICE, SAYS, 100}),
	.shows = SHOWS(&tcp_show),
	.packet = tcp_packet,
};

PROVE(tcp_parse, struct tcp)
