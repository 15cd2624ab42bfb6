/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssdp.c - what UPnP devices announce, and who looks for them.
 *
 * A message is a datagram of lines like a HTTP head (UPnP Device Architecture 2.0, 1.1): NOTIFY
 * announces a device or takes it back (NTS: ssdp:byebye), M-SEARCH asks, "HTTP/1.1 200 OK" answers
 * an M-SEARCH, from whatever port the device likes. Each message is about its sender alone:
 *
 *	NOTIFY, 200   SERVER, LOCATION, USN, and NT or ST: what it is
 *	M-SEARCH      USER-AGENT: the program that looks; its ST is what is sought, not what it is
 *
 * A goodbye has USN and NT alone; they say what leaves, and so what the device is. Old devices
 * leave the empty line at the end out; where bytes are cut off it is what shows the head whole.
 */
#include "observe/observer.h"

enum { SSDP_PORT = 1900 };

enum ssdp_method { SSDP_OTHER, SSDP_NOTIFY, SSDP_SEARCH, SSDP_ANSWER };

struct ssdp {
	uint8_t method;
	bool ended; /* by its empty line */
	uint32_t headers;
	struct cur server, location, usn, target, agent, how; /* how: NTS */
};

/* ---- parse */

static bool ssdp_is_blank(uint8_t b)
{
	return b == ' ' || b == '\t';
}

/* What is between the blanks at either end. */
static struct cur ssdp_trimmed(struct cur value)
{
	uint32_t len = 0;

	for (uint32_t i = 0; i < CUR_MAX && ssdp_is_blank(cur_peek8(&value)); i++)
		cur_skip(&value, 1);
	const struct cur all = value;
	const uint32_t from = cur_pos(&value);
	while (cur_more(&value))
		if (!ssdp_is_blank(cur_u8(&value)))
			len = cur_pos(&value) - from;
	struct cur text = all;
	return cur_sub(&text, len);
}

/* The last line may have no end. */
static struct cur ssdp_line(struct cur *in)
{
	struct cur line = cur_sub(in, 0);

	return cur_line(in, &line) ? line : cur_rest(in);
}

static enum ssdp_method ssdp_method_of(struct cur line)
{
	if (cur_is_caseless(&line, "NOTIFY * HTTP/1."))
		return SSDP_NOTIFY;
	if (cur_is_caseless(&line, "M-SEARCH * HTTP/1."))
		return SSDP_SEARCH;
	return cur_is_caseless(&line, "HTTP/1.1 200") ? SSDP_ANSWER : SSDP_OTHER;
}

static void ssdp_header_parse(struct cur *line, struct ssdp *s)
{
	s->headers += 1;
	if (cur_is_caseless(line, "SERVER:"))
		s->server = cur_rest(line);
	else if (cur_is_caseless(line, "LOCATION:"))
		s->location = cur_rest(line);
	else if (cur_is_caseless(line, "USN:"))
		s->usn = cur_rest(line);
	else if (cur_is_caseless(line, "NT:") || cur_is_caseless(line, "ST:"))
		s->target = cur_rest(line);
	else if (cur_is_caseless(line, "NTS:"))
		s->how = cur_rest(line);
	else if (cur_is_caseless(line, "USER-AGENT:"))
		s->agent = cur_rest(line);
}

static void ssdp_clear(struct cur *in, struct ssdp *s)
{
	s->server = cur_sub(in, 0);
	s->location = cur_sub(in, 0);
	s->usn = cur_sub(in, 0);
	s->target = cur_sub(in, 0);
	s->agent = cur_sub(in, 0);
	s->how = cur_sub(in, 0);
}

static bool ssdp_parse(struct cur *in, struct ssdp *s)
{
	ssdp_clear(in, s);
	s->method = (uint8_t)ssdp_method_of(ssdp_line(in));
	if (s->method == SSDP_OTHER)
		return false;
	while (cur_more(in) && !s->ended) {
		struct cur line = ssdp_line(in);
		s->ended = cur_left(&line) == 0;
		if (!s->ended)
			ssdp_header_parse(&line, s);
	}
	return cur_ok(in);
}

/* ---- tell */

static void ssdp_tell(struct task *t, const struct packet *p, enum fact_kind kind, struct cur value)
{
	const struct cur text = ssdp_trimmed(value);

	if (cur_left(&text) > 0)
		tell_text(t, p, sender(p), kind, text);
}

/* The root device takes itself back, not one of its services (UPnP 2.0, 1.2.3). */
static bool ssdp_says_goodbye(const struct ssdp *s)
{
	struct cur how = ssdp_trimmed(s->how), target = ssdp_trimmed(s->target);

	return s->method == SSDP_NOTIFY && cur_is_caseless(&how, "ssdp:byebye") &&
	       cur_is_caseless(&target, "upnp:rootdevice");
}

static enum verdict ssdp_packet(struct task *t, struct packet *p, void *state)
{
	struct ssdp s = {0};

	(void)state;
	if (!ssdp_parse(&p->rest, &s))
		return NOT_MINE;
	if (p->cut && !s.ended)
		return MALFORMED;
	/* Any HTTP over UDP begins like an answer: only SSDP's has a target. */
	if (s.method == SSDP_ANSWER && (cur_left(&s.usn) == 0 || cur_left(&s.target) == 0))
		return NOT_MINE;
	ssdp_tell(t, p, FACT_SSDP_USER_AGENT, s.agent);
	if (s.method == SSDP_SEARCH)
		return cur_left(&s.agent) > 0 ? LEARNED : NOTHING;
	ssdp_tell(t, p, FACT_SSDP_USN, s.usn);
	ssdp_tell(t, p, FACT_SSDP_ST, s.target);
	ssdp_tell(t, p, FACT_SSDP_SERVER, s.server);
	ssdp_tell(t, p, FACT_SSDP_LOCATION, s.location);
	if (ssdp_says_goodbye(&s))
		tell_word(t, p, sender(p), FACT_LEAVES, "ssdp");
	return LEARNED;
}

SHOW(ssdp, struct ssdp, FIELD(struct ssdp, method, SHOW_NUMBER),
     FIELD(struct ssdp, headers, SHOW_NUMBER), FIELD(struct ssdp, ended, SHOW_BOOL))

const struct observer observer_ssdp = {
	.name = "ssdp",
	.about = "what UPnP devices announce, and the programs that seek them",
	.spec = "UPnP Device Architecture 2.0",
	.claims = CLAIMS({UDP_PORT, SSDP_PORT, NULL}, {UDP_SNIFF, 0, "'HTTP/1.1 200 OK'"}),
	.tells = TELLS({FACT_SSDP_SERVER, SAYS, 90}, {FACT_SSDP_LOCATION, SAYS, 90},
                       {FACT_SSDP_USN, SAYS, 95}, {FACT_SSDP_ST, SAYS, 95},
                       {FACT_SSDP_USER_AGENT, SAYS, 90}, {FACT_LEAVES, SAYS, 80}),
	.shows = SHOWS(&ssdp_show),
	.packet = ssdp_packet,
};

PROVE(ssdp_parse, struct ssdp)
