/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crestron.c - Crestron's controllers and panels, as they answer on port 41794.
 *
 * A question is 14 00 00 00 01 04 00 03 00 00 and a name in 256 bytes; the answer begins with 15, has
 * the device's host name in the same place and behind it a text: "DIN-AP3 [v1.503.3318 (Feb 01
 * 2018), #008EA5B2] @E-00107fa5b2f3": model and, in brackets, version. There is no public standard;
 * the layout is that of public talks and tools.
 */
#include "observe/shared/device.h"

enum { CRESTRON_PORT = 41794, CRESTRON_ANSWER = 0x15, CRESTRON_NAME_LEN = 256 };

struct crestron {
	bool is_head, is_answer;
	struct cur name, model, version;
};

/* "MODEL [vVERSION (DATE)...": what is not of this form has neither. */
static void crestron_text_parse(struct cur text, struct crestron *c)
{
	struct cur model = cur_token(&text, "[");

	if (cur_left(&model) < 2 || !cur_is(&text, "[v"))
		return;
	struct cur version = cur_token(&text, " ,]");
	if (cur_left(&text) == 0)
		return;
	c->model = cur_sub(&model, cur_left(&model) - 1); /* without the blank */
	c->version = cur_rest(&version);
}

static bool crestron_parse(struct cur *in, struct crestron *c)
{
	const uint8_t kind = cur_u8(in);

	c->is_answer = kind == CRESTRON_ANSWER;
	c->is_head = (c->is_answer || kind == CRESTRON_ANSWER - 1) && cur_be24(in) == 0;
	cur_skip(in, 6);
	struct cur name = cur_sub(in, CRESTRON_NAME_LEN);
	c->name = cur_token(&name, "\0");
	c->model = cur_sub(in, 0);
	c->version = cur_sub(in, 0);
	if (!c->is_head || !cur_ok(in) || cur_left(&name) == 0)
		return false;
	if (c->is_answer)
		crestron_text_parse(cur_token(in, "\0"), c);
	return true;
}

static enum verdict crestron_packet(struct task *t, struct packet *p, void *state)
{
	struct crestron c = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!crestron_parse(&p->rest, &c))
		return NOT_MINE;
	if (!c.is_answer || cur_left(&c.model) == 0)
		return c.is_answer ? NOT_MINE : NOTHING;
	tell_text(t, p, sender(p), FACT_NAME_HOST, c.name);
	tell_text(t, p, sender(p), FACT_DEVICE_MODEL, c.model);
	tell_text(t, p, sender(p), FACT_DEVICE_FIRMWARE, c.version);
	return LEARNED;
}

SHOW(crestron, struct crestron, FIELD(struct crestron, is_head, SHOW_BOOL),
     FIELD(struct crestron, is_answer, SHOW_BOOL))

const struct observer observer_crestron = {
	.name = "crestron",
	.about = "controllers and panels of Crestron",
	.spec = "Crestron discovery (no public standard)",
	.claims = CLAIMS({UDP_PORT, CRESTRON_PORT, NULL}),
	.tells = TELLS({FACT_NAME_HOST, SAYS, 90}, {FACT_DEVICE_MODEL, SAYS, 95},
                       {FACT_DEVICE_FIRMWARE, SAYS, 95}),
	.shows = SHOWS(&crestron_show),
	.packet = crestron_packet,
};

PROVE(crestron_parse, struct crestron)
