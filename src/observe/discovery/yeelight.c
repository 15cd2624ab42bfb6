/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yeelight.c - lamps that are searched for on port 1982 and answer, or announce themselves
 * (Yeelight WiFi Light Inter-Operation Specification, 3).
 *
 * Search, answer and announcement have SSDP's form, on another port and with other fields: a
 * Location of the scheme yeelight, id, model, fw_ver and the name that was given to the lamp. The
 * state of the light is not told. SSDP itself passes such an answer over, for it has no USN.
 */
#include "observe/shared/fields.h"

enum { YEELIGHT_PORT = 1982 };

static const struct keyed yeelight_keys[] = {
	KEYED("id", DEVICE_ID),
	KEYED("model", DEVICE_MODEL),
	KEYED("fw_ver", DEVICE_FIRMWARE),
	KEYED("name", DEVICE_NAME),
};

struct yeelight {
	bool is_head, is_lamp, ended; /* ended by its empty line */
	uint32_t fields;
	struct cur rest;
};

static bool yeelight_is_answer(struct cur line)
{
	return cur_is(&line, "HTTP/1.1 200 OK") || cur_is(&line, "NOTIFY * HTTP/1.1");
}

static bool yeelight_parse(struct cur *in, struct yeelight *y)
{
	struct field_line f = {0};

	y->is_head = yeelight_is_answer(fields_line(in));
	struct cur all = *in;
	y->rest = cur_rest(&all);
	while (y->is_head && cur_more(in)) {
		y->ended = !fields_next(in, &f);
		if (y->ended)
			break;
		y->fields += 1;
		if (WINDOW_IS(f.name, "Location") && cur_is(&f.value, "yeelight://"))
			y->is_lamp = true;
	}
	return y->is_lamp;
}

static enum verdict yeelight_packet(struct task *t, struct packet *p, void *state)
{
	struct yeelight y = {0};

	(void)state;
	if (!yeelight_parse(&p->rest, &y))
		return NOT_MINE;
	if (p->cut && !y.ended)
		return MALFORMED;
	fields_tell(t, p, yeelight_keys, COUNT_OF(yeelight_keys), y.rest, y.fields);
	return LEARNED;
}

SHOW(yeelight, struct yeelight, FIELD(struct yeelight, is_lamp, SHOW_BOOL),
     FIELD(struct yeelight, ended, SHOW_BOOL), FIELD(struct yeelight, fields, SHOW_NUMBER))

const struct observer observer_yeelight = {
	.name = "yeelight",
	.about = "Yeelight's lamps",
	.spec = "Yeelight WiFi Light Inter-Operation Specification",
	.claims = CLAIMS({UDP_PORT, YEELIGHT_PORT, NULL}, {UDP_SNIFF, 0, "'HTTP/1.1 200 OK'"}),
	.tells = TELLS({FACT_DEVICE_ID, SAYS, 95}, {FACT_DEVICE_MODEL, SAYS, 95},
                       {FACT_DEVICE_FIRMWARE, SAYS, 95}, {FACT_DEVICE_NAME, SAYS, 90}),
	.shows = SHOWS(&yeelight_show),
	.packet = yeelight_packet,
};

PROVE(yeelight_parse, struct yeelight)
