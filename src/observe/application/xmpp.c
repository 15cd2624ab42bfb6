/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xmpp.c - chat servers by the domain that they serve, and the software of both sides.
 *
 * A stream is one XML text that is written as the talk goes on (RFC 6120, 4). Its first tag,
 * <stream:stream>, names in `from` who writes: a server's domain, also when it opens a stream to
 * another server. A tag <c node='...'> says by a URL what software its sender runs (XEP-0115); a
 * server's stands in <stream:features>, a client's in its <presence>. An answer to
 * jabber:iq:version names it with its version (XEP-0092). What a server passes on is of others: of
 * its answers only one that comes from the domain of the very user that it goes to is its own.
 *
 * Tags are walked one at a time; prefixes count as part of the name. After <starttls> follows TLS.
 * <auth mechanism='PLAIN'> sends a password in the clear.
 */
#include "observe/shared/line.h"
#include "observe/shared/window.h"

enum { XMPP_PIECE_MAX = 4096, XMPP_ATTRIBUTES_MAX = 16 };

/* ---- parse */

/* A tag, or the text up to the next one. */
struct xmpp {
	bool more;
	bool closes, is_empty; /* </name>, <name/> */
	struct cur name;       /* empty: a text */
	struct cur text;
	struct cur from, to, id, node, mechanism, kind, space; /* attributes, as they stand there */
};

static void xmpp_blanks(struct cur *in)
{
	for (uint32_t i = 0; i < XMPP_PIECE_MAX && cur_left(in) > 0; i++) {
		if (!cur_among(cur_peek8(in), " \t\r\n", 4))
			return;
		cur_skip(in, 1);
	}
}

static void xmpp_keep(struct cur name, struct cur value, struct xmpp *x)
{
	if (WINDOW_IS(name, "from"))
		x->from = cur_rest(&value);
	else if (WINDOW_IS(name, "to"))
		x->to = cur_rest(&value);
	else if (WINDOW_IS(name, "node"))
		x->node = cur_rest(&value);
	else if (WINDOW_IS(name, "mechanism"))
		x->mechanism = cur_rest(&value);
	else if (WINDOW_IS(name, "type"))
		x->kind = cur_rest(&value);
	else if (WINDOW_IS(name, "xmlns"))
		x->space = cur_rest(&value);
}

/* name='value', or with the other quotes */
static void xmpp_attributes_parse(struct cur tag, struct xmpp *x)
{
	for (uint32_t i = 0; i < XMPP_ATTRIBUTES_MAX && cur_more(&tag); i++) {
		xmpp_blanks(&tag);
		const struct cur name = cur_token(&tag, " =\t\r\n");
		xmpp_blanks(&tag);
		(void)cur_is(&tag, "=");
		xmpp_blanks(&tag);
		const uint8_t quote = cur_u8(&tag);
		if (quote != '\'' && quote != '"')
			return;
		const struct cur value = cur_until(&tag, quote);
		if (cur_ok(&tag))
			xmpp_keep(name, value, x);
	}
}

static bool xmpp_tag_parse(struct cur *in, struct xmpp *x)
{
	struct cur piece = cur_token(in, ">");

	x->more = !cur_is(in, ">") && cur_left(&piece) < XMPP_PIECE_MAX;
	if (x->more || cur_left(&piece) >= XMPP_PIECE_MAX)
		return false;
	cur_skip(&piece, 1);
	x->closes = cur_is(&piece, "/");
	x->name = cur_token(&piece, " \t\r\n/");
	xmpp_attributes_parse(piece, x);
	cur_skip(&piece, cur_left(&piece) > 0 ? cur_left(&piece) - 1 : 0);
	x->is_empty = cur_is(&piece, "/");
	return cur_left(&x->name) > 0;
}

