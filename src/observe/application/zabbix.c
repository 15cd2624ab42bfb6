/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zabbix.c - hosts that Zabbix watches: the name that the agent gives its host, its version, the
 * system.
 *
 * A message is "ZBXD", flags, a length and its padding, little endian, and as many bytes (Zabbix
 * manual, appendix 8.3). Compressed ones are passed over. An agent that reports by itself asks the
 * server for its checks, in JSON: "host" is its name, "host_metadata" what its owner wrote, often
 * the system. An agent that is asked gets the name of an item, and its answer is the bare value:
 * agent.hostname, agent.version and system.uname are its own.
 *
 * A proxy names itself as host in requests of other kinds; those are passed over.
 */
#include "observe/shared/json.h"
#include "observe/shared/window.h"

enum { ZABBIX_AGENT = 10050, ZABBIX_SERVER = 10051, ZABBIX_LONGEST = 8192 };
enum { ZABBIX_PLAIN = 1 };

enum zabbix_item { ZABBIX_NO_ITEM, ZABBIX_HOSTNAME, ZABBIX_VERSION, ZABBIX_UNAME };

struct zabbix {
	bool more;
	uint8_t flags;
	bool asks_checks;
	uint8_t item; /* enum zabbix_item: what it asks for */
	struct cur body, host, metadata;
};

static void zabbix_keep(const struct json_item *item, struct zabbix *z)
{
	struct cur value = item->value;

	if (item->depth != 1 || item->kind != JSON_STRING)
		return;
	if (WINDOW_IS(item->key, "request"))
		z->asks_checks = WINDOW_IS(value, "active checks");
	else if (WINDOW_IS(item->key, "host"))
		z->host = cur_rest(&value);
	else if (WINDOW_IS(item->key, "host_metadata"))
		z->metadata = cur_rest(&value);
}

static void zabbix_object_parse(struct cur object, struct zabbix *z)
{
	struct json j = {0};
	struct json_item item = {0};

	while (cur_more(&object) && json_next(&object, &j, &item))
		zabbix_keep(&item, z);
	z->asks_checks = z->asks_checks && json_ended(&object, &j);
}

static uint8_t zabbix_item_of(struct cur key)
{
	if (WINDOW_IS(key, "agent.hostname"))
		return ZABBIX_HOSTNAME;
	if (WINDOW_IS(key, "agent.version"))
		return ZABBIX_VERSION;
	return WINDOW_IS(key, "system.uname") ? ZABBIX_UNAME : ZABBIX_NO_ITEM;
}

static bool zabbix_parse(struct cur *in, struct zabbix *z)
{
	z->body = cur_sub(in, 0);
	z->host = cur_sub(in, 0);
	z->metadata = cur_sub(in, 0);
	struct cur head = *in;
	z->more = cur_left(&head) < 13 && (cur_left(&head) < 4 || cur_is(&head, "ZBXD"));
	if (z->more || !cur_is(&head, "ZBXD"))
		return false;
	z->flags = cur_u8(&head);
	const uint32_t len = cur_le32(&head);
	cur_skip(&head, 4); /* the length before it was compressed */
	z->more = cur_left(&head) < len && len <= ZABBIX_LONGEST;
	if (z->more || len > ZABBIX_LONGEST)
		return false;
	z->body = cur_sub(&head, len);
	cur_skip(in, cur_left(in) - cur_left(&head));
	if (z->flags != ZABBIX_PLAIN)
		return cur_ok(in);
	z->item = zabbix_item_of(z->body);
	if (cur_peek8(&z->body) == '{')
		zabbix_object_parse(z->body, z);
	return cur_ok(in);
}

struct zabbix_flow {
	uint8_t item;
	bool client_done, server_done;
};

static enum verdict zabbix_tell_request(struct task *t, const struct packet *p,
                                        const struct zabbix *z)
{
	struct text text;

	if (!z->asks_checks)
		return NOTHING;
	json_text(z->host, &text);
	if (text.len > 0)
		tell_string(t, p, sender(p), FACT_ZABBIX_HOST, &text);
	json_text(z->metadata, &text);
	if (text.len > 0)
		tell_string(t, p, sender(p), FACT_ZABBIX_METADATA, &text);
	return LEARNED;
}

static enum verdict zabbix_tell_value(struct task *t, const struct packet *p, uint8_t item,
                                      struct cur value)
{
	static const enum fact_kind kinds[] = {FACT_NONE, FACT_ZABBIX_HOST, FACT_ZABBIX_VERSION,
	                                       FACT_ZABBIX_SYSTEM};
	struct cur look = value;

	if (item == ZABBIX_NO_ITEM || cur_left(&value) == 0 || cur_is(&look, "ZBX_"))
		return NOTHING;
	tell_text(t, p, sender(p), kinds[item], value);
	return LEARNED;
}

/* One message a side and connection. */
static enum verdict zabbix_stream(struct task *t, struct packet *p, struct cur *in,
                                  const struct stream *s, void *state)
{
	struct zabbix_flow *f = state;
	bool *done = s->from_client ? &f->client_done : &f->server_done;
	struct zabbix z = {0};

	if (s->midstream || *done) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (!zabbix_parse(in, &z))
		return z.more && !s->end ? NEED_MORE : NOT_MINE;
	*done = true;
	if (z.flags != ZABBIX_PLAIN)
		return NOTHING;
	if (!s->from_client)
		return zabbix_tell_value(t, p, f->item, z.body);
	f->item = z.item;
	return zabbix_tell_request(t, p, &z);
}

SHOW(zabbix, struct zabbix, FIELD(struct zabbix, flags, SHOW_HEX),
     FIELD(struct zabbix, item, SHOW_NUMBER), FIELD(struct zabbix, asks_checks, SHOW_BOOL),
     FIELD(struct zabbix, more, SHOW_BOOL))

const struct observer observer_zabbix = {
	.name = "zabbix",
	.about = "hosts that Zabbix watches: name, system, version of the agent",
	.spec = "Zabbix manual, appendix 8",
	.claims = CLAIMS({TCP_PORT, ZABBIX_AGENT, NULL}, {TCP_PORT, ZABBIX_SERVER, NULL}),
	.tells = TELLS({FACT_ZABBIX_HOST, SAYS, 90}, {FACT_ZABBIX_VERSION, SAYS, 90},
                       {FACT_ZABBIX_SYSTEM, SAYS, 90}, {FACT_ZABBIX_METADATA, SAYS, 85}),
	.shows = SHOWS(&zabbix_show),
	.flow_state_size = sizeof(struct zabbix_flow),
	.stream = zabbix_stream,
};

PROVE(zabbix_parse, struct zabbix)
