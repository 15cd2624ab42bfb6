/* SPDX-License-Identifier: Apache-2.0 */
/*
 * avdecc.c - AVDECC: sound and video devices that announce themselves.
 *
 * Subtype fa is the discovery protocol (IEEE 1722.1, 6.2): entity and model are numbers of 64
 * bits that begin with the maker's OUI. Available and departing are the entity's own words; a
 * discovery is a question.
 */
#include "observe/observer.h"

enum { AVDECC_DISCOVERY = 0xfa, AVDECC_DEPARTING = 1, AVDECC_ID_LEN = 8, AVDECC_LEN = 56 };

struct avdecc {
	uint8_t subtype, message;
	uint16_t length;
	uint8_t entity[AVDECC_ID_LEN], model[AVDECC_ID_LEN];
};

static bool avdecc_parse(struct cur *in, struct avdecc *a)
{
	a->subtype = cur_u8(in);
	a->message = cur_u8(in) & 0x0f;
	a->length = cur_be16(in) & 0x07ff;
	if (a->subtype != AVDECC_DISCOVERY)
		return cur_ok(in);
	cur_copy(in, a->entity, sizeof a->entity, sizeof a->entity);
	cur_copy(in, a->model, sizeof a->model, sizeof a->model);
	cur_skip(in, AVDECC_LEN - AVDECC_ID_LEN);
	return cur_ok(in) && a->length >= AVDECC_LEN;
}

static enum verdict avdecc_packet(struct task *t, struct packet *p, void *state)
{
	struct avdecc a = {0};

	(void)state;
	if (!avdecc_parse(&p->rest, &a))
		return MALFORMED;
	if (a.subtype != AVDECC_DISCOVERY || a.message > AVDECC_DEPARTING)
		return NOTHING;
	tell_bytes(t, p, sender_link(p), FACT_AVDECC_ENTITY, a.entity, sizeof a.entity);
	tell_bytes(t, p, sender_link(p), FACT_AVDECC_MODEL, a.model, sizeof a.model);
	return LEARNED;
}

SHOW(avdecc, struct avdecc, FIELD(struct avdecc, subtype, SHOW_HEX),
     FIELD(struct avdecc, message, SHOW_NUMBER), FIELD(struct avdecc, length, SHOW_NUMBER))

const struct observer observer_avdecc = {
	.name = "avdecc",
	.about = "sound and video devices that announce themselves",
	.spec = "IEEE 1722.1",
	.claims = CLAIMS({ETHERTYPE, 0x22f0, NULL}),
	.tells = TELLS({FACT_AVDECC_ENTITY, SAYS, 90}, {FACT_AVDECC_MODEL, SAYS, 90}),
	.shows = SHOWS(&avdecc_show),
	.packet = avdecc_packet,
};

PROVE(avdecc_parse, struct avdecc)
