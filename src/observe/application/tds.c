/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tds.c - Microsoft SQL Server and kin: what server and driver say of their version before login,
 * and a login that is not hidden in TLS ([MS-TDS] 2.2.3, 2.2.6.4, 2.2.6.5).
 *
 * Both sides begin with a list of options: a token, where its data lie, their length. VERSION is the
 * first: of a server that of the product (15.0.2000), of a client that of its driver; a driver that
 * has none says 0. A client goes on with TLS inside of such packets, or with its login as it is:
 * names of its host, user, program and library, and a password that anybody can read.
 */
#include "observe/shared/message.h"

enum { TDS_PORT = 1433, TDS_LONGEST = 4096, TDS_OPTIONS = 32, TDS_HEADER = 8 };
enum { TDS_REPLY = 4, TDS_LOGIN = 0x10, TDS_PRELOGIN = 0x12 };
enum { TDS_VERSION = 0, TDS_END = 0xff };

struct tds {
	uint8_t type;
	bool more;
	struct cur body;
};

/* A packet; what a direction begins with is its whole message. */
static bool tds_parse(struct cur *in, struct tds *m)
{
	struct cur head = *in;
	struct message message = {0};

	m->body = cur_sub(in, 0);
	m->type = cur_u8(&head);
	const uint8_t status = cur_u8(&head);
	const uint16_t len = cur_be16(&head);
	m->more = !cur_ok(&head);
	if (m->more)
		return false;
	if (len <= TDS_HEADER || status > 0x1f ||
	    (m->type != TDS_REPLY && m->type != TDS_LOGIN && m->type != TDS_PRELOGIN))
		return false;
	if (!message_take(in, len, TDS_LONGEST, &message)) {
		m->more = message.more;
		return false;
	}
	cur_skip(&message.body, TDS_HEADER);
	m->body = cur_rest(&message.body);
	return true;
}

struct tds_prelogin {
	uint8_t major, minor;
	uint16_t build;
};

static bool tds_option_judge(struct cur data, uint16_t at, uint16_t len)
{
	cur_skip(&data, at);
	cur_skip(&data, len);
	return cur_ok(&data);
}

/* The version stands first, and its data behind the list. */
static bool tds_prelogin_parse(struct cur *in, struct tds_prelogin *m)
{
	struct cur data = *in;
	unsigned count = 0;

	for (unsigned i = 0; i < TDS_OPTIONS && cur_more(in); i++) {
		const uint8_t token = cur_u8(in);
		if (token == TDS_END)
			return count > 0 && cur_ok(&data);
		const uint16_t at = cur_be16(in), len = cur_be16(in);
		if (token > 15 || !tds_option_judge(data, at, len) ||
		    (i == 0) != (token == TDS_VERSION))
			return false;
		if (token == TDS_VERSION && len >= 4) {
			struct cur version = data;
			cur_skip(&version, at);
			m->major = cur_u8(&version);
			m->minor = cur_u8(&version);
			m->build = cur_be16(&version);
		}
		count++;
	}
	return false;
}

struct tds_login {
	struct cur host, user, password, application, library; /* UTF-16 */
};

/* Where a text lies from the start of the login, and how many units it has. */
static void tds_login_text(struct cur *list, struct cur whole, struct cur *text)
{
	const uint16_t at = cur_le16(list), len = cur_le16(list);

	cur_skip(&whole, at);
	*text = cur_sub(&whole, len * 2u);
	if (!cur_ok(&whole))
		cur_fail(list);
}

static bool tds_login_parse(struct cur *in, struct tds_login *m)
{
	struct cur whole = *in;
	const uint32_t len = cur_le32(in), version = cur_le32(in);

	cur_skip(in, 28);
	tds_login_text(in, whole, &m->host);
	tds_login_text(in, whole, &m->user);
	tds_login_text(in, whole, &m->password);
	tds_login_text(in, whole, &m->application);
	cur_skip(in, 8); /* the server's name, extensions */
	tds_login_text(in, whole, &m->library);
	return cur_ok(in) && len <= cur_left(&whole) && version >> 28 == 7;
}

/* ---- telling */