static bool xmpp_parse(struct cur *in, struct xmpp *x)
{
	x->name = cur_sub(in, 0);
	x->text = cur_sub(in, 0);
	x->from = cur_sub(in, 0);
	x->to = cur_sub(in, 0);
	x->node = cur_sub(in, 0);
	x->mechanism = cur_sub(in, 0);
	x->kind = cur_sub(in, 0);
	x->space = cur_sub(in, 0);
	if (cur_peek8(in) == '<')
		return xmpp_tag_parse(in, x);
	x->text = cur_token(in, "<");
	x->more = cur_left(in) == 0 && cur_left(&x->text) < XMPP_PIECE_MAX;
	return !x->more && cur_left(&x->text) < XMPP_PIECE_MAX;
}

/* ---- judge */

/* What the walk is inside of, a side. */
enum { XMPP_STREAM = 1, XMPP_FEATURES = 2, XMPP_PRESENCE = 4, XMPP_OWN = 8, XMPP_VERSION = 16 };
enum xmpp_text { XMPP_NO_TEXT, XMPP_SOFTWARE_NAME, XMPP_SOFTWARE_VERSION, XMPP_SYSTEM };

struct xmpp_side {
	uint8_t inside; /* bits */
	uint8_t text;   /* enum xmpp_text: what the next text is */
	bool done;
};

struct xmpp_flow {
	struct xmpp_side client, server;
};

/* Is it the domain of this user? */
static bool xmpp_is_domain_of(struct cur domain, struct cur user)
{
	(void)cur_token(&user, "@");
	if (!cur_is(&user, "@"))
		return false;
	struct cur its = cur_token(&user, "/");
	if (cur_left(&domain) == 0 || cur_left(&its) != cur_left(&domain))
		return false;
	while (cur_more(&its))
		if (cur_u8(&its) != cur_u8(&domain))
			return false;
	return true;
}

/* May an answer to a question of version be told of who sends it? */
static bool xmpp_is_own(const struct xmpp *x, bool from_client)
{
	return WINDOW_IS(x->kind, "result") && (from_client || xmpp_is_domain_of(x->from, x->to));
}

static void xmpp_enter(struct xmpp_side *side, uint8_t bit, const struct xmpp *x)
{
	if (x->closes || x->is_empty)
		side->inside = (uint8_t)(side->inside & ~bit);
	else
		side->inside = (uint8_t)(side->inside | bit);
}

static void xmpp_walk(const struct xmpp *x, struct xmpp_side *side, bool from_client)
{
	side->text = XMPP_NO_TEXT;
	if (WINDOW_IS(x->name, "stream:features"))
		xmpp_enter(side, XMPP_FEATURES, x);
	else if (WINDOW_IS(x->name, "presence"))
		xmpp_enter(side, XMPP_PRESENCE, x);
	else if (WINDOW_IS(x->name, "iq"))
		side->inside = xmpp_is_own(x, from_client) ? XMPP_STREAM | XMPP_OWN : XMPP_STREAM;
	else if (WINDOW_IS(x->name, "query"))
		xmpp_enter(side, XMPP_VERSION, x);
	if (WINDOW_IS(x->name, "query") && !WINDOW_IS(x->space, "jabber:iq:version"))
		side->inside = (uint8_t)(side->inside & ~XMPP_VERSION);
	if ((side->inside & XMPP_OWN) == 0 || (side->inside & XMPP_VERSION) == 0 || x->closes)
		return;
	if (WINDOW_IS(x->name, "name"))
		side->text = XMPP_SOFTWARE_NAME;
	else if (WINDOW_IS(x->name, "version"))
		side->text = XMPP_SOFTWARE_VERSION;
	else if (WINDOW_IS(x->name, "os"))
		side->text = XMPP_SYSTEM;
}

/* ---- tell */

static enum verdict xmpp_tell_text(struct task *t, const struct packet *p, struct cur text,
                                   struct xmpp_side *side)
{
	static const enum fact_kind kinds[] = {FACT_NONE, FACT_XMPP_SOFTWARE, FACT_XMPP_VERSION,
	                                       FACT_XMPP_SYSTEM};
	const uint8_t what = side->text;

	side->text = XMPP_NO_TEXT;
	if (what == XMPP_NO_TEXT || cur_left(&text) == 0)
		return NOTHING;
	tell_text(t, p, sender(p), kinds[what], text);
	return LEARNED;
}

