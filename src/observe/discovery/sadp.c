/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sadp.c - Hikvision's cameras and recorders, and those they make for others (SADP).
 *
 * The maker's tool asks a group on port 37020 with a small XML text, <Probe>; a device answers the
 * group with <ProbeMatch>. There is no public standard: the names of the elements are those of
 * answers that several public tools quote. What follows the closing tag is a zero or a newline.
 */
#include "observe/shared/device.h"
#include "observe/shared/xml.h"

enum { SADP_PORT = 37020 };

static const struct keyed sadp_keys[] = {
	KEYED("DeviceDescription", DEVICE_MODEL),
	KEYED("DeviceSN", DEVICE_SERIAL),
	KEYED("SoftwareVersion", DEVICE_FIRMWARE),
	KEYED("MAC", DEVICE_MAC),
};

struct sadp {
	bool is_probe, is_match, ended;
	uint32_t tags;
	struct cur all;
};

static bool sadp_parse(struct cur *in, struct sadp *s)
{
	struct xml_tag tag = {0};
	struct cur all = *in;

	s->all = cur_rest(&all);
	while (cur_more(in) && !s->ended && xml_next(in, &tag)) {
		s->tags += 1;
		s->is_probe = s->is_probe || WINDOW_IS(tag.name, "Probe");
		s->is_match = s->is_match || (!tag.closes && WINDOW_IS(tag.name, "ProbeMatch"));
		s->ended =
			s->is_match && tag.closes && tag.ended && WINDOW_IS(tag.name, "ProbeMatch");
	}
	return s->is_match || s->is_probe;
}

static void sadp_tell(struct task *t, const struct packet *p, const struct xml_tag *tag)
{
	const enum fact_kind kind = keyed_kind(sadp_keys, COUNT_OF(sadp_keys), tag->name);
	struct text text;

	if (!tag->closes && tag->ended && xml_text(tag->text, &text))
		device_tell(t, p, kind, &text, tag->text);
}

static enum verdict sadp_packet(struct task *t, struct packet *p, void *state)
{
	struct sadp s = {0};
	struct xml_tag tag = {0};

	(void)state;
	if (!sadp_parse(&p->rest, &s))
		return NOT_MINE;
	if (!s.is_match)
		return NOTHING;
	if (!s.ended)
		return MALFORMED;
	for (uint32_t i = 0; i < CUR_MAX && i < s.tags && cur_more(&s.all); i++)
		if (xml_next(&s.all, &tag))
			sadp_tell(t, p, &tag);
	return LEARNED;
}

SHOW(sadp, struct sadp, FIELD(struct sadp, is_match, SHOW_BOOL),
     FIELD(struct sadp, is_probe, SHOW_BOOL), FIELD(struct sadp, ended, SHOW_BOOL),
     FIELD(struct sadp, tags, SHOW_NUMBER))

const struct observer observer_sadp = {
	.name = "sadp",
	.about = "Hikvision's cameras and recorders",
	.spec = "SADP (no public standard)",
	.claims = CLAIMS({UDP_PORT, SADP_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_MODEL, SAYS, 95}, {FACT_DEVICE_SERIAL, SAYS, 95},
                       {FACT_DEVICE_FIRMWARE, SAYS, 95}, {FACT_DEVICE_MAC, SAYS, 95}),
	.shows = SHOWS(&sadp_show),
	.packet = sadp_packet,
};

PROVE(sadp_parse, struct sadp)
