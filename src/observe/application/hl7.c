/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hl7.c - medical systems, by the head of the messages they send (HL7 version 2, 2.14.9; its minimal
 * lower layer protocol).
 *
 * A message lies between 0b and 1c 0d. Its first segment is MSH, whose fourth byte says what divides
 * the fields: the sending application and facility stand behind the encoding characters, then the
 * receiver's, which say what the sender believes and are not told. An answer has such a head too.
 */
#include "observe/shared/message.h"

enum { HL7_PORT = 2575, HL7_START = 0x0b, HL7_HEAD_MAX = 2048, HL7_FIELDS = 12 };

struct hl7 {
	bool more;
	struct cur application, facility, version;
};

/* Fields are counted as the standard does: the divider is the first, MSH-2 the encoding characters. */
static bool hl7_fields_parse(struct cur head, struct hl7 *m)
{
	uint32_t count = 2;

	for (unsigned i = 0; i < HL7_FIELDS && cur_more(&head); i++) {
		struct cur field = cur_token(&head, "|");
		if (count == 3)
			m->application = cur_rest(&field);
		if (count == 4)
			m->facility = cur_rest(&field);
		if (count == 12)
			m->version = cur_rest(&field);
		count++;
		(void)cur_is(&head, "|");
	}
	return count > 12;
}

static bool hl7_parse(struct cur *in, struct hl7 *m)
{
	struct cur start = *in;

	m->application = cur_sub(in, 0);
	m->facility = cur_sub(in, 0);
	m->version = cur_sub(in, 0);
	if (cur_left(in) < 5) {
		m->more = cur_left(in) == 0 || cur_peek8(in) == HL7_START;
		return false;
	}
	if (!cur_is(&start, "\x0bMSH|"))
		return false;
	struct cur head = cur_token(&start, "\r");
	m->more = cur_left(&start) == 0 && cur_left(&head) < HL7_HEAD_MAX;
	if (m->more || cur_left(&head) >= HL7_HEAD_MAX)
		return false;
	cur_skip(in, cur_left(in));
	return hl7_fields_parse(head, m);
}

static enum verdict hl7_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct hl7 m = {0};

	(void)state;
	if (!s->first)
		return message_pass(in);
	if (!hl7_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	tell_readable(t, p, FACT_HL7_APPLICATION, m.application);
	tell_readable(t, p, FACT_HL7_FACILITY, m.facility);
	tell_readable(t, p, FACT_HL7_VERSION, m.version);
	return LEARNED;
}

SHOW(hl7, struct hl7, FIELD(struct hl7, more, SHOW_BOOL))

const struct observer observer_hl7 = {
	.name = "hl7",
	.about = "medical systems that send messages",
	.spec = "HL7 2.5.1, 2.14.9; MLLP",
	.claims = CLAIMS({TCP_PORT, HL7_PORT, NULL}, {TCP_SNIFF, 0, "0b 'MSH|'"}),
	.tells = TELLS({FACT_HL7_APPLICATION, SAYS, 80}, {FACT_HL7_FACILITY, SAYS, 80},
                       {FACT_HL7_VERSION, SAYS, 80}),
	.shows = SHOWS(&hl7_show),
	.stream = hl7_stream,
};

PROVE(hl7_parse, struct hl7)