/* A user's address has an at sign; a domain has none. */
static bool xmpp_is_domain(struct cur name)
{
	const uint32_t len = cur_left(&name);
	const struct cur before = cur_token(&name, "@/");

	return len > 0 && cur_left(&before) == len;
}

static enum verdict xmpp_tell_tag(struct task *t, const struct packet *p, const struct xmpp *x,
                                  const struct xmpp_side *side, bool from_client)
{
	const uint8_t about_itself = from_client ? XMPP_PRESENCE : XMPP_FEATURES;

	if (WINDOW_IS(x->name, "stream:stream") && xmpp_is_domain(x->from))
		tell_text(t, p, sender(p), FACT_XMPP_DOMAIN, x->from);
	else if (WINDOW_IS(x->name, "c") && cur_left(&x->node) > 0 &&
	         (side->inside & about_itself) != 0)
		tell_text(t, p, sender(p), FACT_XMPP_NODE, x->node);
	else if (from_client && WINDOW_IS(x->name, "auth") && WINDOW_IS(x->mechanism, "PLAIN"))
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "xmpp");
	else
		return NOTHING;
	return LEARNED;
}

/* A tag, before the stream's own: only the declaration of XML. */
static bool xmpp_is_opening(const struct xmpp *x)
{
	return WINDOW_IS(x->name, "?xml") || WINDOW_IS(x->name, "stream:stream") ||
	       cur_left(&x->name) == 0;
}

static enum verdict xmpp_tag(struct task *t, const struct packet *p, const struct xmpp *x,
                             struct xmpp_side *side, bool from_client)
{
	if ((side->inside & XMPP_STREAM) == 0 && !xmpp_is_opening(x))
		return NOT_MINE;
	if (cur_left(&x->name) == 0)
		return xmpp_tell_text(t, p, x->text, side);
	if (WINDOW_IS(x->name, "stream:stream"))
		side->inside = XMPP_STREAM;
	side->done =
		WINDOW_IS(x->name, "proceed") || (from_client && WINDOW_IS(x->name, "starttls"));
	xmpp_walk(x, side, from_client);
	return xmpp_tell_tag(t, p, x, side, from_client);
}

static enum verdict xmpp_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	struct xmpp_flow *f = state;
	struct xmpp_side *side = s->from_client ? &f->client : &f->server;
	struct xmpp x = {0};

	if (s->midstream || side->done)
		return line_pass(in, &side->done);
	if (s->first && cur_left(in) > 0 && cur_peek8(in) != '<')
		return NOT_MINE;
	if (!xmpp_parse(in, &x)) {
		if (x.more && !s->end)
			return NEED_MORE;
		return (side->inside & XMPP_STREAM) != 0 ? line_pass(in, &side->done) : NOT_MINE;
	}
	return xmpp_tag(t, p, &x, side, s->from_client);
}

SHOW(xmpp, struct xmpp, FIELD(struct xmpp, closes, SHOW_BOOL),
     FIELD(struct xmpp, is_empty, SHOW_BOOL), FIELD(struct xmpp, more, SHOW_BOOL))

const struct observer observer_xmpp = {
	.name = "xmpp",
	.about = "chat servers by their domain, and the software of both sides",
	.spec = "RFC 6120, XEP-0092, XEP-0115",
	.claims = CLAIMS({TCP_PORT, 5222, NULL}, {TCP_PORT, 5269, NULL}),
	.tells = TELLS({FACT_XMPP_DOMAIN, SAYS, 90}, {FACT_XMPP_NODE, SAYS, 85},
                       {FACT_XMPP_SOFTWARE, SAYS, 90}, {FACT_XMPP_VERSION, SAYS, 90},
                       {FACT_XMPP_SYSTEM, SAYS, 85}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&xmpp_show),
	.flow_state_size = sizeof(struct xmpp_flow),
	.stream = xmpp_stream,
};

PROVE(xmpp_parse, struct xmpp)
