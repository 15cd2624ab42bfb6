/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amqp.c - message brokers and their clients, by what they say of themselves when they open: AMQP
 * 0-9-1 (4.2, and 1.4.2.1 of its reference) and 1.0 (2.3, 2.7.1).
 *
 * A client begins with "AMQP" and a version. A broker of 0-9-1 answers with connection.start, a table
 * of properties in it: product, version, platform; the client's start-ok has such a table too, and
 * behind it the answer to a challenge: that of PLAIN is a password that all can read. In 1.0 both
 * sides send the header, perhaps that of SASL first, and then `open`, which begins with the name
 * of the peer's container.
 */
#include "observe/shared/message.h"
#include "observe/shared/window.h"

enum { AMQP_PORT = 5672, AMQP_LONGEST = 8192, AMQP_FIELDS = 64, AMQP_MESSAGES = 6 };
enum { AMQP_METHOD = 1, AMQP_END = 0xce, AMQP_START = 0x000a000a, AMQP_START_OK = 0x000a000b };
enum { AMQP_OPEN = 0x10, AMQP_SASL_INIT = 0x41 };

/* One field of a table; only texts are told. */
struct amqp_field {
	struct cur name, text;
};

/* How long a value is where its type says it (0-9-1, 4.2.1, and what RabbitMQ made of it). */
static uint32_t amqp_fixed(uint8_t type)
{
	static const char types[] = "tbBsuIifFlLdTDV";
	static const uint8_t lengths[] = {1, 1, 1, 2, 2, 4, 4, 4, 0, 8, 8, 8, 8, 5, 0};

	for (unsigned i = 0; i < COUNT_OF(lengths); i++)
		if (text_byte(types[i]) == type)
			return lengths[i];
	return 0;
}

static bool amqp_field_parse(struct cur *in, struct amqp_field *f)
{
	f->name = cur_sub(in, cur_u8(in));
	f->text = cur_sub(in, 0);
	const uint8_t type = cur_u8(in);
	if (type == 'S')
		f->text = cur_sub(in, cur_be32(in));
	else if (type == 'F' || type == 'A' || type == 'x')
		cur_skip(in, cur_be32(in));
	else if (amqp_fixed(type) > 0 || type == 'V')
		cur_skip(in, amqp_fixed(type));
	else
		cur_fail(in);
	return cur_ok(in);
}

static bool amqp_table_judge(struct cur table)
{
	for (unsigned i = 0; i < AMQP_FIELDS && cur_more(&table); i++) {
		struct amqp_field f = {0};
		if (!amqp_field_parse(&table, &f))
			return false;
	}
	return cur_ok(&table);
}

struct amqp {
	bool more;
	bool is_header, is_1; /* a header; of version 1.0, as the frames behind it */
	uint32_t method;
	struct cur table;     /* of properties, 0-9-1 */
	struct cur mechanism; /* and what the client answers to it */
	struct cur response;
	struct cur container; /* 1.0 */
};

static bool amqp_header_parse(struct cur in, struct amqp *m)
{
	cur_skip(&in, 4);
	const uint8_t id = cur_u8(&in), major = cur_u8(&in), minor = cur_u8(&in);
	const uint8_t revision = cur_u8(&in);

	m->is_header = true;
	m->is_1 = major == 1 && minor == 0 && revision == 0 && id <= 3;
	return m->is_1 || (id == 0 && major == 0 && minor == 9) || (id == 1 && major == 1);
}

static bool amqp_method_parse(struct cur frame, struct amqp *m)
{
	cur_skip(&frame, 7);
	m->method = cur_be32(&frame);
	if (m->method == AMQP_START)
		cur_skip(&frame, 2);
	if (m->method != AMQP_START && m->method != AMQP_START_OK)
		return true;
	m->table = cur_sub(&frame, cur_be32(&frame));
	if (m->method == AMQP_START_OK) {
		m->mechanism = cur_sub(&frame, cur_u8(&frame));
		m->response = cur_sub(&frame, cur_be32(&frame));
	}
	return cur_ok(&frame) && amqp_table_judge(m->table);
}

/* A text of 1.0: with one byte of length or four. */
static void amqp_text_parse(struct cur *in, struct cur *text)
{
	const uint8_t type = cur_u8(in);

	if (type == 0xa1 || type == 0xa0 || type == 0xa3)
		*text = cur_sub(in, cur_u8(in));
	else if (type == 0xb1 || type == 0xb0 || type == 0xb3)
		*text = cur_sub(in, cur_be32(in));
	else
		cur_fail(in);
}

/* A list behind its descriptor, whose first member is what we look for. */
static bool amqp_performative_parse(struct cur frame, struct amqp *m)
{
	cur_skip(&frame, 4);
	const uint32_t offset = cur_u8(&frame) * 4u;
	const uint8_t type = cur_u8(&frame);
	cur_skip(&frame, 2 + (offset > 8 ? offset - 8 : 0));
	if (cur_left(&frame) == 0)
		return offset >= 8;
	const uint8_t zero = cur_u8(&frame), small = cur_u8(&frame), code = cur_u8(&frame);
	const uint8_t list = cur_u8(&frame);
	m->method = code;
	cur_skip(&frame, list == 0xc0 ? 2 : list == 0xd0 ? 8 : 0);
	if (type == 0 && code == AMQP_OPEN)
		amqp_text_parse(&frame, &m->container);
	if (type == 1 && code == AMQP_SASL_INIT) {
		amqp_text_parse(&frame, &m->mechanism);
		amqp_text_parse(&frame, &m->response);
	}
	return cur_ok(&frame) && offset >= 8 && zero == 0 && small == 0x53;
}