static void tds_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                          struct cur units)
{
	struct text text;

	cur_utf16le(&units, cur_left(&units), &text);
	if (text.len > 0)
		tell_string(t, p, sender(p), kind, &text);
}

static enum verdict tds_login(struct task *t, const struct packet *p, struct cur body)
{
	struct tds_login m = {0};

	if (!tds_login_parse(&body, &m))
		return MALFORMED;
	tds_tell_text(t, p, FACT_TDS_HOST, m.host);
	tds_tell_text(t, p, FACT_TDS_USER, m.user);
	tds_tell_text(t, p, FACT_TDS_APPLICATION, m.application);
	tds_tell_text(t, p, FACT_TDS_LIBRARY, m.library);
	if (cur_left(&m.password) > 0)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "tds");
	return LEARNED;
}

static enum verdict tds_prelogin(struct task *t, const struct packet *p, struct cur body,
                                 enum fact_kind kind)
{
	struct tds_prelogin m = {0};
	struct text text;

	if (!tds_prelogin_parse(&body, &m))
		return NOT_MINE;
	if (m.major == 0)
		return NOTHING;
	text_clear(&text);
	text_decimal(&text, m.major);
	text_put(&text, '.');
	text_decimal(&text, m.minor);
	text_put(&text, '.');
	text_decimal(&text, m.build);
	tell_string(t, p, sender(p), kind, &text);
	return LEARNED;
}

/* A server's first packet is its answer to the prelogin; the client's second may be its login. */
struct tds_flow {
	bool prelogin, client_done, server_done;
};

static enum verdict tds_client(struct task *t, const struct packet *p, const struct tds *m,
                               struct tds_flow *f)
{
	f->client_done = f->prelogin;
	if (m->type == TDS_LOGIN) {
		f->client_done = true;
		return tds_login(t, p, m->body);
	}
	if (f->prelogin)
		return NOTHING; /* TLS inside */
	f->prelogin = true;
	return m->type == TDS_PRELOGIN ? tds_prelogin(t, p, m->body, FACT_TDS_DRIVER) : NOT_MINE;
}

static enum verdict tds_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct tds_flow *f = state;
	struct tds m = {0};

	if (s->midstream || (s->from_client ? f->client_done : f->server_done))
		return message_pass(in);
	if (!tds_parse(in, &m))
		return m.more && !s->end ? NEED_MORE : NOT_MINE;
	if (s->from_client)
		return tds_client(t, p, &m, f);
	f->server_done = true;
	return m.type == TDS_REPLY ? tds_prelogin(t, p, m.body, FACT_MSSQL_VERSION) : NOT_MINE;
}

SHOW(tds, struct tds, FIELD(struct tds, type, SHOW_HEX), FIELD(struct tds, more, SHOW_BOOL))
SHOW(tds_prelogin, struct tds_prelogin, FIELD(struct tds_prelogin, major, SHOW_NUMBER),
     FIELD(struct tds_prelogin, minor, SHOW_NUMBER), FIELD(struct tds_prelogin, build, SHOW_NUMBER))

const struct observer observer_tds = {
	.name = "tds",
	.about = "Microsoft SQL Server and its clients",
	.spec = "MS-TDS 2.2.6.4, 2.2.6.5",
	.claims =
		CLAIMS({TCP_PORT, TDS_PORT, NULL}, {TCP_SNIFF, 0, "12 01 00 ?? 00 00 ?? 00 00 00"},
                       {TCP_SNIFF, 0, "04 01 00 ?? 00 00 01 00 00 00 ?? 00 06"}),
	.tells = TELLS({FACT_MSSQL_VERSION, SAYS, 95}, {FACT_TDS_DRIVER, SAYS, 80},
                       {FACT_TDS_HOST, SAYS, 80}, {FACT_TDS_USER, SAYS, 90},
                       {FACT_TDS_APPLICATION, SAYS, 80}, {FACT_TDS_LIBRARY, SAYS, 80},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&tds_show, &tds_prelogin_show),
	.flow_state_size = sizeof(struct tds_flow),
	.stream = tds_stream,
};

PROVE(tds_parse, struct tds)
PROVE(tds_prelogin_parse, struct tds_prelogin)
PROVE(tds_login_parse, struct tds_login)
