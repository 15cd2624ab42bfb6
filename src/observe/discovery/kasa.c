/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kasa.c - TP-Link's plugs, switches and bulbs of the Kasa line, on UDP port 9999.
 *
 * A message is a JSON text, each byte of which is joined by exclusive or with the byte before it as
 * it was sent, the first one with 171: no secret, so what opens to a JSON object was meant so. A
 * device answers {"system":{"get_sysinfo":{}}} with the same keys filled. There is no public
 * standard; the names are those of answers that many public tools quote. What hangs on a strip of
 * sockets stands in a list inside and is not told.
 */
#include "observe/shared/device.h"

enum { KASA_PORT = 9999, KASA_FIRST = 171, KASA_INFO_DEPTH = 3, KASA_MAX = 8192 };

static const struct keyed kasa_keys[] = {
	KEYED("sw_ver", DEVICE_FIRMWARE), KEYED("hw_ver", DEVICE_HARDWARE),
	KEYED("model", DEVICE_MODEL),     KEYED("alias", DEVICE_NAME),
	KEYED("deviceId", DEVICE_ID),     KEYED("mac", DEVICE_MAC),
	KEYED("mic_mac", DEVICE_MAC),
};

struct kasa {
	bool is_object, is_info;
	bool is_filled; /* an answer: the question has nothing inside */
	struct cur all;
};

/* The text as it is meant. */
static bool kasa_open(struct packet *p, struct scratch *out)
{
	struct cur *in = &p->rest;
	uint8_t before = KASA_FIRST;

	scratch_reset(out);
	if (cur_left(in) > KASA_MAX)
		return false;
	while (cur_more(in)) {
		const uint8_t b = cur_u8(in);
		if (!scratch_put(out, b ^ before))
			return false;
		before = b;
	}
	return true;
}

static bool kasa_parse(struct cur *in, struct kasa *k)
{
	struct json j = {0};
	struct json_item item = {0};
	struct cur all = *in;

	k->all = cur_rest(&all);
	k->is_object = cur_peek8(in) == '{';
	while (cur_more(in) && json_next(in, &j, &item)) {
		k->is_info = k->is_info || (item.depth == 2 && item.kind == JSON_OPENS &&
		                            WINDOW_IS(item.key, "get_sysinfo"));
		k->is_filled = k->is_filled || (k->is_info && item.depth == KASA_INFO_DEPTH &&
		                                item.kind == JSON_STRING);
	}
	return json_ended(in, &j);
}

static enum verdict kasa_packet(struct task *t, struct packet *p, void *state)
{
	struct kasa k = {0};

	(void)state;
	if (!kasa_open(p, task_scratch(t)))
		return NOT_MINE;
	struct cur text = scratch_cursor(task_scratch(t));
	if (!kasa_parse(&text, &k))
		return k.is_info ? MALFORMED : NOT_MINE;
	if (!k.is_info || !k.is_filled)
		return NOTHING;
	device_tell_level(t, p, kasa_keys, COUNT_OF(kasa_keys), k.all, KASA_INFO_DEPTH);
	return LEARNED;
}

SHOW(kasa, struct kasa, FIELD(struct kasa, is_object, SHOW_BOOL),
     FIELD(struct kasa, is_info, SHOW_BOOL))

const struct observer observer_kasa = {
	.name = "kasa",
	.about = "TP-Link's plugs, switches and bulbs",
	.spec = "TP-Link Smart Home Protocol (no public standard)",
	.claims = CLAIMS({UDP_PORT, KASA_PORT, NULL}),
	.tells = TELLS({FACT_DEVICE_MODEL, SAYS, 95}, {FACT_DEVICE_FIRMWARE, SAYS, 95},
                       {FACT_DEVICE_HARDWARE, SAYS, 95}, {FACT_DEVICE_ID, SAYS, 95},
                       {FACT_DEVICE_NAME, SAYS, 95}, {FACT_DEVICE_MAC, SAYS, 95}),
	.shows = SHOWS(&kasa_show),
	.packet = kasa_packet,
};

PROVE(kasa_parse, struct kasa)
