/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mongodb.c - MongoDB: the driver, system and program of a client, and how a server is known in its
 * set (MongoDB Wire Protocol; MongoDB Handshake specification; BSON 1.1).
 *
 * A message has a length, two numbers and an operation. A client's first is the command hello, once
 * isMaster, with a document "client"; the server answers with its own name and set. Both travel as
 * OP_MSG or as the older OP_QUERY and OP_REPLY. Documents are walked by their elements; of those
 * inside of others two levels are looked at. A server's version is in its answer to buildInfo.
 */
#include "observe/shared/message.h"
#include "observe/shared/window.h"

enum { MONGODB_PORT = 27017, MONGODB_SHARD, MONGODB_CONFIG };
enum { MONGODB_LONGEST = 16000, MONGODB_HEADER = 16, MONGODB_ELEMENTS = 128 };
enum { MONGODB_MESSAGES = 8 }; /* of a direction: the greeting, and what a shell asks then */
enum { MONGODB_REPLY = 1, MONGODB_QUERY = 2004, MONGODB_MSG = 2013, MONGODB_COMPRESSED = 2012 };

enum bson_type {
	BSON_DOUBLE = 1,
	BSON_STRING = 2,
	BSON_DOCUMENT = 3,
	BSON_ARRAY = 4,
	BSON_BINARY = 5,
	BSON_OBJECT_ID = 7,
	BSON_BOOL = 8,
	BSON_TIME = 9,
	BSON_NULL = 10,
	BSON_REGEX = 11,
	BSON_INT32 = 16,
	BSON_TIMESTAMP = 17,
	BSON_INT64 = 18,
	BSON_DECIMAL = 19,
};

struct bson {
	uint8_t type;
	struct cur name, value; /* a string's without its zero; a document's its elements */
};

/* The elements of a document, without its length and the zero at its end. */
static struct cur bson_document(struct cur *in)
{
	const uint32_t len = cur_le32(in);
	struct cur elements = cur_sub(in, len > 5 && len <= CUR_MAX ? len - 5 : 0);

	if (len < 5 || cur_u8(in) != 0)
		cur_fail(in);
	return elements;
}

/* How long the value is where its type says it; others say it themselves. */
static uint32_t bson_fixed(uint8_t type)
{
	static const uint8_t lengths[] = {
		[BSON_DOUBLE] = 8, [BSON_OBJECT_ID] = 12, [BSON_BOOL] = 1,  [BSON_TIME] = 8,
		[BSON_INT32] = 4,  [BSON_TIMESTAMP] = 8,  [BSON_INT64] = 8, [BSON_DECIMAL] = 16,
	};

	return type < COUNT_OF(lengths) ? lengths[type] : 0;
}

static void bson_value_parse(struct cur *in, struct bson *e)
{
	if (e->type == BSON_STRING) {
		const uint32_t len = cur_le32(in);
		e->value = cur_sub(in, len > 0 && len <= CUR_MAX ? len - 1 : CUR_MAX);
		cur_skip(in, 1);
	} else if (e->type == BSON_DOCUMENT || e->type == BSON_ARRAY) {
		struct cur elements = bson_document(in);
		e->value = cur_rest(&elements);
	} else if (e->type == BSON_BINARY) {
		const uint32_t len = cur_le32(in);
		cur_skip(in, 1);
		e->value = cur_sub(in, len);
	} else if (e->type == BSON_REGEX) {
		e->value = cur_until(in, 0);
		(void)cur_until(in, 0);
	} else {
		const uint32_t len = bson_fixed(e->type);
		if (len == 0 && e->type != BSON_NULL)
			cur_fail(in);
		e->value = cur_sub(in, len);
	}
}

static bool bson_parse(struct cur *in, struct bson *e)
{
	e->type = cur_u8(in);
	e->name = cur_until(in, 0);
	bson_value_parse(in, e);
	return cur_ok(in);
}

