/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc.c - hosts that call each other by ONC RPC (RFC 5531): the name in a client's credentials, what a
 * port mapper lists (RFC 1833), what NFS servers export and clients mount (RFC 1813, appendix I), and
 * the name of an NFS 4 client (RFC 8881, 18.35; RFC 7530, 16.33).
 *
 * Credentials of the kind AUTH_SYS begin with a stamp and the name of the client's host (RFC 5531, 14).
 * Over TCP each message has its length before it, and a bit that it is the last piece; longer ones
 * than any of these are not read. An answer does not say to what it answers: over TCP the call before
 * it does, over UDP only the port mapper's list is read, which cannot be taken for anything else.
 */
#include "observe/shared/message.h"

enum { RPC_MAPPER = 111, RPC_NFS = 2049, RPC_LONGEST = 8192, RPC_MESSAGES = 12, RPC_LIST = 128 };
enum { RPC_CALL = 0, RPC_REPLY = 1, RPC_VERSION = 2, RPC_AUTH_SYS = 1, RPC_OPAQUE_MAX = 400 };
enum { RPC_PORTMAP = 100000, RPC_PROGRAM_NFS = 100003, RPC_MOUNT = 100005 };
enum { RPC_DUMP = 4, RPC_MNT = 1, RPC_EXPORT = 5, RPC_COMPOUND = 1 };
enum { RPC_SETCLIENTID = 35, RPC_EXCHANGE_ID = 42 };

struct rpc {
	bool call;
	uint32_t id;
	uint32_t program, version, procedure; /* of a call */
	struct cur host;                      /* AUTH_SYS */
	struct cur body;                      /* arguments, or results */
};

/* A length, bytes, and zeros up to the next multiple of four (RFC 4506, 4.10). */
static void rpc_opaque(struct cur *in, uint32_t longest, struct cur *out)
{
	const uint32_t len = cur_be32(in);

	if (len > longest)
		cur_fail(in);
	*out = cur_sub(in, len);
	cur_skip(in, (4 - len % 4) % 4);
}

static void rpc_credentials_parse(struct cur *in, struct rpc *m)
{
	struct cur skipped = cur_sub(in, 0);
	struct cur body = cur_sub(in, 0);
	const uint32_t flavor = cur_be32(in);

	rpc_opaque(in, RPC_OPAQUE_MAX, &body);
	if (flavor != RPC_AUTH_SYS)
		return;
	cur_skip(&body, 4); /* stamp */
	rpc_opaque(&body, 255, &m->host);
	cur_skip(&body, 8); /* user, group */
	cur_skip(&body, cur_be32(&body) % 32 * 4);
	if (!cur_ok(&body) || cur_left(&body) > 0)
		m->host = cur_rest(&skipped);
}

static bool rpc_parse(struct cur *in, struct rpc *m)
{
	struct cur verifier = cur_sub(in, 0);

	m->host = cur_sub(in, 0);
	m->body = cur_sub(in, 0);
	m->id = cur_be32(in);
	const uint32_t type = cur_be32(in);
	m->call = type == RPC_CALL;
	if (m->call) {
		if (cur_be32(in) != RPC_VERSION)
			return false;
		m->program = cur_be32(in);
		m->version = cur_be32(in);
		m->procedure = cur_be32(in);
		rpc_credentials_parse(in, m);
	} else if (cur_be32(in) != 0) {
		return cur_ok(in) && type == RPC_REPLY && cur_left(in) >= 4; /* denied */
	}
	cur_skip(in, 4);
	rpc_opaque(in, RPC_OPAQUE_MAX, &verifier);
	if (!m->call && cur_be32(in) != 0)
		return cur_ok(in) && type == RPC_REPLY;
	m->body = cur_rest(in);
	return cur_ok(in) && type <= RPC_REPLY;
}

/* A message of a stream. */
struct rpc_record {
	bool more;
	struct cur message;
};

static bool rpc_record_parse(struct cur *in, struct rpc_record *r)
{
	struct cur head = *in;
	struct message message = {0};

	r->message = cur_sub(in, 0);
	const uint32_t mark = cur_be32(&head), len = mark % 0x80000000u;
	r->more = !cur_ok(&head);
	if (r->more || mark < 0x80000000u || len < 20 || len > RPC_LONGEST ||
	    !message_take(in, len + 4, RPC_LONGEST + 4, &message)) {
		r->more = r->more || message.more;
		return false;
	}
	cur_skip(&message.body, 4);
	r->message = cur_rest(&message.body);
	return true;
}

/* ---- what is said in calls */

struct rpc_text {
	struct cur text;
};

static bool rpc_directory_parse(struct cur *in, struct rpc_text *m)
{
	rpc_opaque(in, 1024, &m->text);
	return cur_ok(in) && cur_left(in) == 0 && is_readable(m->text);
}

