/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tuya.c - appliances with Tuya's modules, sold under many names, that broadcast themselves.
 *
 * A broadcast to port 6666 is in the clear, to 6667 sealed block by block, to 7000 sealed as a
 * whole; the key of both is the same everywhere. The first two begin with 000055aa, the third with
 * 00006699; then come sequence, command and length. Inside is a JSON object: gwId, the device's
 * number; productKey, its product's; its address and the version of the protocol. There is no
 * public standard; the layout is that of public tools. Applications ask on the same ports: theirs
 * has no gwId.
 */
#include "observe/shared/device.h"
#include "observe/tuya_crypto.h"

enum { TUYA_CLEAR = 6666, TUYA_BLOCKS = 6667, TUYA_APPS = 7000 };
enum { TUYA_55AA = 0x000055aa, TUYA_6699 = 0x00006699 };

static const struct keyed tuya_keys[] = {
	KEYED("gwId", DEVICE_ID),
	KEYED("productKey", TUYA_PRODUCT),
};

struct tuya {
	uint32_t mark, command, length;
	struct cur header; /* between mark and text, sealed with it in the newer form */
	struct cur text;   /* as it was sent */
};

struct tuya_text {
	bool is_device;
	struct cur all;
};

/* ---- parse */

/* Behind the length: a return code, the text, a checksum, aa55. */
static bool tuya_old_parse(struct cur *in, struct tuya *y)
{
	cur_skip(in, 4);
	y->command = cur_be32(in);
	y->length = cur_be32(in);
	cur_skip(in, 4);
	if (y->length < 12 || y->length - 4 != cur_left(in))
		return false;
	y->text = cur_sub(in, y->length - 12);
	cur_skip(in, 4);
	return cur_be32(in) == 0x0000aa55 && cur_ok(in);
}

/* Behind the length: nonce, text and tag, then 9966. */
static bool tuya_new_parse(struct cur *in, struct tuya *y)
{
	struct cur rest = *in;

	cur_skip(in, 6);
	y->command = cur_be32(in);
	y->length = cur_be32(in);
	y->header = cur_sub(&rest, 14);
	y->text = cur_sub(in, y->length);
	return cur_be32(in) == 0x00009966 && cur_ok(in) && cur_left(in) == 0;
}

static bool tuya_parse(struct cur *in, struct tuya *y)
{
	y->mark = cur_be32(in);
	y->header = cur_sub(in, 0);
	y->text = cur_sub(in, 0);
	if (y->mark == TUYA_55AA)
		return tuya_old_parse(in, y);
	return y->mark == TUYA_6699 && tuya_new_parse(in, y);
}

/* A newer one may have a return code before the text. */
static bool tuya_text_parse(struct cur *in, struct tuya_text *y)
{
	struct json j = {0};
	struct json_item item = {0};

	if (cur_peek8(in) == 0)
		cur_skip(in, 4);
	struct cur all = *in;
	y->all = cur_rest(&all);
	while (cur_more(in) && json_next(in, &j, &item))
		if (item.depth == 1 && item.kind == JSON_STRING && WINDOW_IS(item.key, "gwId"))
			y->is_device = true;
	return json_ended(in, &j);
}

/* ---- tell */

static bool tuya_open(struct task *t, const struct tuya *y, struct cur *text)
{
	struct scratch *scratch = task_scratch(t);
	struct cur clear = y->text;

	scratch_reset(scratch);
	if (y->mark == TUYA_55AA && cur_peek8(&y->text) == '{') {
		*text = cur_rest(&clear);
		return true;
	}
	const bool opened = y->mark == TUYA_55AA ? tuya_open_blocks(y->text, scratch)
	                                         : tuya_open_sealed(y->header, y->text, scratch);
	if (opened)
		*text = scratch_cursor(scratch);
	return opened;
}

static enum verdict tuya_packet(struct task *t, struct packet *p, void *state)
{
	struct tuya y = {0};
	struct tuya_text text = {0};

	(void)state;
	if (p->cut)
		return MALFORMED;
	if (!tuya_parse(&p->rest, &y))
		return NOT_MINE;
	struct cur opened = y.text;
	if (!tuya_open(t, &y, &opened))
		return NOTHING;
	if (!tuya_text_parse(&opened, &text))
		return MALFORMED;
	if (!text.is_device)
		return NOTHING;
	device_tell_level(t, p, tuya_keys, COUNT_OF(tuya_keys), text.all, 1);
	return LEARNED;
}

SHOW(tuya, struct tuya, FIELD(struct tuya, mark, SHOW_HEX),
     FIELD(struct tuya, command, SHOW_NUMBER), FIELD(struct tuya, length, SHOW_NUMBER))

const struct observer observer_tuya = {
	.name = "tuya",
	.about = "appliances with Tuya's modules",
	.spec = "Tuya local discovery, protocols 3.1 to 3.5 (no public standard)",
	.claims = CLAIMS({UDP_PORT, TUYA_CLEAR, NULL}, {UDP_PORT, TUYA_BLOCKS, NULL},
                         {UDP_PORT, TUYA_APPS, NULL}),
	.tells = TELLS({FACT_DEVICE_ID, SAYS, 95}, {FACT_TUYA_PRODUCT, SAYS, 95}),
	.shows = SHOWS(&tuya_show),
	.packet = tuya_packet,
};

PROVE(tuya_parse, struct tuya)
PROVE(tuya_text_parse, struct tuya_text)