/* Is it a document whose elements are whole? */
static bool bson_judge(struct cur elements)
{
	for (unsigned i = 0; i < MONGODB_ELEMENTS && cur_more(&elements); i++) {
		struct bson e = {0};
		if (!bson_parse(&elements, &e))
			return false;
	}
	return cur_ok(&elements);
}

struct mongodb {
	uint32_t operation;
	bool more;
	struct cur document; /* its elements; none: a message of another kind */
};

static void mongodb_query_parse(struct cur *in, struct mongodb *m)
{
	cur_skip(in, 4);
	struct cur collection = cur_until(in, 0);
	cur_skip(in, 8);
	struct cur document = bson_document(in);
	if (WINDOW_IS(collection, "admin.$cmd"))
		m->document = cur_rest(&document);
}

static void mongodb_reply_parse(struct cur *in, struct mongodb *m)
{
	cur_skip(in, 16); /* flags, cursor, first */
	if (cur_le32(in) == 0)
		return;
	struct cur document = bson_document(in);
	m->document = cur_rest(&document);
}

/* Flags, then sections; a command is the one of kind 0. */
static void mongodb_msg_parse(struct cur *in, struct mongodb *m)
{
	cur_skip(in, 4);
	if (cur_u8(in) != 0)
		return;
	struct cur document = bson_document(in);
	m->document = cur_rest(&document);
}

static bool mongodb_parse(struct cur *in, struct mongodb *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->document = cur_sub(in, 0);
	const uint32_t len = cur_le32(&head);
	cur_skip(&head, 8);
	m->operation = cur_le32(&head);
	m->more = !cur_ok(&head);
	if (m->more || len <= MONGODB_HEADER ||
	    (m->operation != MONGODB_REPLY && m->operation < 2001) || m->operation > 2013 ||
	    !message_take(in, len, MONGODB_LONGEST, &message)) {
		m->more = m->more || message.more;
		return false;
	}
	cur_skip(&message.body, MONGODB_HEADER);
	if (m->operation == MONGODB_QUERY)
		mongodb_query_parse(&message.body, m);
	if (m->operation == MONGODB_REPLY)
		mongodb_reply_parse(&message.body, m);
	if (m->operation == MONGODB_MSG)
		mongodb_msg_parse(&message.body, m);
	return cur_ok(&message.body) && bson_judge(m->document);
}

/* ---- telling */

/* The elements of a name in a document; none where it is not there. */
static struct cur mongodb_find(struct cur elements, uint8_t type, const char *name, uint32_t len)
{
	for (unsigned i = 0; i < MONGODB_ELEMENTS && cur_more(&elements); i++) {
		struct bson e = {0};
		if (!bson_parse(&elements, &e))
			break;
		if (e.type == type && window_is_bytes(e.name, name, len))
			return e.value;
	}
	return cur_sub(&elements, 0);
}

#define MONGODB_FIND(elements, type, name) \
	mongodb_find((elements), (type), "" name, (uint32_t)sizeof(name) - 1)

/* "name version" of a document that has both. */
static void mongodb_tell_pair(struct task *t, const struct packet *p, enum fact_kind kind,
                              struct cur document)
{
	struct cur name = MONGODB_FIND(document, BSON_STRING, "name");
	struct cur version = MONGODB_FIND(document, BSON_STRING, "version");
	struct text text;

	if (!is_readable(name))
		return;
	cur_text(&name, cur_left(&name), &text);
	if (is_readable(version)) {
		text_put(&text, ' ');
		for (unsigned i = 0; i < 100 && cur_left(&version) > 0; i++)
			text_put(&text, cur_u8(&version));
	}
	tell_string(t, p, sender(p), kind, &text);
}

static enum verdict mongodb_tell_client(struct task *t, const struct packet *p, struct cur command)
{
	const struct cur client = MONGODB_FIND(command, BSON_DOCUMENT, "client");
	const struct cur program = MONGODB_FIND(client, BSON_DOCUMENT, "application");

