/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cassandra.c - Cassandra and kin: the drivers of clients, and the CQL that a server speaks (CQL
 * binary protocol v3 to v5: 2, 4.1.1, 4.1.2, 4.2.4).
 *
 * A frame has a version, whose highest bit marks an answer, flags, a stream's number, an operation and a
 * length. A client's STARTUP is a map of texts; the answer to its OPTIONS, SUPPORTED, one of lists of
 * texts. Both come before anything is compressed or framed anew.
 */
#include "observe/shared/message.h"
#include "observe/shared/window.h"

enum {
	CASSANDRA_PORT = 9042,
	CASSANDRA_LONGEST = 4096,
	CASSANDRA_PAIRS = 32,
	CASSANDRA_FRAMES = 4
};
enum { CASSANDRA_STARTUP = 1, CASSANDRA_SUPPORTED = 6, CASSANDRA_ANSWER = 0x80 };

struct cassandra {
	bool more;
	uint8_t version, operation;
	struct cur driver, release, application, cql;
};

static void cassandra_startup_parse(struct cur *in, struct cassandra *m)
{
	const uint16_t count = cur_be16(in);

	for (unsigned i = 0; i < CASSANDRA_PAIRS && i < count; i++) {
		struct cur name = cur_sub(in, cur_be16(in));
		struct cur value = cur_sub(in, cur_be16(in));
		if (WINDOW_IS(name, "DRIVER_NAME"))
			m->driver = cur_rest(&value);
		else if (WINDOW_IS(name, "DRIVER_VERSION"))
			m->release = cur_rest(&value);
		else if (WINDOW_IS(name, "APPLICATION_NAME"))
			m->application = cur_rest(&value);
	}
}

/* The last of a list is the newest. */
static void cassandra_supported_parse(struct cur *in, struct cassandra *m)
{
	const uint16_t count = cur_be16(in);

	for (unsigned i = 0; i < CASSANDRA_PAIRS && i < count; i++) {
		struct cur name = cur_sub(in, cur_be16(in));
		const uint16_t values = cur_be16(in);
		for (unsigned k = 0; k < CASSANDRA_PAIRS && k < values; k++) {
			struct cur value = cur_sub(in, cur_be16(in));
			if (WINDOW_IS(name, "CQL_VERSION"))
				m->cql = cur_rest(&value);
		}
	}
}

static bool cassandra_parse(struct cur *in, struct cassandra *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->driver = cur_sub(in, 0);
	m->release = cur_sub(in, 0);
	m->application = cur_sub(in, 0);
	m->cql = cur_sub(in, 0);
	m->version = cur_u8(&head);
	const uint8_t flags = cur_u8(&head);
	cur_skip(&head, 2);
	m->operation = cur_u8(&head);
	const uint32_t len = cur_be32(&head);
	m->more = !cur_ok(&head);
	if (m->more || m->version % 128 < 3 || m->version % 128 > 5 || flags > 0x1f ||
	    m->operation > 16 || len > CASSANDRA_LONGEST ||
	    !message_take(in, len + 9, CASSANDRA_LONGEST + 9, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	cur_skip(&message.body, 9);
	if (m->operation == CASSANDRA_STARTUP)
		cassandra_startup_parse(&message.body, m);
	if (m->operation == CASSANDRA_SUPPORTED)
		cassandra_supported_parse(&message.body, m);
	return cur_ok(&message.body);
}

static void cassandra_tell_driver(struct task *t, const struct packet *p, const struct cassandra *m)
{
	struct cur driver = m->driver, release = m->release;
	struct text text, version;

	if (!is_readable(driver))
		return;
	cur_text(&driver, cur_left(&driver), &text);
	cur_text(&release, cur_left(&release), &version);
	if (version.len > 0)
		text_put(&text, ' ');
	text_add_bytes(&text, version.s, version.len);
	tell_string(t, p, sender(p), FACT_CASSANDRA_DRIVER, &text);
}

struct cassandra_flow {
	uint8_t asked, answered; /* frames read of client, server */
};

static enum verdict cassandra_stream(struct task *t, struct packet *p, struct cur *in,
                                     const struct stream *s, void *state)
{
	struct cassandra_flow *f = state;
	uint8_t *count = s->from_client ? &f->asked : &f->answered;
	struct cassandra m = {0};

	if (s->midstream || *count >= CASSANDRA_FRAMES)
		return message_pass(in);
	if (!cassandra_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	if (s->from_client != (m.version < CASSANDRA_ANSWER))
		return NOT_MINE;
	*count = m.operation == CASSANDRA_STARTUP ? CASSANDRA_FRAMES : (uint8_t)(*count + 1);
	cassandra_tell_driver(t, p, &m);
	tell_readable(t, p, FACT_CASSANDRA_APPLICATION, m.application);
	tell_readable(t, p, FACT_CASSANDRA_CQL, m.cql);
	return is_readable(m.driver) || is_readable(m.application) || is_readable(m.cql) ? LEARNED
	                                                                                 : NOTHING;
}

SHOW(cassandra, struct cassandra, FIELD(struct cassandra, version, SHOW_HEX),
     FIELD(struct cassandra, operation, SHOW_NUMBER), FIELD(struct cassandra, more, SHOW_BOOL))

const struct observer observer_cassandra = {
	.name = "cassandra",
	.about = "Cassandra servers and their clients",
	.spec = "CQL binary protocol v3, v4, v5",
	.claims = CLAIMS({TCP_PORT, CASSANDRA_PORT, NULL}),
	.tells = TELLS({FACT_CASSANDRA_DRIVER, SAYS, 90}, {FACT_CASSANDRA_APPLICATION, SAYS, 80},
                       {FACT_CASSANDRA_CQL, SAYS, 90}),
	.shows = SHOWS(&cassandra_show),
	.flow_state_size = sizeof(struct cassandra_flow),
	.stream = cassandra_stream,
};

PROVE(cassandra_parse, struct cassandra)
