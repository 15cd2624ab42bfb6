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
#include "observe/shared/xml.h"

enum { WSD_PORT = 3702 };

enum wsd_kind { WSD_NONE, WSD_HELLO, WSD_MATCH, WSD_OTHER };

struct wsd {
	bool is_envelope, in_body, ended;
	uint8_t kind;
	uint32_t announced; /* devices that are told of */
	struct cur address, types, urls;
};

/* ---- parse */

static void wsd_body_parse(struct cur name, struct cur text, struct wsd *w)
{
	if (WINDOW_IS(name, "Hello")) {
		w->kind = WSD_HELLO;
		w->announced += 1;
	} else if (WINDOW_IS(name, "ProbeMatch") || WINDOW_IS(name, "ResolveMatch")) {
		w->kind = WSD_MATCH;
		w->announced += 1;
	} else if (WINDOW_IS(name, "Address")) {
		w->address = cur_rest(&text);
	} else if (WINDOW_IS(name, "Types")) {
		w->types = cur_rest(&text);
	} else if (WINDOW_IS(name, "XAddrs")) {
		w->urls = cur_rest(&text);
	} else if (w->kind == WSD_NONE) {
		w->kind = WSD_OTHER;
	}
}

static void wsd_tag_parse(const struct xml_tag *tag, struct wsd *w)
{
	if (!tag->ended)
		return;
	if (WINDOW_IS(tag->name, "Envelope")) {
		w->is_envelope = true;
		w->ended = tag->closes;
	} else if (WINDOW_IS(tag->name, "Body")) {
		w->in_body = !tag->closes;
	} else if (w->in_body && !tag->closes) {
		wsd_body_parse(tag->name, tag->text, w);
	}
}

static bool wsd_parse(struct cur *in, struct wsd *w)
{
	struct xml_tag tag = {0};

	w->address = cur_sub(in, 0);
	w->types = cur_sub(in, 0);
	w->urls = cur_sub(in, 0);
	while (cur_more(in) && !w->ended && xml_next(in, &tag))
		wsd_tag_parse(&tag, w);
	return w->is_envelope && cur_ok(in);
}

/* ---- tell */

static void wsd_tell(struct task *t, const struct packet *p, enum fact_kind kind, struct cur value)
{
	struct text text;

	if (xml_text(value, &text))
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
