/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poct1.c - the meters and analysers at a bedside, as they greet the system that collects their
 * results (CLSI POCT1-A, device messaging layer).
 *
 * The first message of a device is HEL.R01, a small XML text over TCP at a port of the hospital's
 * choice: an element for each field, named after its object (DEV.serial_id), its value in the
 * attribute V. Told is what the device's own object says, once the message is whole. The text behind
 * an element is the maker's, the results that follow are the patients': neither is read. A value
 * with an entity is left out, for what it means is not what stands there.
 */
#include "observe/shared/message.h"
#include "observe/shared/window.h"

enum { POCT1_LONGEST = 16384, POCT1_ATTRIBUTES = 8 };

struct poct1 {
	bool more, ended;
	struct cur vendor, model, serial, software, hardware, name;
};

struct poct1_element {
	bool closes;
	struct cur name, value; /* value: of the attribute V */
};

/* The value of V; empty where there is none, or it says something else than it looks like. */
static struct cur poct1_value(struct cur tag)
{
	for (unsigned i = 0; i < POCT1_ATTRIBUTES && cur_more(&tag); i++) {
		for (uint32_t j = 0; j < CUR_MAX && cur_among(cur_peek8(&tag), " \t\r\n", 4); j++)
			cur_skip(&tag, 1);
		const struct cur attribute = cur_token(&tag, "=");
		const bool opened = cur_is(&tag, "=\"");
		struct cur value = cur_token(&tag, "\""), plain = value;
		(void)cur_token(&plain, "&");
		if (!opened || !cur_is(&tag, "\""))
			break;
		if (WINDOW_IS(attribute, "V") && cur_left(&plain) == 0)
			return value;
	}
	return cur_sub(&tag, 0);
}

/* The next element's tag. False: there is no whole one. */
static bool poct1_element_take(struct cur *in, struct poct1_element *e)
{
	(void)cur_token(in, "<");
	(void)cur_is(in, "<");
	struct cur tag = cur_token(in, ">");
	e->closes = cur_is(&tag, "/");
	e->name = cur_token(&tag, " \t\r\n/");
	struct cur value = poct1_value(tag);
	e->value = cur_rest(&value);
	return cur_is(in, ">");
}

static void poct1_field(struct poct1_element *e, struct poct1 *m)
{
	if (WINDOW_IS(e->name, "DEV.vendor_id"))
		m->vendor = cur_rest(&e->value);
	if (WINDOW_IS(e->name, "DEV.model_id"))
		m->model = cur_rest(&e->value);
	if (WINDOW_IS(e->name, "DEV.serial_id"))
		m->serial = cur_rest(&e->value);
	if (WINDOW_IS(e->name, "DEV.sw_version"))
		m->software = cur_rest(&e->value);
	if (WINDOW_IS(e->name, "DEV.hw_version"))
		m->hardware = cur_rest(&e->value);
	if (WINDOW_IS(e->name, "DEV.device_name"))
		m->name = cur_rest(&e->value);
}

static bool poct1_parse(struct cur *in, struct poct1 *m)
{
	struct cur all = *in;
	struct poct1_element e = {0};

	m->more = cur_left(in) < POCT1_LONGEST;
	m->vendor = cur_sub(&all, 0);
	m->model = cur_sub(&all, 0);
	m->serial = cur_sub(&all, 0);
	m->software = cur_sub(&all, 0);
	m->hardware = cur_sub(&all, 0);
	m->name = cur_sub(&all, 0);
	if (!poct1_element_take(&all, &e))
		return false;
	if (!WINDOW_IS(e.name, "HEL.R01") || e.closes) {
		m->more = false;
		return false;
	}
	while (!m->ended && cur_more(&all) && poct1_element_take(&all, &e)) {
		m->ended = e.closes && WINDOW_IS(e.name, "HEL.R01");
		if (!e.closes)
			poct1_field(&e, m);
	}
	if (m->ended)
		cur_skip(in, cur_left(in));
	return m->ended;
}

static enum verdict poct1_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	struct poct1 m = {0};

	(void)state;
	if (!s->first)
		return message_pass(in);
	if (!poct1_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	tell_readable(t, p, FACT_DEVICE_VENDOR, m.vendor);
	tell_readable(t, p, FACT_DEVICE_MODEL, m.model);
	tell_readable(t, p, FACT_DEVICE_SERIAL, m.serial);
	tell_readable(t, p, FACT_DEVICE_FIRMWARE, m.software);
	tell_readable(t, p, FACT_DEVICE_HARDWARE, m.hardware);
	tell_readable(t, p, FACT_DEVICE_NAME, m.name);
	return LEARNED;
}

SHOW(poct1, struct poct1, FIELD(struct poct1, more, SHOW_BOOL),
     FIELD(struct poct1, ended, SHOW_BOOL))

const struct observer observer_poct1 = {
	.name = "poct1",
	.about = "meters and analysers at a bedside",
	.spec = "CLSI POCT1-A, device messaging layer",
	.claims = CLAIMS({TCP_SNIFF, 0, "'<HEL.R01'"}),
	.tells = TELLS({FACT_DEVICE_VENDOR, SAYS, 90}, {FACT_DEVICE_MODEL, SAYS, 90},
                       {FACT_DEVICE_SERIAL, SAYS, 90}, {FACT_DEVICE_FIRMWARE, SAYS, 90},
                       {FACT_DEVICE_HARDWARE, SAYS, 90}, {FACT_DEVICE_NAME, SAYS, 80}),
	.shows = SHOWS(&poct1_show),
	.stream = poct1_stream,
};

PROVE(poct1_parse, struct poct1)