/* is_1 says of which version the frame is, where it is one. */
static bool amqp_any_parse(struct cur *in, bool is_1, struct amqp *m)
{
	struct cur head = *in, start = *in;
	struct message message = {0};

	m->table = cur_sub(in, 0);
	m->mechanism = cur_sub(in, 0);
	m->response = cur_sub(in, 0);
	m->container = cur_sub(in, 0);
	const bool header = cur_is(&start, "AMQP");
	if (!header && !is_1)
		cur_skip(&head, 3);
	const uint32_t size = cur_be32(&head);
	m->more = !cur_ok(&head);
	const uint32_t len = header ? 8 : size < AMQP_LONGEST && !is_1 ? size + 8 : size;
	if (m->more || len < 8 || !message_take(in, len, AMQP_LONGEST, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	if (header)
		return amqp_header_parse(message.body, m);
	m->is_1 = is_1;
	if (is_1)
		return amqp_performative_parse(message.body, m);
	return cur_peek8(&message.body) == AMQP_METHOD && amqp_method_parse(message.body, m);
}

/* A header, or a frame of 0-9-1. */
static bool amqp_parse(struct cur *in, struct amqp *m)
{
	return amqp_any_parse(in, false, m);
}

/* A header, or a frame of 1.0. */
static bool amqp1_parse(struct cur *in, struct amqp *m)
{
	return amqp_any_parse(in, true, m);
}

/* ---- telling */

static void amqp_tell_table(struct task *t, const struct packet *p, struct cur table)
{
	for (unsigned i = 0; i < AMQP_FIELDS && cur_more(&table); i++) {
		struct amqp_field f = {0};
		if (!amqp_field_parse(&table, &f))
			return;
		if (WINDOW_IS(f.name, "product"))
			tell_readable(t, p, FACT_AMQP_PRODUCT, f.text);
		if (WINDOW_IS(f.name, "version"))
			tell_readable(t, p, FACT_AMQP_VERSION, f.text);
		if (WINDOW_IS(f.name, "platform"))
			tell_readable(t, p, FACT_AMQP_PLATFORM, f.text);
		if (WINDOW_IS(f.name, "cluster_name"))
			tell_readable(t, p, FACT_AMQP_CLUSTER, f.text);
	}
}

static enum verdict amqp_tell(struct task *t, const struct packet *p, const struct amqp *m)
{
	const bool clear = WINDOW_IS(m->mechanism, "PLAIN") && cur_left(&m->response) > 0;

	amqp_tell_table(t, p, m->table);
	tell_readable(t, p, FACT_AMQP_CONTAINER, m->container);
	if (clear)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "amqp");
	return clear || cur_left(&m->table) > 0 || is_readable(m->container) ? LEARNED : NOTHING;
}

struct amqp_flow {
	uint8_t asked, answered; /* messages read of client, server */
	bool client_is_1, server_is_1;
};

static enum verdict amqp_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	struct amqp_flow *f = state;
	uint8_t *count = s->from_client ? &f->asked : &f->answered;
	bool *is_1 = s->from_client ? &f->client_is_1 : &f->server_is_1;
	struct amqp m = {0};

	if (s->midstream || *count >= AMQP_MESSAGES)
		return message_pass(in);
	if (!(*is_1 ? amqp1_parse(in, &m) : amqp_parse(in, &m)))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	if (*count == 0 && s->from_client && !m.is_header)
		return NOT_MINE;
	*count = (uint8_t)(*count + 1);
	*is_1 = m.is_1;
	return amqp_tell(t, p, &m);
}

SHOW(amqp, struct amqp, FIELD(struct amqp, is_header, SHOW_BOOL),
     FIELD(struct amqp, is_1, SHOW_BOOL), FIELD(struct amqp, method, SHOW_HEX),
     FIELD(struct amqp, more, SHOW_BOOL))
SHOW(amqp1, struct amqp, FIELD(struct amqp, method, SHOW_HEX), FIELD(struct amqp, more, SHOW_BOOL))

const struct observer observer_amqp = {
	.name = "amqp",
	.about = "message brokers and their clients",
	.spec = "AMQP 0-9-1, AMQP 1.0",
	.claims = CLAIMS({TCP_PORT, AMQP_PORT, NULL}, {TCP_SNIFF, 0, "'AMQP'"}),
	.tells = TELLS({FACT_AMQP_PRODUCT, SAYS, 90}, {FACT_AMQP_VERSION, SAYS, 90},
                       {FACT_AMQP_PLATFORM, SAYS, 90}, {FACT_AMQP_CLUSTER, SAYS, 90},
                       {FACT_AMQP_CONTAINER, SAYS, 80}, {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&amqp_show, &amqp1_show),
	.flow_state_size = sizeof(struct amqp_flow),
	.stream = amqp_stream,
};

PROVE(amqp_parse, struct amqp)
PROVE(amqp1_parse, struct amqp)
