/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enpc.c - Epson's receipt printers, as they answer a search on port 3289 (ENPC).
 *
 * A question begins with "EPSON" and a capital letter, its answer with the small one; then come a
 * device (3 is the printer), its number, a function, a result and the length of the rest. Epson
 * has published no layout. What captured answers agree on is told alone: to function 0, the
 * printer's model stands behind five bytes, in a field filled up with zeros.
 */
#include "observe/shared/device.h"

enum { ENPC_PORT = 3289, ENPC_PRINTER = 3, ENPC_MODEL_MIN = 6 };

struct enpc {
	bool is_enpc, is_answer;
	uint8_t device;
	uint16_t function, result, length;
	struct cur model;
};

static bool enpc_parse(struct cur *in, struct enpc *e)
{
	e->is_enpc = cur_is(in, "EPSON");
	const uint8_t letter = cur_u8(in);
	e->is_answer = letter >= 'a' && letter <= 'z';
	e->is_enpc = e->is_enpc && (e->is_answer || (letter >= 'A' && letter <= 'Z'));
	e->device = cur_u8(in);
	cur_skip(in, 1);
	e->function = cur_be16(in);
	e->result = cur_be16(in);
	e->length = cur_be16(in);
	struct cur body = cur_sub(in, e->length);
	e->model = cur_sub(in, 0);
	if (!e->is_enpc || !cur_ok(in))
		return false;
	if (letter == 'q' && e->device == ENPC_PRINTER && e->function == 0 && e->result == 0 &&
	    e->length >= ENPC_MODEL_MIN) {
		cur_skip(&body, 5);
		e->model = cur_token(&body, "\0");
	}
	return true;
}

static enum verdict enpc_packet(struct task *t, struct packet *p, void *state)
{
	struct enpc e = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!enpc_parse(&p->rest, &e))
		return e.is_enpc ? MALFORMED : NOT_MINE;
	if (cur_left(&e.model) == 0)
		return NOTHING;
	tell_text(t, p, sender(p), FACT_DEVICE_MODEL, e.model);
	return LEARNED;
}

SHOW(enpc, struct enpc, FIELD(struct enpc, is_answer, SHOW_BOOL),
     FIELD(struct enpc, device, SHOW_NUMBER), FIELD(struct enpc, function, SHOW_HEX),
     FIELD(struct enpc, length, SHOW_NUMBER))

const struct observer observer_enpc = {
	.name = "enpc",
	.about = "Epson's receipt printers",
	.spec = "ENPC (no public standard)",
	.claims = CLAIMS({UDP_PORT, ENPC_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_MODEL, SAYS, 90}),
	.shows = SHOWS(&enpc_show),
	.packet = enpc_packet,
};

PROVE(enpc_parse, struct enpc)
