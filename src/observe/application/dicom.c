/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dicom.c - medical devices, by how they associate (DICOM PS3.8, 9.3.2 and 9.3.3; PS3.7, D.3.3.2).
 *
 * Whoever opens names the application entity that it calls and its own, sixteen characters each, and
 * behind the contexts who made its software: a UID, and a name of the version. Whoever accepts sends
 * both names back and adds its own UID and version; so the called name is told of it only then.
 */
#include "observe/shared/message.h"

enum { DICOM_LONGEST = 16000, DICOM_HEADER = 6, DICOM_ITEMS = 256, DICOM_AE_LEN = 16 };
enum {
	DICOM_REQUEST = 1,
	DICOM_ACCEPT = 2,
	DICOM_USER = 0x50,
	DICOM_CLASS = 0x52,
	DICOM_NAME = 0x55
};

struct dicom {
	uint8_t type;
	bool more;
	struct text called, calling;
	struct cur implementation, version;
};

static void dicom_user_parse(struct cur items, struct dicom *m)
{
	for (unsigned i = 0; i < DICOM_ITEMS && cur_more(&items); i++) {
		const uint8_t type = cur_u8(&items);
		cur_skip(&items, 1);
		struct cur value = cur_sub(&items, cur_be16(&items));
		if (type == DICOM_CLASS)
			m->implementation = cur_rest(&value);
		if (type == DICOM_NAME)
			m->version = cur_rest(&value);
	}
}

static bool dicom_items_parse(struct cur *in, struct dicom *m)
{
	bool user = false;

	for (unsigned i = 0; i < DICOM_ITEMS && cur_more(in); i++) {
		const uint8_t type = cur_u8(in);
		if (cur_u8(in) != 0 || type < 0x10)
			return false;
		struct cur item = cur_sub(in, cur_be16(in));
		if (type == DICOM_USER) {
			user = true;
			dicom_user_parse(item, m);
		}
	}
	return cur_ok(in) && user;
}

static bool dicom_parse(struct cur *in, struct dicom *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->implementation = cur_sub(in, 0);
	m->version = cur_sub(in, 0);
	m->type = cur_u8(&head);
	const uint8_t reserved = cur_u8(&head);
	const uint32_t len = cur_be32(&head);
	m->more = !cur_ok(&head);
	if (m->more || (m->type != DICOM_REQUEST && m->type != DICOM_ACCEPT) || reserved != 0 ||
	    len > DICOM_LONGEST ||
	    !message_take(in, len + DICOM_HEADER, DICOM_LONGEST + DICOM_HEADER, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	cur_skip(&message.body, DICOM_HEADER);
	const uint16_t protocol = cur_be16(&message.body);
	cur_skip(&message.body, 2);
	cur_text(&message.body, DICOM_AE_LEN, &m->called);
	cur_text(&message.body, DICOM_AE_LEN, &m->calling);
	cur_skip(&message.body, 32);
	text_trim(&m->called);
	text_trim(&m->calling);
	return (protocol & 1) != 0 && dicom_items_parse(&message.body, m);
}

static enum verdict dicom_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	struct dicom m = {0};

	(void)state;
	if (!s->first || s->midstream)
		return message_pass(in);
	if (!dicom_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	if (s->from_client != (m.type == DICOM_REQUEST))
		return NOT_MINE;
	const struct text *own = s->from_client ? &m.calling : &m.called;
	if (own->len > 0)
		tell_string(t, p, sender(p), FACT_DICOM_AE, own);
	tell_readable(t, p, FACT_DICOM_UID, m.implementation);
	tell_readable(t, p, FACT_DICOM_VERSION, m.version);
	return LEARNED;
}

SHOW(dicom, struct dicom, FIELD(struct dicom, type, SHOW_NUMBER),
     FIELD(struct dicom, called, SHOW_TEXT), FIELD(struct dicom, calling, SHOW_TEXT),
     FIELD(struct dicom, more, SHOW_BOOL))

const struct observer observer_dicom = {
	.name = "dicom",
	.about = "medical devices and archives",
	.spec = "DICOM PS3.8 9.3, PS3.7 D.3.3.2",
	.claims = CLAIMS({TCP_PORT, 104, NULL}, {TCP_PORT, 11112, NULL}, {TCP_PORT, 4242, NULL},
                         {TCP_SNIFF, 0, "01 00 00 00 ?? ?? 00 01 00 00"},
                         {TCP_SNIFF, 0, "02 00 00 00 ?? ?? 00 01 00 00"}),
	.tells = TELLS({FACT_DICOM_AE, SAYS, 90}, {FACT_DICOM_UID, SAYS, 90},
                       {FACT_DICOM_VERSION, SAYS, 90}),
	.shows = SHOWS(&dicom_show),
	.stream = dicom_stream,
};

PROVE(dicom_parse, struct dicom)
