/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eigrp.c - routers that speak EIGRP, their autonomous system and software.
 *
 * A message is a header of 20 bytes and a list of types and lengths, the length counting both (RFC
 * 7868, 6.1, 6.6). Whoever says hello is a router; an acknowledgement is a hello without a list.
 * Type 4 are two versions, of the operating system and of EIGRP (6.8.3).
 */
#include "observe/observer.h"

enum { EIGRP_VERSION = 2, EIGRP_HELLO = 5, EIGRP_LAST = 11, EIGRP_SOFTWARE = 4, EIGRP_HEADER = 4 };

struct eigrp {
	uint8_t operation;
	uint16_t system;
	bool has_software;
	uint8_t software[4];
};

static bool eigrp_list_parse(struct cur *in, struct eigrp *e)
{
	while (cur_more(in)) {
		const uint16_t type = cur_be16(in);
		const uint16_t len = cur_be16(in);
		if (len < EIGRP_HEADER)
			return false;
		struct cur value = cur_sub(in, len - 4u);
		if (type == EIGRP_SOFTWARE && cur_left(&value) >= sizeof e->software)
			e->has_software = cur_copy(&value, e->software, sizeof e->software,
			                           sizeof e->software);
	}
	return cur_ok(in);
}

static bool eigrp_parse(struct cur *in, struct eigrp *e)
{
	const uint8_t version = cur_u8(in);

	e->operation = cur_u8(in);
	cur_skip(in, 16); /* checksum, flags, sequence, acknowledgement, virtual router */
	e->system = cur_be16(in);
	if (!cur_ok(in) || version != EIGRP_VERSION || e->operation == 0 ||
	    e->operation > EIGRP_LAST)
		return false;
	return e->operation != EIGRP_HELLO || eigrp_list_parse(in, e);
}

static void eigrp_tell_software(struct task *t, const struct packet *p, const struct eigrp *e)
{
	struct text text;

	text_clear(&text);
	text_decimal(&text, e->software[0]);
	text_put(&text, '.');
	text_decimal(&text, e->software[1]);
	text_add(&text, ", EIGRP ");
	text_decimal(&text, e->software[2]);
	text_put(&text, '.');
	text_decimal(&text, e->software[3]);
	tell_string(t, p, sender(p), FACT_EIGRP_SOFTWARE, &text);
}

static enum verdict eigrp_packet(struct task *t, struct packet *p, void *state)
{
	struct eigrp e = {0};

	(void)state;
	if (!eigrp_parse(&p->rest, &e) || p->cut)
		return MALFORMED;
	if (e.operation != EIGRP_HELLO)
		return NOTHING;
	tell_word(t, p, sender(p), FACT_ROLE, "router");
	tell_number(t, p, sender(p), FACT_EIGRP_AS, e.system);
	if (e.has_software)
		eigrp_tell_software(t, p, &e);
	return LEARNED;
}

SHOW(eigrp, struct eigrp, FIELD(struct eigrp, operation, SHOW_NUMBER),
     FIELD(struct eigrp, system, SHOW_NUMBER), FIELD(struct eigrp, has_software, SHOW_BOOL))

const struct observer observer_eigrp = {
	.name = "eigrp",
	.about = "routers that speak EIGRP",
	.spec = "RFC 7868",
	.claims = CLAIMS({IP_PROTOCOL, 88, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 95}, {FACT_EIGRP_AS, SAYS, 95},
                       {FACT_EIGRP_SOFTWARE, SAYS, 90}),
	.shows = SHOWS(&eigrp_show),
	.packet = eigrp_packet,
};

PROVE(eigrp_parse, struct eigrp)
