/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slp.c - services that are looked for, registered and found: the Service Location Protocol.
 *
 * Version 2 (RFC 2608, 8): a header with the message's kind and its length, then texts, each
 * behind its own. A request says what its sender looks for (8.1); a registration (8.3), an answer
 * (8.2) and the announcements of service and directory agents (8.5, 8.6) give URLs. Such a URL is
 * told of the host that is named in it: of the sender where that is its own address, of another
 * address where it is that; where it is a name, only of who registers it himself.
 *
 * Lists of those who have answered, predicates and signatures are read over.
 */
#include "observe/observer.h"

enum { SLP_PORT = 427, SLP_VERSION = 2, SLP_HEAD = 14, SLP_LONGEST = 16384 };
enum slp_function {
	SLP_REQUEST = 1,
	SLP_REPLY = 2,
	SLP_REGISTER = 3,
	SLP_DIRECTORY = 8,
	SLP_AGENT = 11 /* and the last one */
};

struct slp {
	uint8_t function;
	uint16_t error;
	uint32_t boot_s; /* of a directory agent; 0: it goes down */
	uint16_t count;  /* of URLs */
	struct cur urls; /* entries of a reply or a registration */
	struct cur service, scopes, attributes;
	bool more;
};

/* ---- parse */

/* Signatures: each has a kind, and the length of all of it (9.2). */
static bool slp_signatures_parse(struct cur *in)
{
	const uint8_t count = cur_u8(in);

	for (unsigned i = 0; i < UINT8_MAX && i < count; i++) {
		cur_skip(in, 2);
		const uint16_t len = cur_be16(in);
		if (len < 4)
			return false;
		cur_skip(in, len - 4u);
	}
	return cur_ok(in);
}

/* A reserved byte, a lifetime, the URL, its signatures (4.3). */
struct slp_url {
	struct cur url;
};

static bool slp_url_parse(struct cur *in, struct slp_url *u)
{
	cur_skip(in, 3);
	u->url = cur_sub(in, cur_be16(in));
	return slp_signatures_parse(in);
}

static bool slp_reply_parse(struct cur *in, struct slp *m)
{
	struct slp_url u = {0};

	m->error = cur_be16(in);
	m->count = cur_be16(in);
	m->urls = cur_rest(in);
	struct cur urls = m->urls;
	for (uint32_t i = 0; i < CUR_MAX && i < m->count; i++)
		if (!cur_more(&urls) || !slp_url_parse(&urls, &u))
			return false;
	return cur_ok(in);
}

static bool slp_register_parse(struct cur *in, struct slp *m)
{
	struct slp_url u = {0};
	struct cur entry = *in;

	m->count = 1;
	if (!slp_url_parse(in, &u))
		return false;
	m->urls = cur_rest(&entry);
	m->service = cur_sub(in, cur_be16(in));
	m->scopes = cur_sub(in, cur_be16(in));
	m->attributes = cur_sub(in, cur_be16(in));
	return slp_signatures_parse(in);
}

static bool slp_announcement_parse(struct cur *in, struct slp *m)
{
	if (m->function == SLP_DIRECTORY) {
		m->error = cur_be16(in);
		m->boot_s = cur_be32(in);
	}
	m->service = cur_sub(in, cur_be16(in)); /* its own URL */
	m->scopes = cur_sub(in, cur_be16(in));
	m->attributes = cur_sub(in, cur_be16(in));
	if (m->function == SLP_DIRECTORY)
		cur_skip(in, cur_be16(in)); /* whose signatures it takes */
	return slp_signatures_parse(in);
}

static bool slp_request_parse(struct cur *in, struct slp *m)
{
	cur_skip(in, cur_be16(in)); /* who has answered */
	m->service = cur_sub(in, cur_be16(in));
	m->scopes = cur_sub(in, cur_be16(in));
	cur_skip(in, cur_be16(in)); /* predicate */
	cur_skip(in, cur_be16(in));
	return cur_ok(in);
}

static bool slp_body_parse(struct cur *in, struct slp *m)
{
	switch (m->function) {
	case SLP_REQUEST:
		return slp_request_parse(in, m);
	case SLP_REPLY:
		return slp_reply_parse(in, m);
	case SLP_REGISTER:
		return slp_register_parse(in, m);
	case SLP_DIRECTORY:
	case SLP_AGENT:
		return slp_announcement_parse(in, m);
	default:
		return true;
	}
}

static bool slp_parse(struct cur *in, struct slp *m)
{
	struct cur head = *in;
	const uint8_t version = cur_u8(&head);

	m->urls = cur_sub(in, 0);
	m->service = cur_sub(in, 0);
	m->scopes = cur_sub(in, 0);
	m->attributes = cur_sub(in, 0);
	m->function = cur_u8(&head);
	const uint32_t len = cur_be24(&head);
	m->more = !cur_ok(&head);
	if (m->more || version != SLP_VERSION || m->function < SLP_REQUEST ||
	    m->function > SLP_AGENT || len < SLP_HEAD || len > SLP_LONGEST)
		return false;
	m->more = cur_left(in) < len;
	if (m->more)
		return false;
	struct cur message = cur_sub(in, len);
	cur_skip(&message, 12); /* what was read, flags, extensions, number */
	const uint16_t language = cur_be16(&message);
	cur_skip(&message, language);
	return language > 0 && slp_body_parse(&message, m);
}

