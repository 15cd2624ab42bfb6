/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nats.c - message servers of NATS by name and version, and the programs that connect to them.
 *
 * A server begins with a line INFO and a JSON object, a client with CONNECT and one: lines end with
 * CR LF. What the fields are called is the table below. A password or token in CONNECT goes over in
 * the clear.
 */
#include "observe/shared/json.h"
#include "observe/shared/line.h"
#include "observe/shared/window.h"

enum { NATS_PORT = 4222, NATS_LINE_MAX = 4096 };

struct nats {
	bool more;
	bool is_info; /* else CONNECT */
	bool password;
	struct cur name, version, language;
};

static void nats_keep(const struct json_item *item, struct nats *n)
{
	struct cur value = item->value;

	if (item->depth != 1 || item->kind != JSON_STRING || cur_left(&value) == 0)
		return;
	if (WINDOW_IS(item->key, "version"))
		n->version = cur_rest(&value);
	else if (n->is_info ? WINDOW_IS(item->key, "server_name") : WINDOW_IS(item->key, "name"))
		n->name = cur_rest(&value);
	else if (WINDOW_IS(item->key, "lang"))
		n->language = cur_rest(&value);
	else if (WINDOW_IS(item->key, "pass") || WINDOW_IS(item->key, "auth_token"))
		n->password = true;
}

static bool nats_object_parse(struct cur object, struct nats *n)
{
	struct json j = {0};
	struct json_item item = {0};

	while (cur_more(&object) && json_next(&object, &j, &item))
		nats_keep(&item, n);
	return json_ended(&object, &j);
}

static bool nats_parse(struct cur *in, struct nats *n)
{
	struct cur line = cur_sub(in, 0);

	n->name = cur_sub(in, 0);
	n->version = cur_sub(in, 0);
	n->language = cur_sub(in, 0);
	if (!cur_line(in, &line)) {
		n->more = cur_left(&line) < NATS_LINE_MAX;
		return false;
	}
	n->is_info = cur_is_caseless(&line, "INFO ");
	if (!n->is_info && !cur_is_caseless(&line, "CONNECT "))
		return false;
	return nats_object_parse(line, n);
}

static void nats_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                           struct cur string)
{
	struct text text;

	json_text(string, &text);
	if (text.len > 0)
		tell_string(t, p, sender(p), kind, &text);
}

/* "go 1.22.1": the library and its version. */
static void nats_tell_library(struct task *t, const struct packet *p, const struct nats *n)
{
	struct text text, version;

	json_text(n->language, &text);
	json_text(n->version, &version);
	if (text.len == 0 || version.len == 0)
		return;
	text_add(&text, " ");
	text_add_bytes(&text, version.s, version.len);
	tell_string(t, p, sender(p), FACT_NATS_LIBRARY, &text);
}

static enum verdict nats_tell(struct task *t, const struct packet *p, const struct nats *n)
{
	nats_tell_text(t, p, n->is_info ? FACT_NATS_SERVER : FACT_NATS_CLIENT, n->name);
	if (n->is_info)
		nats_tell_text(t, p, FACT_NATS_VERSION, n->version);
	else
		nats_tell_library(t, p, n);
	if (n->password)
		tell_word(t, p, sender(p), FACT_CLEARTEXT, "nats");
	return LEARNED;
}

/* The first line of either side. */
static enum verdict nats_stream(struct task *t, struct packet *p, struct cur *in,
                                const struct stream *s, void *state)
{
	struct line_flow *f = state;
	bool *done = s->from_client ? &f->client_done : &f->server_done;
	struct nats n = {0};

	if (s->midstream || *done)
		return line_pass(in, done);
	const bool is_nats = nats_parse(in, &n);
	if (n.more && !s->end)
		return NEED_MORE;
	if (!is_nats || n.is_info == s->from_client)
		return NOT_MINE;
	*done = true;
	return nats_tell(t, p, &n);
}

SHOW(nats, struct nats, FIELD(struct nats, is_info, SHOW_BOOL),
     FIELD(struct nats, password, SHOW_BOOL), FIELD(struct nats, more, SHOW_BOOL))

const struct observer observer_nats = {
	.name = "nats",
	.about = "NATS servers by name and version, and their clients",
	.spec = "NATS client protocol",
	.claims = CLAIMS({TCP_PORT, NATS_PORT, NULL}, {TCP_SNIFF, 0, "'INFO {\"server'"}),
	.tells = TELLS({FACT_NATS_SERVER, SAYS, 90}, {FACT_NATS_VERSION, SAYS, 90},
                       {FACT_NATS_CLIENT, SAYS, 85}, {FACT_NATS_LIBRARY, SAYS, 90},
                       {FACT_CLEARTEXT, SAYS, 90}),
	.shows = SHOWS(&nats_show),
	.flow_state_size = sizeof(struct line_flow),
	.stream = nats_stream,
};

PROVE(nats_parse, struct nats)