	if (cur_left(&client) == 0)
		return NOTHING;
	mongodb_tell_pair(t, p, FACT_MONGODB_DRIVER, MONGODB_FIND(client, BSON_DOCUMENT, "driver"));
	mongodb_tell_pair(t, p, FACT_MONGODB_OS, MONGODB_FIND(client, BSON_DOCUMENT, "os"));
	tell_readable(t, p, FACT_MONGODB_PLATFORM, MONGODB_FIND(client, BSON_STRING, "platform"));
	tell_readable(t, p, FACT_MONGODB_APPLICATION, MONGODB_FIND(program, BSON_STRING, "name"));
	return LEARNED;
}

/* Answers are told apart by what only they have: to hello maxWireVersion, to buildInfo gitVersion. */
static enum verdict mongodb_tell_server(struct task *t, const struct packet *p, struct cur answer)
{
	const struct cur wire = MONGODB_FIND(answer, BSON_INT32, "maxWireVersion");
	const struct cur build = MONGODB_FIND(answer, BSON_STRING, "gitVersion");
	const struct cur version = MONGODB_FIND(answer, BSON_STRING, "version");

	if (cur_left(&build) > 0 && is_readable(version)) {
		tell_text(t, p, sender(p), FACT_MONGODB_VERSION, version);
		return LEARNED;
	}
	const struct cur name = MONGODB_FIND(answer, BSON_STRING, "me");
	if (cur_left(&wire) == 0 || !is_readable(name))
		return NOTHING;
	tell_text(t, p, sender(p), FACT_MONGODB_NAME, name);
	tell_readable(t, p, FACT_MONGODB_SET, MONGODB_FIND(answer, BSON_STRING, "setName"));
	return LEARNED;
}

/* Messages read of client, server. */
struct mongodb_flow {
	uint8_t asked, answered;
};

static enum verdict mongodb_stream(struct task *t, struct packet *p, struct cur *in,
                                   const struct stream *s, void *state)
{
	struct mongodb_flow *f = state;
	uint8_t *count = s->from_client ? &f->asked : &f->answered;
	struct mongodb m = {0};

	if ((s->midstream && !s->first) || *count >= MONGODB_MESSAGES)
		return message_pass(in);
	if (!mongodb_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	*count = (uint8_t)(*count + 1);
	if (cur_left(&m.document) == 0)
		return NOTHING;
	return s->from_client ? mongodb_tell_client(t, p, m.document)
	                      : mongodb_tell_server(t, p, m.document);
}

SHOW(mongodb, struct mongodb, FIELD(struct mongodb, operation, SHOW_NUMBER),
     FIELD(struct mongodb, more, SHOW_BOOL))

const struct observer observer_mongodb = {
	.name = "mongodb",
	.about = "MongoDB servers and their clients",
	.spec = "MongoDB Wire Protocol, BSON 1.1",
	.claims = CLAIMS({TCP_PORT, MONGODB_PORT, NULL}, {TCP_PORT, MONGODB_SHARD, NULL},
                         {TCP_PORT, MONGODB_CONFIG, NULL}),
	.tells = TELLS({FACT_MONGODB_DRIVER, SAYS, 90}, {FACT_MONGODB_OS, SAYS, 90},
                       {FACT_MONGODB_PLATFORM, SAYS, 80}, {FACT_MONGODB_APPLICATION, SAYS, 80},
                       {FACT_MONGODB_NAME, SAYS, 90}, {FACT_MONGODB_SET, SAYS, 90},
                       {FACT_MONGODB_VERSION, SAYS, 95}),
	.shows = SHOWS(&mongodb_show),
	.flow_state_size = sizeof(struct mongodb_flow),
	.stream = mongodb_stream,
};

PROVE(mongodb_parse, struct mongodb)
