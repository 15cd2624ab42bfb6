/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pppoe_discovery.c - PPPoE's discovery: access concentrators, and subscribers that look for one.
 *
 * An offer names the concentrator and its services (RFC 2516, 5 and appendix A); a subscriber
 * names only the service that it wants, which is empty as a rule. Cookies and unique ids are for
 * the two alone.
 */
#include "observe/observer.h"

enum { PADI = 0x09, PADO = 0x07, PADR = 0x19, PADS = 0x65, PADT = 0xa7 };
enum { PPPOE_SERVICE = 0x0101, PPPOE_CONCENTRATOR = 0x0102, PPPOE_END = 0x0000 };

struct pppoe_discovery {
	uint8_t code;
	uint16_t session, length;
	uint32_t count; /* of tags */
	struct cur tags;
};

struct pppoe_tag {
	uint16_t type;
	struct cur value;
};

static struct pppoe_tag pppoe_tag_next(struct cur *in)
{
	struct pppoe_tag tag;

	tag.type = cur_be16(in);
	tag.value = cur_sub(in, cur_be16(in));
	return tag;
}

static bool pppoe_discovery_judge(struct pppoe_discovery *d)
{
	struct cur rest = d->tags;

	while (cur_more(&rest)) {
		const struct pppoe_tag tag = pppoe_tag_next(&rest);
		if (tag.type == PPPOE_END)
			return cur_ok(&rest);
		d->count += 1;
	}
	return cur_ok(&rest);
}

static bool pppoe_discovery_parse(struct cur *in, struct pppoe_discovery *d)
{
	const uint8_t version_type = cur_u8(in);

	d->code = cur_u8(in);
	d->session = cur_be16(in);
	d->length = cur_be16(in);
	d->tags = cur_sub(in, d->length);
	if (!cur_ok(in) || version_type != 0x11)
		return false;
	if (d->code != PADI && d->code != PADO && d->code != PADR && d->code != PADS &&
	    d->code != PADT)
		return false;
	return pppoe_discovery_judge(d);
}

static void pppoe_discovery_tell(struct task *t, const struct packet *p, uint8_t code,
                                 const struct pppoe_tag *tag)
{
	if (tag->type == PPPOE_CONCENTRATOR && code == PADO)
		tell_text(t, p, sender_link(p), FACT_PPPOE_CONCENTRATOR, tag->value);
	if (tag->type == PPPOE_SERVICE && code != PADT)
		tell_text(t, p, sender_link(p),
		          code == PADO || code == PADS ? FACT_PPPOE_SERVICE : FACT_PPPOE_WANTED,
		          tag->value);
}

static enum verdict pppoe_discovery_packet(struct task *t, struct packet *p, void *state)
{
	struct pppoe_discovery d = {0};

	(void)state;
	if (!pppoe_discovery_parse(&p->rest, &d))
		return MALFORMED;
	if (d.code == PADO)
		tell_word(t, p, sender_link(p), FACT_ROLE, "access-concentrator");
	for (uint32_t i = 0; i < CUR_MAX && i < d.count && cur_more(&d.tags); i++) {
		const struct pppoe_tag tag = pppoe_tag_next(&d.tags);
		pppoe_discovery_tell(t, p, d.code, &tag);
	}
	return LEARNED;
}

SHOW(pppoe_discovery, struct pppoe_discovery, FIELD(struct pppoe_discovery, code, SHOW_HEX),
     FIELD(struct pppoe_discovery, session, SHOW_NUMBER),
     FIELD(struct pppoe_discovery, length, SHOW_NUMBER),
     FIELD(struct pppoe_discovery, count, SHOW_NUMBER))

const struct observer observer_pppoe_discovery = {
	.name = "pppoe_discovery",
	.about = "access concentrators and their subscribers",
	.spec = "RFC 2516",
	.claims = CLAIMS({ETHERTYPE, 0x8863, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 90}, {FACT_PPPOE_CONCENTRATOR, SAYS, 90},
                       {FACT_PPPOE_SERVICE, SAYS, 90}, {FACT_PPPOE_WANTED, SAYS, 80}),
	.shows = SHOWS(&pppoe_discovery_show),
	.packet = pppoe_discovery_packet,
};

PROVE(pppoe_discovery_parse, struct pppoe_discovery)
