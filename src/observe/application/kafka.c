/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kafka.c - the clients of Kafka, by the names in their requests (Kafka protocol guide, Request
 * Header; ApiVersions Request).
 *
 * Each request has its length, a key, a version, a number and the client's id; a program sets the
 * id, or its library does. The first request usually is ApiVersions (18); from its version 3 on it
 * names the library and its version.
 */
#include "observe/shared/message.h"

enum { KAFKA_PORT = 9092, KAFKA_LONGEST = 4096, KAFKA_API_VERSIONS = 18, KAFKA_REQUESTS = 4 };

struct kafka {
	bool more;
	uint16_t key, version;
	struct cur client, software, release;
};

/* A text of the later versions: its length and one more, seven bits a byte. */
static struct cur kafka_text(struct cur *in)
{
	const uint32_t len = cur_varint_mqtt(in);

	if (len == 0)
		cur_fail(in);
	return cur_sub(in, len > 0 ? len - 1 : 0);
}

static bool kafka_software_parse(struct cur *in, struct kafka *m)
{
	if (cur_u8(in) != 0) /* tagged fields of the header */
		return false;
	struct cur name = kafka_text(in);
	struct cur release = kafka_text(in);
	m->software = cur_rest(&name);
	m->release = cur_rest(&release);
	return cur_ok(in) && is_readable(m->software) && is_readable(m->release);
}

static bool kafka_request_parse(struct cur *in, struct kafka *m)
{
	m->key = cur_be16(in);
	m->version = cur_be16(in);
	cur_skip(in, 4);
	const uint16_t len = cur_be16(in);
	if (len != 0xffff)
		m->client = cur_sub(in, len);
	if (!cur_ok(in) || m->key > 100 || m->version > 25 ||
	    (cur_left(&m->client) > 0 && !is_readable(m->client)))
		return false;
	return m->key != KAFKA_API_VERSIONS || m->version < 3 || kafka_software_parse(in, m);
}

static bool kafka_parse(struct cur *in, struct kafka *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->client = cur_sub(in, 0);
	m->software = cur_sub(in, 0);
	m->release = cur_sub(in, 0);
	const uint32_t len = cur_be32(&head);
	m->more = !cur_ok(&head);
	if (m->more || len < 10 || len > KAFKA_LONGEST ||
	    !message_take(in, len + 4, KAFKA_LONGEST + 4, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	cur_skip(&message.body, 4);
	return kafka_request_parse(&message.body, m);
}

static void kafka_tell_software(struct task *t, const struct packet *p, const struct kafka *m)
{
	struct cur software = m->software, release = m->release;
	struct text text, version;

	cur_text(&software, cur_left(&software), &text);
	cur_text(&release, cur_left(&release), &version);
	text_put(&text, ' ');
	text_add_bytes(&text, version.s, version.len);
	tell_string(t, p, sender(p), FACT_KAFKA_SOFTWARE, &text);
}

static enum verdict kafka_stream(struct task *t, struct packet *p, struct cur *in,
                                 const struct stream *s, void *state)
{
	uint8_t *count = state;
	struct kafka m = {0};

	if (!s->from_client || s->midstream || *count >= KAFKA_REQUESTS)
		return message_pass(in);
	if (!kafka_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	*count = (uint8_t)(*count + 1);
	if (cur_left(&m.software) > 0)
		kafka_tell_software(t, p, &m);
	if (cur_left(&m.client) > 0)
		tell_text(t, p, sender(p), FACT_KAFKA_CLIENT_ID, m.client);
	return cur_left(&m.software) + cur_left(&m.client) > 0 ? LEARNED : NOTHING;
}

SHOW(kafka, struct kafka, FIELD(struct kafka, key, SHOW_NUMBER),
     FIELD(struct kafka, version, SHOW_NUMBER), FIELD(struct kafka, more, SHOW_BOOL))

const struct observer observer_kafka = {
	.name = "kafka",
	.about = "clients of Kafka",
	.spec = "Kafka protocol guide, KIP-511",
	.claims = CLAIMS({TCP_PORT, KAFKA_PORT, NULL}),
	.tells = TELLS({FACT_KAFKA_CLIENT_ID, SAYS, 80}, {FACT_KAFKA_SOFTWARE, SAYS, 90}),
	.shows = SHOWS(&kafka_show),
	.flow_state_size = sizeof(uint8_t),
	.stream = kafka_stream,
};

PROVE(kafka_parse, struct kafka)
