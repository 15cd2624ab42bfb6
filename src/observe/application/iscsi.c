/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iscsi.c - initiators and targets of iSCSI, by the texts of their login (RFC 7143, 11.10 to 11.13, 13).
 *
 * A message has a header of 48 bytes and, behind it, pairs of a key and a value. An initiator names
 * itself at its first login request; what a target answers in a discovery session is the list of
 * the targets that it has. The target that an initiator asks for is not told: it may not be there.
 */
#include "observe/shared/message.h"
#include "observe/shared/window.h"

enum { ISCSI_PORT = 3260, ISCSI_HEADER = 48, ISCSI_LONGEST = 8192, ISCSI_MESSAGES = 8 };
enum { ISCSI_PAIRS = 64, ISCSI_LOGIN = 3, ISCSI_TEXT = 4, ISCSI_ANSWER = 0x20 };

struct iscsi {
	bool more;
	uint8_t operation;
	struct cur pairs;
};

struct iscsi_pair {
	struct cur key, value;
};

static bool iscsi_pair_parse(struct cur *in, struct iscsi_pair *pair)
{
	struct cur text = cur_until(in, 0);

	pair->key = cur_token(&text, "=");
	cur_skip(&text, 1);
	pair->value = cur_rest(&text);
	return cur_ok(in) && cur_ok(&text) && cur_left(&pair->key) > 0;
}

static bool iscsi_pairs_judge(struct cur pairs)
{
	for (unsigned i = 0; i < ISCSI_PAIRS && cur_more(&pairs); i++) {
		struct iscsi_pair pair = {0};
		if (!iscsi_pair_parse(&pairs, &pair))
			return false;
	}
	return cur_ok(&pairs);
}

static bool iscsi_parse(struct cur *in, struct iscsi *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->pairs = cur_sub(in, 0);
	m->operation = cur_u8(&head) & 0x3f;
	cur_skip(&head, 3);
	const uint32_t more_header = cur_u8(&head) * 4u, len = cur_be24(&head);
	m->more = !cur_ok(&head);
	const uint32_t whole = ISCSI_HEADER + more_header + (len + 3) / 4 * 4;
	if (m->more ||
	    (m->operation % ISCSI_ANSWER != ISCSI_LOGIN &&
	     m->operation % ISCSI_ANSWER != ISCSI_TEXT) ||
	    !message_take(in, whole, ISCSI_LONGEST, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	cur_skip(&message.body, ISCSI_HEADER + more_header);
	m->pairs = cur_sub(&message.body, len);
	return cur_ok(&message.body) && iscsi_pairs_judge(m->pairs);
}

static enum verdict iscsi_tell(struct task *t, const struct packet *p, const struct iscsi *m)
{
	const bool answer = m->operation >= ISCSI_ANSWER;
	const bool lists = m->operation == ISCSI_ANSWER + ISCSI_TEXT;
	enum verdict v = NOTHING;
	struct cur pairs = m->pairs;

	for (unsigned i = 0; i < ISCSI_PAIRS && cur_more(&pairs); i++) {
		enum fact_kind kind = FACT_NONE;
		struct iscsi_pair pair = {0};
		if (!iscsi_pair_parse(&pairs, &pair))
			break;
		if (!answer && WINDOW_IS(pair.key, "InitiatorName"))
			kind = FACT_ISCSI_INITIATOR;
		else if (WINDOW_IS(pair.key, "InitiatorAlias") ? !answer
		                                               : WINDOW_IS(pair.key, "TargetAlias"))
			kind = FACT_ISCSI_ALIAS;
		else if (lists && WINDOW_IS(pair.key, "TargetName"))
			kind = FACT_ISCSI_TARGET;
		if (kind == FACT_NONE || !is_readable(pair.value))
			continue;
		tell_text(t, p, sender(p), kind, pair.value);
		v = LEARNED;
	}
	return v;
}

struct iscsi_flow {
	uint8_t asked, answered; /* messages read of initiator, target */
};

static enum verdict iscsi_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	struct iscsi_flow *f = state;
	uint8_t *count = s->from_client ? &f->asked : &f->answered;
	struct iscsi m = {0};

	if (s->midstream || *count >= ISCSI_MESSAGES)
		return message_pass(in);
	if (!iscsi_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	if (s->from_client != (m.operation < ISCSI_ANSWER) ||
	    (*count == 0 && m.operation % ISCSI_ANSWER != ISCSI_LOGIN))
		return NOT_MINE;
	*count = (uint8_t)(*count + 1);
	return iscsi_tell(t, p, &m);
}

SHOW(iscsi, struct iscsi, FIELD(struct iscsi, operation, SHOW_HEX),
     FIELD(struct iscsi, more, SHOW_BOOL))

const struct observer observer_iscsi = {
	.name = "iscsi",
	.about = "initiators and targets of iSCSI",
	.spec = "RFC 7143",
	.claims = CLAIMS({TCP_PORT, ISCSI_PORT, NULL}),
	.tells = TELLS({FACT_ISCSI_INITIATOR, SAYS, 95}, {FACT_ISCSI_TARGET, SAYS, 95},
                       {FACT_ISCSI_ALIAS, SAYS, 90}),
	.shows = SHOWS(&iscsi_show),
	.flow_state_size = sizeof(struct iscsi_flow),
	.stream = iscsi_stream,
};

PROVE(iscsi_parse, struct iscsi)