/* The host of "service:kind://host:port/path". */
struct slp_host {
	bool is_ip;
	struct ip4 ip;
};

static bool slp_host_parse(struct cur *in, struct slp_host *h)
{
	(void)cur_until(in, ':');
	while (cur_more(in) && !cur_is(in, "//"))
		(void)cur_until(in, ':');
	struct cur host = cur_token(in, ":/;");
	const bool named = cur_left(&host) > 0;
	uint32_t part[4] = {0, 0, 0, 0};
	h->is_ip = named;
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0 && !cur_is(&host, "."))
			h->is_ip = false;
		part[i] = cur_decimal(&host);
		h->is_ip = h->is_ip && cur_ok(&host) && part[i] <= UINT8_MAX;
		h->ip.b[i] = (uint8_t)(part[i] & 0xff);
	}
	h->is_ip = h->is_ip && cur_left(&host) == 0;
	return named;
}

/* ---- tell */

static void slp_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                          struct cur value)
{
	if (cur_left(&value) > 0)
		tell_text(t, p, sender(p), kind, value);
}

/* `own`: who sends it offers it himself. */
static void slp_tell_url(struct task *t, const struct packet *p, struct cur url, bool own)
{
	struct slp_host h = {0};
	struct cur host = url;

	if (!slp_host_parse(&host, &h))
		return;
	const struct ip ip = ip_from4(h.ip);
	if (h.is_ip ? ip_equal(&ip, &p->from) : own)
		tell_text(t, p, sender(p), FACT_SLP_URL, url);
	else if (h.is_ip && ip_is_host(&ip))
		tell_text(t, p, subject_of((struct mac){{0}}, ip), FACT_SLP_URL, url);
}

static enum verdict slp_tell_urls(struct task *t, const struct packet *p, struct slp *m)
{
	struct slp_url u = {0};

	for (uint32_t i = 0; i < CUR_MAX && i < m->count && cur_more(&m->urls); i++)
		if (slp_url_parse(&m->urls, &u))
			slp_tell_url(t, p, u.url, m->function == SLP_REGISTER);
	return m->count > 0 && m->error == 0 ? LEARNED : NOTHING;
}

static enum verdict slp_tell_agent(struct task *t, const struct packet *p, const struct slp *m)
{
	if (m->function == SLP_DIRECTORY && (m->boot_s == 0 || m->error != 0))
		return NOTHING;
	if (m->function == SLP_DIRECTORY)
		tell_word(t, p, sender(p), FACT_ROLE, "slp-directory");
	slp_tell_url(t, p, m->service, true);
	slp_tell_text(t, p, FACT_SLP_SCOPE, m->scopes);
	slp_tell_text(t, p, FACT_SLP_ATTRIBUTES, m->attributes);
	return LEARNED;
}

static enum verdict slp_tell(struct task *t, const struct packet *p, struct slp *m)
{
	switch (m->function) {
	case SLP_REQUEST:
		slp_tell_text(t, p, FACT_SLP_WANTED, m->service);
		return cur_left(&m->service) > 0 ? LEARNED : NOTHING;
	case SLP_REPLY:
	case SLP_REGISTER:
		return slp_tell_urls(t, p, m);
	case SLP_DIRECTORY:
	case SLP_AGENT:
		return slp_tell_agent(t, p, m);
	default:
		return NOTHING;
	}
}

static enum verdict slp_packet(struct task *t, struct packet *p, void *state)
{
	struct slp m = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	return slp_parse(&p->rest, &m) && cur_left(&p->rest) == 0 ? slp_tell(t, p, &m) : NOT_MINE;
}

static enum verdict slp_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	enum verdict said = NOTHING;

	(void)state;
	while (cur_more(in)) {
		struct slp m = {0};
		if (!slp_parse(in, &m))
			return m.more && !s->end ? NEED_MORE : NOT_MINE;
		stream_message(t, in);
		if (slp_tell(t, p, &m) == LEARNED)
			said = LEARNED;
	}
	return said;
}

SHOW(slp, struct slp, FIELD(struct slp, function, SHOW_NUMBER),
     FIELD(struct slp, error, SHOW_NUMBER), FIELD(struct slp, boot_s, SHOW_NUMBER),
     FIELD(struct slp, count, SHOW_NUMBER), FIELD(struct slp, more, SHOW_BOOL))

const struct observer observer_slp = {
	.name = "slp",
	.about = "services that are looked for, registered and found",
	.spec = "RFC 2608",
	.claims = CLAIMS({UDP_PORT, SLP_PORT, NULL}, {TCP_PORT, SLP_PORT, NULL}),
	.tells = TELLS({FACT_SLP_WANTED, SAYS, 85}, {FACT_SLP_URL, SAYS, 85},
                       {FACT_SLP_SCOPE, SAYS, 85}, {FACT_SLP_ATTRIBUTES, SAYS, 85},
                       {FACT_ROLE, SAYS, 90}),
	.shows = SHOWS(&slp_show),
	.packet = slp_packet,
	.stream = slp_stream,
};

PROVE(slp_parse, struct slp)
PROVE(slp_url_parse, struct slp_url)
PROVE(slp_host_parse, struct slp_host)
