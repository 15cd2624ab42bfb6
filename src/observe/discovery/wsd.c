/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wsd.c - printers, scanners and Windows hosts that announce themselves by WS-Discovery.
 *
 * A message is a SOAP envelope in a datagram (WS-Discovery 1.1, 4). A device that comes says Hello,
 * and answers whoever looks for it (Probe) or for its address (Resolve): in the body stand its
 * own address, which is a UUID for life, its types and the URLs of its description. An answer with
 * several matches is a proxy's, about others.
 *
 * The XML is walked as tags and texts; prefixes are the sender's and passed over, entities and the
 * types' own prefixes stay as they are. An envelope without its end is no message.
 */
#include "observe/observer.h"

enum { WSD_PORT = 3702 };

enum wsd_kind { WSD_NONE, WSD_HELLO, WSD_MATCH, WSD_OTHER };

struct wsd {
	bool is_envelope, in_body, ended;
	uint8_t kind;
	uint32_t announced; /* devices that are told of */
	struct cur address, types, urls;
};

/* ---- parse */

static bool wsd_is_blank(uint8_t b)
{
	return cur_among(b, " \t\r\n", 4);
}

/* The name of a tag without its prefix. */
static struct cur wsd_name(struct cur tag)
{
	struct cur name = cur_token(&tag, " \t\r\n/>");
	struct cur local = name;

	(void)cur_token(&local, ":");
	if (cur_left(&local) == 0)
		return name;
	cur_skip(&local, 1);
	return local;
}

static bool wsd_is_bytes(struct cur name, const char *what, uint32_t len)
{
	return cur_left(&name) == len && cur_is_bytes(&name, what, len);
}
#define WSD_IS(name, literal) wsd_is_bytes((name), "" literal, (uint32_t)sizeof(literal) - 1)

/* A text without the blanks before it; those behind it go when it is told. */
static void wsd_keep(struct cur text, struct cur *kept)
{
	for (uint32_t i = 0; i < CUR_MAX && wsd_is_blank(cur_peek8(&text)); i++)
		cur_skip(&text, 1);
	*kept = cur_rest(&text);
}

static void wsd_body_parse(struct cur name, struct cur text, struct wsd *w)
{
	if (WSD_IS(name, "Hello")) {
		w->kind = WSD_HELLO;
		w->announced += 1;
	} else if (WSD_IS(name, "ProbeMatch") || WSD_IS(name, "ResolveMatch")) {
		w->kind = WSD_MATCH;
		w->announced += 1;
	} else if (WSD_IS(name, "Address")) {
		wsd_keep(text, &w->address);
	} else if (WSD_IS(name, "Types")) {
		wsd_keep(text, &w->types);
	} else if (WSD_IS(name, "XAddrs")) {
		wsd_keep(text, &w->urls);
	} else if (w->kind == WSD_NONE) {
		w->kind = WSD_OTHER;
	}
}

/* From behind '<' to before the next one. */
static void wsd_tag_parse(struct cur piece, struct wsd *w)
{
	const bool closes = cur_is(&piece, "/");
	const struct cur name = wsd_name(piece);

	(void)cur_until(&piece, '>');
	if (!cur_ok(&piece))
		return;
	if (WSD_IS(name, "Envelope")) {
		w->is_envelope = true;
		w->ended = closes;
	} else if (WSD_IS(name, "Body")) {
		w->in_body = !closes;
	} else if (w->in_body && !closes) {
		wsd_body_parse(name, piece, w);
	}
}

static bool wsd_parse(struct cur *in, struct wsd *w)
{
	w->address = cur_sub(in, 0);
	w->types = cur_sub(in, 0);
	w->urls = cur_sub(in, 0);
	while (cur_more(in) && !w->ended) {
		(void)cur_token(in, "<");
		if (!cur_is(in, "<"))
			break;
		const struct cur piece = cur_token(in, "<");
		wsd_tag_parse(piece, w);
		if (cur_left(&piece) == 0)
			return false;
	}
	return w->is_envelope && cur_ok(in);
}

/* ---- tell */

static void wsd_tell(struct task *t, const struct packet *p, enum fact_kind kind, struct cur value)
{
	struct text text;

	cur_text(&value, cur_left(&value), &text);
	for (uint32_t i = 0; i < TEXT_MAX && text.len > 0; i++) {
		if (!wsd_is_blank((uint8_t)(text.s[text.len - 1] & 0xff)))
			break;
		text.len -= 1;
	}
	text.s[text.len] = 0;
	if (text.len > 0 && text.len < TEXT_MAX)
		tell_string(t, p, sender(p), kind, &text);
}

static enum verdict wsd_packet(struct task *t, struct packet *p, void *state)
{
	struct wsd w = {0};

	(void)state;
	if (!wsd_parse(&p->rest, &w))
		return NOT_MINE;
	if (!w.ended)
		return MALFORMED;
	if (w.announced != 1)
		return NOTHING;
	wsd_tell(t, p, FACT_WSD_ID, w.address);
	wsd_tell(t, p, FACT_WSD_TYPES, w.types);
	wsd_tell(t, p, FACT_WSD_URLS, w.urls);
	return LEARNED;
}

SHOW(wsd, struct wsd, FIELD(struct wsd, kind, SHOW_NUMBER),
     FIELD(struct wsd, announced, SHOW_NUMBER), FIELD(struct wsd, ended, SHOW_BOOL))

const struct observer observer_wsd = {
	.name = "wsd",
	.about = "printers, scanners and Windows hosts that announce themselves",
	.spec = "WS-Discovery 1.1",
	.claims = CLAIMS({UDP_PORT, WSD_PORT, NULL}),
	.tells = TELLS({FACT_WSD_ID, SAYS, 95}, {FACT_WSD_TYPES, SAYS, 90},
                       {FACT_WSD_URLS, SAYS, 90}),
	.shows = SHOWS(&wsd_show),
	.packet = wsd_packet,
};

PROVE(wsd_parse, struct wsd)
