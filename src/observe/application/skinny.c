/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skinny.c - Cisco's phones, as they register at their call manager (SCCP, "Skinny").
 *
 * No specification is published; the layout is that of Wireshark's description and of captures. A message has
 * its length, a header's version and a number, the lowest byte first. Register begins with the
 * device's name in sixteen bytes, SEP and the MAC address of a phone, and has the number of the
 * model behind two ids and the address.
 */
#include "observe/shared/message.h"

enum { SKINNY_PORT = 2000, SKINNY_LONGEST = 2048, SKINNY_NAME_LEN = 16, SKINNY_MESSAGES = 4 };
enum { SKINNY_REGISTER = 1, SKINNY_NUMBER_MAX = 0x160 };

struct skinny {
	bool more;
	uint32_t number, type;
	struct text name;
};

static bool skinny_parse(struct cur *in, struct skinny *m)
{
	struct cur head = *in;
	struct message message = {0};

	const uint32_t len = cur_le32(&head), version = cur_le32(&head);
	m->number = cur_le32(&head);
	m->more = !cur_ok(&head);
	if (m->more || len < 4 || len > SKINNY_LONGEST || version > 0x20 ||
	    m->number > SKINNY_NUMBER_MAX ||
	    !message_take(in, len + 8, SKINNY_LONGEST + 8, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	if (m->number != SKINNY_REGISTER)
		return true;
	cur_skip(&message.body, 12);
	struct cur name = cur_sub(&message.body, SKINNY_NAME_LEN);
	cur_text(&name, SKINNY_NAME_LEN, &m->name);
	text_trim(&m->name);
	cur_skip(&message.body, 12); /* user, instance, address */
	m->type = cur_le32(&message.body);
	return cur_ok(&message.body);
}

/* Letters and digits, what a call manager takes as a name. */
static bool skinny_is_name(const struct text *name)
{
	bool good = name->len > 0;

	for (unsigned i = 0; i < SKINNY_NAME_LEN && i < name->len; i++) {
		const uint8_t b = text_byte(name->s[i]);
		good = good && ((b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') ||
		                (b >= 'a' && b <= 'z') || b == '-' || b == '_' || b == '.');
	}
	return good;
}

static enum verdict skinny_stream(struct task *t, struct packet *p, struct cur *in,
                                  const struct stream *s, void *state)
{
	uint8_t *count = state;
	struct skinny m = {0};

	if (!s->from_client || s->midstream || *count >= SKINNY_MESSAGES)
		return message_pass(in);
	if (!skinny_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	*count = (uint8_t)(*count + 1);
	if (m.number != SKINNY_REGISTER)
		return NOTHING;
	if (!skinny_is_name(&m.name))
		return NOT_MINE;
	tell_string(t, p, sender(p), FACT_SKINNY_DEVICE, &m.name);
	tell_number(t, p, sender(p), FACT_SKINNY_TYPE, m.type);
	return LEARNED;
}

SHOW(skinny, struct skinny, FIELD(struct skinny, number, SHOW_HEX),
     FIELD(struct skinny, type, SHOW_NUMBER), FIELD(struct skinny, name, SHOW_TEXT),
     FIELD(struct skinny, more, SHOW_BOOL))

const struct observer observer_skinny = {
	.name = "skinny",
	.about = "Cisco's phones that register",
	.spec = "SCCP",
	.claims = CLAIMS({TCP_PORT, SKINNY_PORT, NULL}),
	.tells = TELLS({FACT_SKINNY_DEVICE, SAYS, 95}, {FACT_SKINNY_TYPE, SAYS, 90}),
	.shows = SHOWS(&skinny_show),
	.flow_state_size = sizeof(uint8_t),
	.stream = skinny_stream,
};

PROVE(skinny_parse, struct skinny)