/* The first operation of a compound that introduces a client. */
static bool rpc_client_parse(struct cur *in, struct rpc_text *m)
{
	struct cur tag = cur_sub(in, 0);

	rpc_opaque(in, 1024, &tag);
	cur_skip(in, 8); /* minor version, number of operations */
	const uint32_t operation = cur_be32(in);
	if (operation != RPC_SETCLIENTID && operation != RPC_EXCHANGE_ID)
		return false;
	cur_skip(in, 8); /* verifier */
	rpc_opaque(in, 1024, &m->text);
	return cur_ok(in) && is_readable(m->text);
}

/* ---- what is listed in answers */

struct rpc_mapping {
	uint32_t program, version, protocol, port;
};

/* One of the list, each with a 1 before it, a 0 behind the last. */
static bool rpc_mapping_parse(struct cur *in, struct rpc_mapping *m)
{
	if (cur_be32(in) != 1)
		return false;
	m->program = cur_be32(in);
	m->version = cur_be32(in);
	m->protocol = cur_be32(in);
	m->port = cur_be32(in);
	return cur_ok(in) && (m->protocol == 6 || m->protocol == 17) && m->port <= UINT16_MAX;
}

struct rpc_list {
	uint32_t count;
};

static bool rpc_dump_parse(struct cur *in, struct rpc_list *l)
{
	for (unsigned i = 0; i < RPC_LIST && cur_left(in) > 4; i++) {
		struct rpc_mapping m = {0};
		if (!rpc_mapping_parse(in, &m))
			return false;
		l->count++;
	}
	return cur_be32(in) == 0 && cur_ok(in) && cur_left(in) == 0 && l->count > 0;
}

/* A directory and the groups that may mount it. */
static bool rpc_export_parse(struct cur *in, struct rpc_text *m)
{
	struct cur group = cur_sub(in, 0);

	if (cur_be32(in) != 1)
		return false;
	rpc_opaque(in, 1024, &m->text);
	for (unsigned i = 0; i < RPC_LIST && cur_more(in) && cur_be32(in) == 1; i++)
		rpc_opaque(in, 255, &group);
	return cur_ok(in) && is_readable(m->text);
}

static bool rpc_exports_parse(struct cur *in, struct rpc_list *l)
{
	for (unsigned i = 0; i < RPC_LIST && cur_left(in) > 4; i++) {
		struct rpc_text m = {0};
		if (!rpc_export_parse(in, &m))
			return false;
		l->count++;
	}
	return cur_be32(in) == 0 && cur_ok(in) && cur_left(in) == 0;
}

/* ---- telling */

static void rpc_put_program(struct text *text, uint32_t program)
{
	static const struct {
		uint32_t number;
		char name[12];
	} names[] = {
		{100000, "portmapper"}, {100001, "rstatd"},  {100002, "rusersd"},
		{100003, "nfs"},        {100004, "ypserv"},  {100005, "mountd"},
		{100007, "ypbind"},     {100011, "rquotad"}, {100020, "llockmgr"},
		{100021, "nlockmgr"},   {100024, "status"},  {100227, "nfs_acl"},
	};

	for (unsigned i = 0; i < COUNT_OF(names); i++) {
		if (names[i].number != program)
			continue;
		for (unsigned k = 0; k < 12 && names[i].name[k] != 0; k++)
			text_put(text, text_byte(names[i].name[k]));
		return;
	}
	text_decimal(text, program);
}

static enum verdict rpc_tell_dump(struct task *t, const struct packet *p, struct cur body)
{
	struct cur judged = body;
	struct rpc_list all = {0};

	if (!rpc_dump_parse(&judged, &all))
		return NOTHING;
	for (unsigned i = 0; i < RPC_LIST && cur_left(&body) > 4; i++) {
		struct rpc_mapping m = {0};
		struct text text;
		if (!rpc_mapping_parse(&body, &m))
			break;
		text_clear(&text);
		rpc_put_program(&text, m.program);
		text_put(&text, ' ');
		text_decimal(&text, m.version);
		text_add_bytes(&text, m.protocol == 6 ? " tcp/" : " udp/", 5);
		text_decimal(&text, m.port);
		tell_string(t, p, sender(p), FACT_RPC_PROGRAM, &text);
	}
	return LEARNED;
}

static enum verdict rpc_tell_exports(struct task *t, const struct packet *p, struct cur body)
{
	struct cur judged = body;
	struct rpc_list all = {0};

	if (!rpc_exports_parse(&judged, &all) || all.count == 0)
		return NOTHING;
	for (unsigned i = 0; i < RPC_LIST && cur_left(&body) > 4; i++) {
		struct rpc_text m = {0};
		if (!rpc_export_parse(&body, &m))
			break;
		tell_text(t, p, sender(p), FACT_NFS_EXPORT, m.text);
	}
	return LEARNED;
}

