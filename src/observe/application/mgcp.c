/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mgcp.c - media gateways, by the name in the commands that they send (RFC 3435, 3.2.1).
 *
 * A command's first line has a verb, a number, an endpoint and the protocol's version. Only a gateway
 * sends NTFY and RSIP, and of itself: what stands behind the endpoint's @ is its name. The commands of a
 * call agent name somebody else's endpoint.
 */
#include "observe/shared/message.h"

enum { MGCP_GATEWAY = 2427, MGCP_AGENT = 2727, MGCP_NUMBER_MAX = 999999999 };

struct mgcp {
	bool own; /* the endpoint is the sender's */
	struct cur host;
};

static bool mgcp_parse(struct cur *in, struct mgcp *m)
{
	struct cur line = cur_token(in, "\r\n");
	struct cur verb = cur_token(&line, " ");

	m->host = cur_sub(in, 0);
	m->own = cur_left(&verb) == 4 &&
	         (cur_is_caseless(&verb, "NTFY") || cur_is_caseless(&verb, "RSIP"));
	if (!cur_is(&line, " ") || cur_decimal(&line) > MGCP_NUMBER_MAX || !cur_is(&line, " "))
		return false;
	struct cur endpoint = cur_token(&line, " ");
	if (!cur_is_caseless(&line, " MGCP 1.") || cur_left(in) == 0)
		return false;
	(void)cur_token(&endpoint, "@");
	if (!cur_is(&endpoint, "@"))
		return false;
	m->host = cur_rest(&endpoint);
	return cur_ok(&line) && is_readable(m->host);
}

static enum verdict mgcp_packet(struct task *t, struct packet *p, void *state)
{
	struct mgcp m = {0};

	(void)state;
	if (!mgcp_parse(&p->rest, &m))
		return NOT_MINE;
	if (!m.own)
		return NOTHING;
	tell_text(t, p, sender(p), FACT_MGCP_ENDPOINT, m.host);
	return LEARNED;
}

SHOW(mgcp, struct mgcp, FIELD(struct mgcp, own, SHOW_BOOL))

const struct observer observer_mgcp = {
	.name = "mgcp",
	.about = "media gateways",
	.spec = "RFC 3435",
	.claims = CLAIMS({UDP_PORT, MGCP_GATEWAY, NULL}, {UDP_PORT, MGCP_AGENT, NULL}),
	.tells = TELLS({FACT_MGCP_ENDPOINT, SAYS, 90}),
	.shows = SHOWS(&mgcp_show),
	.packet = mgcp_packet,
};

PROVE(mgcp_parse, struct mgcp)
