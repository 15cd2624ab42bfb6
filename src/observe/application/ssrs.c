/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssrs.c - SQL Server's resolution service: which instances a host offers ([MC-SQLR] 2.2.5).
 *
 * Whoever asks on UDP port 1434 is answered with one text: pairs of a key and a value, each ended
 * by a semicolon, an empty key between two instances. Every instance names its server first. The
 * service on a client is no answer: the answer comes from the port.
 */
#include "observe/shared/message.h"
#include "observe/shared/window.h"

enum { SSRS_PORT = 1434, SSRS_ANSWER = 5, SSRS_PAIRS = 256 };

struct ssrs {
	struct cur text;
	uint32_t pairs;
};

struct ssrs_pair {
	struct cur key, value; /* the key is empty where the next instance begins */
};

static bool ssrs_pair_parse(struct cur *in, struct ssrs_pair *pair)
{
	pair->key = cur_until(in, ';');
	pair->value = cur_sub(in, 0);
	if (cur_left(&pair->key) > 0)
		pair->value = cur_until(in, ';');
	return cur_ok(in);
}

static bool ssrs_parse(struct cur *in, struct ssrs *m)
{
	const uint8_t type = cur_u8(in);

	m->text = cur_sub(in, cur_le16(in));
	struct cur text = m->text, first = m->text;
	if (!cur_ok(in) || type != SSRS_ANSWER || cur_left(in) > 0 ||
	    !cur_is(&first, "ServerName;"))
		return false;
	for (unsigned i = 0; i < SSRS_PAIRS && cur_more(&text); i++) {
		struct ssrs_pair pair = {0};
		if (!ssrs_pair_parse(&text, &pair))
			return false;
		m->pairs += cur_left(&pair.key) > 0;
	}
	return cur_ok(&text);
}

static enum verdict ssrs_packet(struct task *t, struct packet *p, void *state)
{
	struct ssrs m = {0};

	(void)state;
	if (p->from_port.n != SSRS_PORT)
		return NOTHING;
	if (!ssrs_parse(&p->rest, &m))
		return NOT_MINE;
	for (unsigned i = 0; i < SSRS_PAIRS && cur_more(&m.text); i++) {
		struct ssrs_pair pair = {0};
		if (!ssrs_pair_parse(&m.text, &pair))
			break;
		if (WINDOW_IS(pair.key, "ServerName"))
			tell_readable(t, p, FACT_MSSQL_SERVER, pair.value);
		if (WINDOW_IS(pair.key, "InstanceName"))
			tell_readable(t, p, FACT_MSSQL_INSTANCE, pair.value);
		if (WINDOW_IS(pair.key, "Version"))
			tell_readable(t, p, FACT_MSSQL_VERSION, pair.value);
	}
	return LEARNED;
}

SHOW(ssrs, struct ssrs, FIELD(struct ssrs, pairs, SHOW_NUMBER))

const struct observer observer_ssrs = {
	.name = "ssrs",
	.about = "instances that a SQL Server offers",
	.spec = "MC-SQLR 2.2.5",
	.claims = CLAIMS({UDP_PORT, SSRS_PORT, NULL}),
	.tells = TELLS({FACT_MSSQL_SERVER, SAYS, 90}, {FACT_MSSQL_INSTANCE, SAYS, 95},
                       {FACT_MSSQL_VERSION, SAYS, 90}),
	.shows = SHOWS(&ssrs_show),
	.packet = ssrs_packet,
};

PROVE(ssrs_parse, struct ssrs)