static enum verdict rpc_tell_call(struct task *t, const struct packet *p, const struct rpc *m)
{
	struct cur body = m->body;
	struct rpc_text said = {0};
	const bool named = is_readable(m->host);

	if (named)
		tell_text(t, p, sender(p), FACT_RPC_HOST, m->host);
	if (m->program == RPC_MOUNT && m->procedure == RPC_MNT && rpc_directory_parse(&body, &said))
		tell_text(t, p, sender(p), FACT_NFS_MOUNT, said.text);
	else if (m->program == RPC_PROGRAM_NFS && m->version == 4 && m->procedure == RPC_COMPOUND &&
	         rpc_client_parse(&body, &said))
		tell_text(t, p, sender(p), FACT_NFS_CLIENT, said.text);
	else if (!named)
		return NOTHING;
	return LEARNED;
}

static enum verdict rpc_packet(struct task *t, struct packet *p, void *state)
{
	struct rpc m = {0};

	(void)state;
	if (!rpc_parse(&p->rest, &m))
		return NOT_MINE;
	if (p->cut)
		return NOTHING;
	if (m.call)
		return rpc_tell_call(t, p, &m);
	return p->from_port.n == RPC_MAPPER ? rpc_tell_dump(t, p, m.body) : NOTHING;
}

/* The last call whose answer is worth reading. */
struct rpc_flow {
	uint8_t asked, answered; /* messages read of client, server */
	bool dump, exports;
	uint32_t id;
};

static void rpc_remember(struct rpc_flow *f, const struct rpc *m)
{
	f->dump = m->program == RPC_PORTMAP && m->version == 2 && m->procedure == RPC_DUMP;
	f->exports = m->program == RPC_MOUNT && m->procedure == RPC_EXPORT;
	f->id = m->id;
}

static enum verdict rpc_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct rpc_flow *f = state;
	uint8_t *count = s->from_client ? &f->asked : &f->answered;
	struct rpc_record r = {0};
	struct rpc m = {0};

	if (s->midstream || *count >= RPC_MESSAGES)
		return message_pass(in);
	if (!rpc_record_parse(in, &r))
		return r.more && !s->end ? NEED_MORE : NOT_MINE;
	if (!rpc_parse(&r.message, &m))
		return NOT_MINE;
	*count = (uint8_t)(*count + 1);
	if (m.call) {
		rpc_remember(f, &m);
		return rpc_tell_call(t, p, &m);
	}
	if (m.id != f->id)
		return NOTHING;
	return f->dump      ? rpc_tell_dump(t, p, m.body)
	       : f->exports ? rpc_tell_exports(t, p, m.body)
	                    : NOTHING;
}

SHOW(rpc, struct rpc, FIELD(struct rpc, call, SHOW_BOOL), FIELD(struct rpc, id, SHOW_HEX),
     FIELD(struct rpc, program, SHOW_NUMBER), FIELD(struct rpc, version, SHOW_NUMBER),
     FIELD(struct rpc, procedure, SHOW_NUMBER))

const struct observer observer_rpc = {
	.name = "rpc",
	.about = "hosts that call by ONC RPC: port mappers, NFS",
	.spec = "RFC 5531, RFC 1833, RFC 1813, RFC 8881",
	.claims = CLAIMS({UDP_PORT, RPC_MAPPER, NULL}, {UDP_PORT, RPC_NFS, NULL},
                         {TCP_PORT, RPC_MAPPER, NULL}, {TCP_PORT, RPC_NFS, NULL},
                         {UDP_SNIFF, 0, "?? ?? ?? ?? 00 00 00 00 00 00 00 02 00 01 86"},
                         {TCP_SNIFF, 0, "80 00 ?? ?? ?? ?? ?? ?? 00 00 00 00 00 00 00 02"},
                         {TCP_SNIFF, 0, "80 00 ?? ?? ?? ?? ?? ?? 00 00 00 01 00 00 00 00"}),
	.tells = TELLS({FACT_RPC_HOST, SAYS, 80}, {FACT_RPC_PROGRAM, SAYS, 95},
                       {FACT_NFS_EXPORT, SAYS, 95}, {FACT_NFS_MOUNT, SAYS, 80},
                       {FACT_NFS_CLIENT, SAYS, 80}),
	.shows = SHOWS(&rpc_show),
	.flow_state_size = sizeof(struct rpc_flow),
	.packet = rpc_packet,
	.stream = rpc_stream,
};

PROVE(rpc_parse, struct rpc)
PROVE(rpc_record_parse, struct rpc_record)
PROVE(rpc_directory_parse, struct rpc_text)
PROVE(rpc_client_parse, struct rpc_text)
PROVE(rpc_dump_parse, struct rpc_list)
PROVE(rpc_exports_parse, struct rpc_list)
