/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt.c - message brokers, and by what name their clients connect.
 *
 * A client begins with CONNECT (MQTT 5.0, 3.1): the protocol's name, a level, flags, and first of
 * the payload its client identifier, which often is a model and a serial number. It may be empty.
 * Version 5 has properties before it. A password in it goes over in the clear: that one is there
 * is told. Who answers it with CONNACK (3.2) is the broker.
 */
#include "observe/observer.h"

enum {
	MQTT_PORT = 1883,
	MQTT_CONNECT = 0x10,
	MQTT_CONNACK = 0x20,
	MQTT_CONNACK_LEN = 4,
	MQTT_LONGEST = 16384
};
enum { MQTT_HAS_PASSWORD = 0x40, MQTT_RESERVED = 0x01, MQTT_5 = 5 };

struct mqtt_flow {
	bool connected, answered;
};

struct mqtt {
	uint8_t level, flags;
	struct cur client_id;
	bool more;
};

/* "MQTT" from version 3.1.1 on, "MQIsdp" before. */
static bool mqtt_is_name(struct cur name)
{
	return cur_left(&name) == 4 ? cur_is(&name, "MQTT")
	                            : cur_left(&name) == 6 && cur_is(&name, "MQIsdp");
}

static bool mqtt_connect_parse(struct cur *in, struct mqtt *m)
{
	const struct cur name = cur_sub(in, cur_be16(in));

	m->level = cur_u8(in);
	m->flags = cur_u8(in);
	cur_skip(in, 2); /* keep alive */
	if (m->level == MQTT_5)
		cur_skip(in, cur_varint_mqtt(in));
	m->client_id = cur_sub(in, cur_be16(in));
	return cur_ok(in) && mqtt_is_name(name) && m->level >= 3 && m->level <= MQTT_5 &&
	       (m->flags & MQTT_RESERVED) == 0;
}

static bool mqtt_parse(struct cur *in, struct mqtt *m)
{
	struct cur head = *in;

	m->client_id = cur_sub(in, 0);
	const uint8_t type = cur_u8(&head);
	if (!cur_ok(&head)) {
		m->more = true;
		return false;
	}
	if (type != MQTT_CONNECT)
		return false;
	const uint32_t len = cur_varint_mqtt(&head);
	m->more = cur_left(&head) < len || (!cur_ok(&head) && cur_left(in) < 5);
	if (m->more || !cur_ok(&head) || len > MQTT_LONGEST) {
		m->more = m->more && len <= MQTT_LONGEST;
		return false;
	}
	struct cur connect = cur_sub(&head, len);
	cur_skip(in, cur_left(in) - cur_left(&head));
	return mqtt_connect_parse(&connect, m);
}

/* Its flags are 0 or 1, and a reason follows. */
static bool mqtt_is_connack(struct cur in)
{
	const bool is = cur_u8(&in) == MQTT_CONNACK && cur_varint_mqtt(&in) >= 2;

	return is && cur_u8(&in) <= 1 && cur_ok(&in);
}

static enum verdict mqtt_answer(struct task *t, const struct packet *p, struct cur *in,
                                const struct stream *s, struct mqtt_flow *flow)
{
	if (!flow->answered && cur_left(in) < MQTT_CONNACK_LEN && !s->end)
		return NEED_MORE;
	const bool is_broker = flow->connected && !flow->answered && mqtt_is_connack(*in);

	flow->answered = true;
	cur_skip(in, cur_left(in));
	if (!is_broker)
		return NOTHING;
	tell_word(t, p, sender(p), FACT_ROLE, "message-broker");
	return LEARNED;
}

static enum verdict mqtt_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	struct mqtt_flow *flow = state;
	struct mqtt m = {0};

	if (!s->from_client)
		return mqtt_answer(t, p, in, s, flow);
	if (flow->connected) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (!mqtt_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	flow->connected = true;
	if ((m.flags & MQTT_HAS_PASSWORD) != 0)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "mqtt");
	if (cur_left(&m.client_id) > 0)
		tell_text(t, p, sender(p), FACT_MQTT_CLIENT_ID, m.client_id);
	return LEARNED;
}

SHOW(mqtt, struct mqtt, FIELD(struct mqtt, level, SHOW_NUMBER), FIELD(struct mqtt, flags, SHOW_HEX),
     FIELD(struct mqtt, more, SHOW_BOOL))

const struct observer observer_mqtt = {
	.name = "mqtt",
	.about = "message brokers and their clients",
	.spec = "MQTT 3.1, 3.1.1, 5.0",
	.claims = CLAIMS({TCP_PORT, MQTT_PORT, NULL}, {TCP_SNIFF, 0, "10 ?? 00 04 'MQTT'"},
                         {TCP_SNIFF, 0, "10 ?? ?? 00 04 'MQTT'"},
                         {TCP_SNIFF, 0, "10 ?? 00 06 'MQIsdp'"}),
	.tells = TELLS({FACT_MQTT_CLIENT_ID, SAYS, 90}, {FACT_CLEARTEXT, SAYS, 90},
                       {FACT_ROLE, SAYS, 90}),
	.shows = SHOWS(&mqtt_show),
	.flow_state_size = sizeof(struct mqtt_flow),
	.stream = mqtt_stream,
};

PROVE(mqtt_parse, struct mqtt)
