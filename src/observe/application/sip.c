/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip.c - what telephones and their servers say they are.
 *
 * A SIP message begins like one of HTTP, and its fields are lines up to an empty one (RFC 3261,
 * 7). User-Agent names the software of whoever made a request, Server that of whoever answers
 * (20.35, 20.41). Proxies pass messages on, and each adds its Via to a request: with more than one
 * the sender is not the one that is named, and nothing is told. An answer does not show who passed
 * it on, but a proxy that stays between leaves its Record-Route (16.6), and those are passed over
 * as well.
 */
#include "observe/shared/line.h"

enum { SIP_PORT = 5060, SIP_LINES_MAX = 96, SIP_METHOD_MAX = 16 };

struct sip {
	bool response, whole, more;
	uint32_t hops;
	struct cur user_agent, server;
};

static bool sip_is_method(struct cur method)
{
	if (cur_left(&method) < 3 || cur_left(&method) > SIP_METHOD_MAX)
		return false;
	while (cur_more(&method)) {
		const uint8_t b = cur_u8(&method);
		if (b < 'A' || b > 'Z')
			return false;
	}
	return true;
}

/* "SIP/2.0 200 OK", or "REGISTER sip:example.com SIP/2.0" */
static bool sip_first_parse(struct cur line, struct sip *s)
{
	s->response = cur_is(&line, "SIP/2.0 ");
	if (s->response) {
		const uint32_t status = cur_decimal(&line);
		return cur_ok(&line) && status >= 100 && status < 700;
	}
	const struct cur method = line_word(&line);
	if (!sip_is_method(method) || cur_left(&line) < 10)
		return false;
	cur_skip(&line, cur_left(&line) - 8);
	return cur_is(&line, " SIP/2.0");
}

/* Vias may share a line, with commas between. */
static uint32_t sip_vias(struct cur line)
{
	uint32_t n = 1;

	while (cur_more(&line))
		n += cur_u8(&line) == ',' ? 1 : 0;
	return n;
}

static void sip_keep(struct cur *field, struct cur value)
{
	line_trim(&value);
	*field = cur_rest(&value);
}

/* Hops count: of a request those after the first Via, of an answer its Record-Routes. */
static void sip_field_parse(struct cur line, struct sip *s)
{
	if (cur_is_caseless(&line, "User-Agent:"))
		sip_keep(&s->user_agent, line);
	else if (cur_is_caseless(&line, "Server:"))
		sip_keep(&s->server, line);
	else if (cur_is_caseless(&line, "Record-Route:"))
		s->hops = 2;
	else if (!s->response && s->hops < 2 &&
	         (cur_is_caseless(&line, "Via:") || cur_is_caseless(&line, "v:")))
		s->hops += sip_vias(line);
}

static bool sip_parse(struct cur *in, struct sip *s)
{
	struct cur line = cur_sub(in, 0);

	s->user_agent = cur_sub(in, 0);
	s->server = cur_sub(in, 0);
	if (!cur_line(in, &line)) {
		s->more = cur_left(&line) < LINE_LEN_MAX;
		return false;
	}
	if (!sip_first_parse(line, s))
		return false;
	for (uint32_t i = 0; i < SIP_LINES_MAX && cur_more(in) && cur_line(in, &line); i++) {
		s->whole = cur_left(&line) == 0;
		if (s->whole)
			return true;
		sip_field_parse(line, s);
	}
	s->more = true;
	return true;
}

static enum verdict sip_tell(struct task *t, const struct packet *p, const struct sip *s)
{
	if (s->hops > 1)
		return NOTHING;
	if (cur_left(&s->user_agent) > 0)
		tell_text(t, p, sender(p), FACT_SIP_USER_AGENT, s->user_agent);
	if (cur_left(&s->server) > 0)
		tell_text(t, p, sender(p), FACT_SIP_SERVER, s->server);
	return cur_left(&s->user_agent) + cur_left(&s->server) > 0 ? LEARNED : NOTHING;
}

static enum verdict sip_packet(struct task *t, struct packet *p, void *state)
{
	struct sip s = {0};

	(void)state;
	if (!sip_parse(&p->rest, &s))
		return NOT_MINE;
	return s.whole ? sip_tell(t, p, &s) : MALFORMED;
}

/* Over TCP the first message of each side. */
static enum verdict sip_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *stream, void *state)
{
	struct line_flow *f = state;
	bool *done = stream->from_client ? &f->client_done : &f->server_done;
	struct sip s = {0};

	if (*done)
		return line_pass(in, done);
	const bool is_sip = sip_parse(in, &s);
	if (s.more && !stream->end)
		return NEED_MORE;
	if (!is_sip)
		return NOT_MINE;
	*done = true;
	return s.whole ? sip_tell(t, p, &s) : NOTHING;
}

SHOW(sip, struct sip, FIELD(struct sip, response, SHOW_BOOL), FIELD(struct sip, hops, SHOW_NUMBER),
     FIELD(struct sip, whole, SHOW_BOOL))

const struct observer observer_sip = {
	.name = "sip",
	.about = "telephones and their servers",
	.spec = "RFC 3261",
	.claims = CLAIMS({UDP_PORT, SIP_PORT, NULL}, {TCP_PORT, SIP_PORT, NULL},
                         {UDP_SNIFF, 0, "'SIP/2.0 '"}, {UDP_SNIFF, 0, "'INVITE sip'"},
                         {UDP_SNIFF, 0, "'REGISTER sip'"}, {UDP_SNIFF, 0, "'OPTIONS sip'"},
                         {UDP_SNIFF, 0, "'NOTIFY sip'"}, {UDP_SNIFF, 0, "'SUBSCRIBE sip'"},
                         {TCP_SNIFF, 0, "'SIP/2.0 '"}, {TCP_SNIFF, 0, "'REGISTER sip'"},
                         {TCP_SNIFF, 0, "'INVITE sip'"}, {TCP_SNIFF, 0, "'OPTIONS sip'"}),
	.tells = TELLS({FACT_SIP_USER_AGENT, SAYS, 85}, {FACT_SIP_SERVER, SAYS, 80}),
	.shows = SHOWS(&sip_show),
	.flow_state_size = sizeof(struct line_flow),
	.packet = sip_packet,
	.stream = sip_stream,
};

PROVE(sip_parse, struct sip)
