/* SPDX-License-Identifier: Apache-2.0 */
/*
 * govee.c - Govee's lights that answer a search (Govee LAN API).
 *
 * Who looks for lights sends {"msg":{"cmd":"scan",...}} to a group on port 4001; a light answers to
 * port 4002 with the same command and its fields in msg.data: sku, the model; device, an id of
 * eight bytes; versions of its hardware and software for Bluetooth and Wi-Fi.
 */
#include "observe/shared/device.h"

enum { GOVEE_SEARCH = 4001, GOVEE_ANSWER = 4002, GOVEE_DATA_DEPTH = 3 };

static const struct keyed govee_keys[] = {
	KEYED("sku", DEVICE_MODEL),
	KEYED("device", DEVICE_ID),
	KEYED("wifiVersionHard", DEVICE_HARDWARE),
	KEYED("wifiVersionSoft", DEVICE_FIRMWARE),
};

struct govee {
	bool is_msg, is_scan, has_model;
	struct cur all;
};

static bool govee_parse(struct cur *in, struct govee *g)
{
	struct json j = {0};
	struct json_item item = {0};
	struct cur all = *in;

	g->all = cur_rest(&all);
	while (cur_more(in) && json_next(in, &j, &item)) {
		if (item.depth == 1 && item.kind == JSON_OPENS && WINDOW_IS(item.key, "msg"))
			g->is_msg = true;
		if (item.depth == 2 && WINDOW_IS(item.key, "cmd"))
			g->is_scan = WINDOW_IS(item.value, "scan");
		if (item.depth == GOVEE_DATA_DEPTH && WINDOW_IS(item.key, "sku"))
			g->has_model = true;
	}
	return json_ended(in, &j) && g->is_msg;
}

static enum verdict govee_packet(struct task *t, struct packet *p, void *state)
{
	struct govee g = {0};

	(void)state;
	if (!govee_parse(&p->rest, &g))
		return g.is_msg ? MALFORMED : NOT_MINE;
	if (!g.is_scan || !g.has_model)
		return NOTHING;
	device_tell_level(t, p, govee_keys, COUNT_OF(govee_keys), g.all, GOVEE_DATA_DEPTH);
	return LEARNED;
}

SHOW(govee, struct govee, FIELD(struct govee, is_msg, SHOW_BOOL),
     FIELD(struct govee, is_scan, SHOW_BOOL), FIELD(struct govee, has_model, SHOW_BOOL))

const struct observer observer_govee = {
	.name = "govee",
	.about = "Govee's lights",
	.spec = "Govee WLAN Guide (LAN API)",
	.claims = CLAIMS({UDP_PORT, GOVEE_SEARCH, NULL}, {UDP_PORT, GOVEE_ANSWER, NULL}),
	.tells = TELLS({FACT_DEVICE_MODEL, SAYS, 95}, {FACT_DEVICE_ID, SAYS, 95},
                       {FACT_DEVICE_HARDWARE, SAYS, 90}, {FACT_DEVICE_FIRMWARE, SAYS, 90}),
	.shows = SHOWS(&govee_show),
	.packet = govee_packet,
};

PROVE(govee_parse, struct govee)
