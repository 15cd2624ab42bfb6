/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bgp.c - who exchanges routes with whom: what a speaker says of itself when a session opens.
 *
 * Each side's first message is OPEN (RFC 4271, 4.2): its system's number and its own. Numbers that
 * need four bytes stand in a capability (RFC 6793, 4), as does the host's name
 * (draft-walton-bgp-hostname-capability: the name and its domain, each behind its length). Options
 * may have a longer form (RFC 9072, 2). Speakers may be many hops apart, and not all of them route.
 */
#include "observe/observer.h"

enum { BGP_PORT = 179, BGP_HEAD = 19, BGP_OPEN = 1, BGP_OPEN_MIN = 29, BGP_MAX = 4096 };
enum { BGP_VERSION = 4, BGP_OPTION_CAPABILITY = 2, BGP_OPTION_EXTENDED = 255 };
enum { BGP_CAPABILITY_AS4 = 65, BGP_CAPABILITY_NAME = 73 };

struct bgp {
	uint16_t length;
	uint8_t type, version;
	uint16_t hold_s;
	uint32_t as;
	struct ip4 router;
	struct cur host, domain;
	bool more;
};

static bool bgp_capability_parse(struct cur *in, struct bgp *b)
{
	const uint8_t code = cur_u8(in);
	const uint8_t len = cur_u8(in);
	struct cur value = cur_sub(in, len);

	if (code == BGP_CAPABILITY_AS4 && len == 4)
		b->as = cur_be32(&value);
	if (code == BGP_CAPABILITY_NAME) {
		b->host = cur_sub(&value, cur_u8(&value));
		b->domain = cur_sub(&value, cur_u8(&value));
	}
	return cur_ok(in);
}

static bool bgp_options_parse(struct cur *in, bool extended, struct bgp *b)
{
	while (cur_more(in)) {
		const uint8_t type = cur_u8(in);
		const uint16_t len = extended ? cur_be16(in) : cur_u8(in);
		struct cur value = cur_sub(in, len);
		if (type != BGP_OPTION_CAPABILITY)
			continue;
		while (cur_more(&value))
			if (!bgp_capability_parse(&value, b))
				return false;
	}
	return cur_ok(in);
}

static bool bgp_open_parse(struct cur *in, struct bgp *b)
{
	b->version = cur_u8(in);
	b->as = cur_be16(in);
	b->hold_s = cur_be16(in);
	cur_ip4(in, &b->router);
	uint32_t len = cur_u8(in);
	const bool extended = len == BGP_OPTION_EXTENDED && cur_peek8(in) == BGP_OPTION_EXTENDED;
	if (extended) {
		cur_skip(in, 1);
		len = cur_be16(in);
	}
	if (!cur_ok(in) || b->version != BGP_VERSION || b->hold_s == 1 || b->hold_s == 2 ||
	    ip4_number(b->router) == 0 || len != cur_left(in))
		return false;
	return bgp_options_parse(in, extended, b) && b->as != 0;
}

/* The marker is 16 bytes of all ones (4.1). */
static bool bgp_parse(struct cur *in, struct bgp *b)
{
	struct cur head = *in;
	const uint64_t first = cur_be64(&head), second = cur_be64(&head);

	b->host = cur_sub(in, 0);
	b->domain = cur_sub(in, 0);
	b->length = cur_be16(&head);
	b->type = cur_u8(&head);
	b->more = cur_left(in) < BGP_HEAD && cur_peek8(in) == 0xff;
	if (!cur_ok(&head) || first != UINT64_MAX || second != UINT64_MAX || b->type != BGP_OPEN ||
	    b->length < BGP_OPEN_MIN || b->length > BGP_MAX)
		return false;
	b->more = cur_left(in) < b->length;
	if (b->more)
		return false;
	struct cur open = cur_sub(&head, b->length - (uint32_t)BGP_HEAD);
	cur_skip(in, b->length);
	return bgp_open_parse(&open, b);
}

static void bgp_tell(struct task *t, const struct packet *p, const struct bgp *b)
{
	const struct ip router = ip_from4(b->router);
	char text[IP_TEXT];

	tell_word(t, p, sender(p), FACT_ROLE, "bgp-speaker");
	tell_number(t, p, sender(p), FACT_BGP_AS, b->as);
	tell_word(t, p, sender(p), FACT_BGP_ROUTER_ID, ip_format(&router, text));
	if (ip_is_host(&p->to))
		tell_word(t, p, sender(p), FACT_BGP_PEER, ip_format(&p->to, text));
	if (cur_left(&b->host) > 0)
		tell_text(t, p, sender(p), FACT_BGP_HOSTNAME, b->host);
	if (cur_left(&b->domain) > 0)
		tell_text(t, p, sender(p), FACT_BGP_DOMAIN, b->domain);
}

static enum verdict bgp_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct bgp b = {0};

	(void)state;
	if (!bgp_parse(in, &b))
		return b.more && !s->end ? NEED_MORE : NOT_MINE;
	had_enough(t);
	bgp_tell(t, p, &b);
	return LEARNED;
}

SHOW(bgp, struct bgp, FIELD(struct bgp, length, SHOW_NUMBER), FIELD(struct bgp, type, SHOW_NUMBER),
     FIELD(struct bgp, version, SHOW_NUMBER), FIELD(struct bgp, hold_s, SHOW_NUMBER),
     FIELD(struct bgp, as, SHOW_NUMBER), FIELD(struct bgp, router, SHOW_IP4),
     FIELD(struct bgp, more, SHOW_BOOL))

const struct observer observer_bgp = {
	.name = "bgp",
	.about = "who exchanges routes with whom",
	.spec = "RFC 4271, RFC 5492, RFC 6793, RFC 9072, draft-walton-bgp-hostname-capability",
	.claims = CLAIMS({TCP_PORT, BGP_PORT, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 95}, {FACT_BGP_AS, SAYS, 95},
                       {FACT_BGP_ROUTER_ID, SAYS, 95}, {FACT_BGP_PEER, SAYS, 90},
                       {FACT_BGP_HOSTNAME, SAYS, 85}, {FACT_BGP_DOMAIN, SAYS, 80}),
	.shows = SHOWS(&bgp_show),
	.stream = bgp_stream,
};

PROVE(bgp_parse, struct bgp)
