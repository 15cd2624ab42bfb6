/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mrp.c - rings of switches and devices that stay connected when a link breaks (IEC 62439-2, 8).
 *
 * A frame has a version and elements with a type and a length: what it is for, and, common to all, a
 * number and the domain, a UUID that is all ones unless somebody set it. A manager sends tests round
 * the ring; a client tells of links that come and go. The layout is that of Wireshark's and Linux'
 * descriptions.
 */
#include "observe/observer.h"

enum { MRP_VERSION = 1, MRP_ELEMENTS = 16, MRP_COMMON = 1, MRP_TEST = 2, MRP_CHANGE = 3 };
enum { MRP_LINK_DOWN = 4, MRP_LINK_UP = 5, MRP_UUID = 16 };

struct mrp {
	uint8_t type; /* what the frame is for */
	struct cur domain;
};

static bool mrp_parse(struct cur *in, struct mrp *m)
{
	const uint16_t version = cur_be16(in);

	m->domain = cur_sub(in, 0);
	for (unsigned i = 0; i < MRP_ELEMENTS && cur_more(in); i++) {
		const uint8_t type = cur_u8(in);
		struct cur value = cur_sub(in, cur_u8(in));
		if (type == 0)
			break;
		if (type == MRP_COMMON) {
			cur_skip(&value, 2);
			m->domain = cur_sub(&value, MRP_UUID);
		} else if (m->type == 0) {
			m->type = type;
		}
		if (!cur_ok(in) || !cur_ok(&value))
			return false;
	}
	return cur_ok(in) && version == MRP_VERSION && cur_left(&m->domain) == MRP_UUID;
}

static enum verdict mrp_packet(struct task *t, struct packet *p, void *state)
{
	uint8_t domain[MRP_UUID] = {0};
	struct mrp m = {0};

	(void)state;
	if (!mrp_parse(&p->rest, &m))
		return MALFORMED;
	if (cur_copy(&m.domain, domain, sizeof domain, MRP_UUID))
		tell_bytes(t, p, sender_link(p), FACT_MRP_DOMAIN, domain, sizeof domain);
	if (m.type == MRP_TEST || m.type == MRP_CHANGE)
		tell_word(t, p, sender_link(p), FACT_MRP_ROLE, "manager");
	if (m.type == MRP_LINK_DOWN || m.type == MRP_LINK_UP)
		tell_word(t, p, sender_link(p), FACT_MRP_ROLE, "client");
	return LEARNED;
}

SHOW(mrp, struct mrp, FIELD(struct mrp, type, SHOW_NUMBER))

const struct observer observer_mrp = {
	.name = "mrp",
	.about = "rings of switches and devices",
	.spec = "IEC 62439-2",
	.claims = CLAIMS({ETHERTYPE, 0x88e3, NULL}),
	.tells = TELLS({FACT_MRP_DOMAIN, SAYS, 90}, {FACT_MRP_ROLE, SAYS, 90}),
	.shows = SHOWS(&mrp_show),
	.packet = mrp_packet,
};

PROVE(mrp_parse, struct mrp)
