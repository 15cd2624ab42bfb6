/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wiz.c - WiZ' lamps and plugs, which answer on port 38899 and say that they live to port 38900.
 *
 * Both are a JSON object with a method. An answer has the lamp's fields in "result", the sign of
 * life ("firstBeat") in "params"; whoever asks has "params" too, and names the telephone there. The
 * names are those of messages that public tools quote; there is no public standard.
 */
#include "observe/shared/device.h"

enum { WIZ_PORT = 38899, WIZ_BEATS = 38900, WIZ_FIELDS_DEPTH = 2 };

static const struct keyed wiz_keys[] = {
	KEYED("mac", DEVICE_MAC),
	KEYED("moduleName", DEVICE_MODEL),
	KEYED("fwVersion", DEVICE_FIRMWARE),
};

struct wiz {
	bool has_method, is_beat, has_result, has_mac;
	struct cur all;
};

static bool wiz_parse(struct cur *in, struct wiz *w)
{
	struct json j = {0};
	struct json_item item = {0};
	struct cur all = *in;

	w->all = cur_rest(&all);
	while (cur_more(in) && json_next(in, &j, &item)) {
		if (item.depth == 1 && WINDOW_IS(item.key, "method")) {
			w->has_method = item.kind == JSON_STRING;
			w->is_beat = WINDOW_IS(item.value, "firstBeat");
		}
		if (item.depth == 1 && item.kind == JSON_OPENS && WINDOW_IS(item.key, "result"))
			w->has_result = true;
		if (item.depth == WIZ_FIELDS_DEPTH && WINDOW_IS(item.key, "mac"))
			w->has_mac = true;
	}
	return json_ended(in, &j);
}

static enum verdict wiz_packet(struct task *t, struct packet *p, void *state)
{
	struct wiz w = {0};

	(void)state;
	if (!wiz_parse(&p->rest, &w))
		return w.has_method ? MALFORMED : NOT_MINE;
	if (!w.has_method)
		return NOT_MINE;
	if (!w.has_mac || !(w.has_result || w.is_beat))
		return NOTHING;
	device_tell_level(t, p, wiz_keys, COUNT_OF(wiz_keys), w.all, WIZ_FIELDS_DEPTH);
	return LEARNED;
}

SHOW(wiz, struct wiz, FIELD(struct wiz, has_method, SHOW_BOOL),
     FIELD(struct wiz, has_result, SHOW_BOOL), FIELD(struct wiz, is_beat, SHOW_BOOL),
     FIELD(struct wiz, has_mac, SHOW_BOOL))

const struct observer observer_wiz = {
	.name = "wiz",
	.about = "WiZ' lamps and plugs",
	.spec = "WiZ local control (no public standard)",
	.claims = CLAIMS({UDP_PORT, WIZ_PORT, NULL}, {UDP_PORT, WIZ_BEATS, NULL}),
	.tells = TELLS({FACT_DEVICE_MAC, SAYS, 95}, {FACT_DEVICE_MODEL, SAYS, 90},
                       {FACT_DEVICE_FIRMWARE, SAYS, 95}),
	.shows = SHOWS(&wiz_show),
	.packet = wiz_packet,
};

PROVE(wiz_parse, struct wiz)
