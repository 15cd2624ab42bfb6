/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rdp.c - what remote desktop clients say before anything is encrypted ([MS-RDPBCGR], 2.2.1).
 *
 * Messages stand in TPKT headers (RFC 1006). The first, an X.224 connection request, may carry a
 * cookie for load balancers, in which clients put the user's name, as far as nine letters go. Where
 * the old security is used, the client's settings follow in the clear: computer name and build, in
 * a block of the GCC conference request inside MCS. Where TLS is used, it begins after the first
 * message, and tls.c reads it.
 */
#include "observe/observer.h"

enum { RDP_PORT = 3389, RDP_BLOCKS_MAX = 16, RDP_COOKIE_MAX = 256, RDP_NAME = 32 };
enum { TPKT_VERSION = 3, X224_REQUEST = 0xe0, X224_DATA = 0xf0, RDP_CORE = 0xc001 };

struct rdp_tpkt {
	struct cur message;
	bool more;
};

static bool rdp_tpkt_parse(struct cur *in, struct rdp_tpkt *m)
{
	struct cur head = *in;

	m->message = cur_sub(in, 0);
	const uint8_t version = cur_u8(&head), reserved = cur_u8(&head);
	const uint16_t len = cur_be16(&head);
	if ((cur_left(in) > 0 && version != TPKT_VERSION) || reserved != 0)
		return false;
	m->more = !cur_ok(&head) || cur_left(in) < len;
	if (m->more || len < 7)
		return false;
	cur_skip(in, 4);
	m->message = cur_sub(in, len - 4u);
	return cur_ok(in);
}

struct rdp {
	uint8_t type;      /* of the X.224 message */
	struct cur cookie; /* "Cookie: mstshash=..." */
	bool has_client;
	struct text client; /* computer name */
	uint32_t build;
};

static void rdp_request_parse(struct cur *in, struct rdp *r)
{
	struct cur line = cur_sub(in, 0);

	cur_skip(in, 5); /* references, class */
	struct cur peek = *in;
	if (cur_is(&peek, "Cookie: mstshash=") && cur_line(in, &line) &&
	    cur_left(&line) <= RDP_COOKIE_MAX)
		r->cookie = cur_rest(&line);
}

/* The client's settings (2.2.1.3.2); blocks are little-endian. */
static void rdp_core_parse(struct cur block, struct rdp *r)
{
	cur_skip(&block, 4 + 2 + 2 + 2 + 2 + 4);
	r->build = cur_le32(&block);
	struct cur name = cur_sub(&block, RDP_NAME);
	cur_utf16le(&name, RDP_NAME, &r->client);
	r->has_client = cur_ok(&block);
	/* What follows the first zero is left over from something else. */
	for (uint32_t i = 0; i < RDP_NAME && i < r->client.len; i++)
		if (r->client.s[i] == 0)
			r->client.len = (uint8_t)i;
}

/* MCS Connect-Initial; the client's blocks follow the key "Duca" and their length. */
static void rdp_data_parse(struct cur *in, struct rdp *r)
{
	cur_skip(in, 1);
	if (!cur_is(in, "\x7f\x65"))
		return;
	bool found = false;
	while (!found && cur_more(in)) {
		found = cur_is(in, "Duca");
		if (!found)
			cur_skip(in, 1);
	}
	if (!found)
		return;
	if (cur_u8(in) >= 0x80)
		cur_skip(in, 1);
	for (unsigned i = 0; i < RDP_BLOCKS_MAX && cur_left(in) > 0; i++) {
		const uint16_t type = cur_le16(in), len = cur_le16(in);
		struct cur block = cur_sub(in, len >= 4 ? len - 4u : CUR_MAX);
		if (cur_ok(in) && type == RDP_CORE)
			rdp_core_parse(block, r);
	}
}

static bool rdp_parse(struct cur *in, struct rdp *r)
{
	r->cookie = cur_sub(in, 0);
	cur_skip(in, 1);
	r->type = cur_u8(in);
	if (r->type == X224_REQUEST)
		rdp_request_parse(in, r);
	else if (r->type == X224_DATA)
		rdp_data_parse(in, r);
	return cur_ok(in);
}

static enum verdict rdp_tell(struct task *t, const struct packet *p, const struct rdp *r)
{
	if (cur_left(&r->cookie) > 0)
		tell_text(t, p, sender(p), FACT_RDP_COOKIE, r->cookie);
	if (r->has_client && r->client.len > 0)
		tell_string(t, p, sender(p), FACT_RDP_CLIENT_NAME, &r->client);
	if (r->has_client)
		tell_number(t, p, sender(p), FACT_RDP_CLIENT_BUILD, r->build);
	return cur_left(&r->cookie) > 0 || r->has_client ? LEARNED : NOTHING;
}

/* A direction is read until something else than TPKT comes: TLS. */
static enum verdict rdp_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct rdp_tpkt m = {0};
	struct rdp r = {0};

	(void)state;
	if (!rdp_tpkt_parse(in, &m)) {
		if (m.more && !s->end)
			return NEED_MORE;
		if (s->first)
			return NOT_MINE;
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (!rdp_parse(&m.message, &r))
		return s->first ? MALFORMED : NOTHING;
	return rdp_tell(t, p, &r);
}

SHOW(rdp, struct rdp, FIELD(struct rdp, type, SHOW_HEX), FIELD(struct rdp, has_client, SHOW_BOOL),
     FIELD(struct rdp, client, SHOW_TEXT), FIELD(struct rdp, build, SHOW_NUMBER))

const struct observer observer_rdp = {
	.name = "rdp",
	.about = "remote desktop clients: cookie, computer name, build",
	.spec = "MS-RDPBCGR, RFC 1006",
	.claims = CLAIMS({TCP_PORT, RDP_PORT, NULL},
                         {TCP_SNIFF, 0, "03 00 ?? ?? ?? e0 ?? ?? ?? ?? ?? 'Cooki'"}),
	.tells = TELLS({FACT_RDP_COOKIE, SAYS, 90}, {FACT_RDP_CLIENT_NAME, SAYS, 90},
                       {FACT_RDP_CLIENT_BUILD, SAYS, 90}),
	.shows = SHOWS(&rdp_show),
	.stream = rdp_stream,
};

PROVE(rdp_tpkt_parse, struct rdp_tpkt)
PROVE(rdp_parse, struct rdp)
