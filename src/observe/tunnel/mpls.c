/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mpls.c - MPLS: what is below the labels.
 *
 * Nothing says what it is. By custom (RFC 4928, 3) the first four bits tell: 4 and 6 are IP, 0
 * is a pseudowire's control word, behind which an Ethernet frame is assumed (RFC 4385; the
 * commonest), and 1 is an associated channel, that carries nothing of devices. Labels change at
 * each hop and differ between the directions: they name no realm. Labelled IP is the IP of the
 * network around, as far as anybody can tell; a pseudowire's frame is of another one.
 */
#include "observe/observer.h"

enum { MPLS_LABELS_MAX = 16, MPLS_BOTTOM = 0x100, LINKTYPE_ETHERNET = 1 };

struct mpls {
	uint32_t label; /* the innermost */
	uint8_t labels;
	uint8_t kind; /* the first four bits below */
};

static bool mpls_parse(struct cur *in, struct mpls *m)
{
	uint32_t entry = 0;

	for (unsigned i = 0; i < MPLS_LABELS_MAX && (entry & MPLS_BOTTOM) == 0; i++) {
		entry = cur_be32(in);
		m->labels += 1;
	}
	m->label = entry >> 12;
	m->kind = cur_peek8(in) >> 4;
	return cur_ok(in) && (entry & MPLS_BOTTOM) != 0;
}

static void mpls_pseudowire(struct task *t, struct packet *p)
{
	struct packet inner = {0};

	cur_skip(&p->rest, 4);
	if (cur_ok(&p->rest) && packet_enter(t, p, "mpls", false, 0, &inner))
		forward(t, &inner, LINKTYPE, LINKTYPE_ETHERNET);
}

static enum verdict mpls_packet(struct task *t, struct packet *p, void *state)
{
	struct mpls m = {0};

	(void)state;
	if (!mpls_parse(&p->rest, &m))
		return MALFORMED;
	if (m.kind == 4 || m.kind == 6)
		forward(t, p, ETHERTYPE, m.kind == 4 ? 0x0800 : 0x86dd);
	else if (m.kind == 0 && cur_left(&p->rest) > 4)
		mpls_pseudowire(t, p);
	else
		return NOTHING;
	return LEARNED;
}

SHOW(mpls, struct mpls, FIELD(struct mpls, label, SHOW_NUMBER),
     FIELD(struct mpls, labels, SHOW_NUMBER), FIELD(struct mpls, kind, SHOW_NUMBER))

const struct observer observer_mpls = {
	.name = "mpls",
	.about = "MPLS: labelled IP and Ethernet pseudowires",
	.spec = "RFC 3032, RFC 4385, RFC 4448, RFC 4928",
	.claims = CLAIMS({ETHERTYPE, 0x8847, NULL}, {ETHERTYPE, 0x8848, NULL},
                         {IP_PROTOCOL, 137, NULL}, {UDP_PORT, 6635, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&mpls_show),
	.packet = mpls_packet,
};

PROVE(mpls_parse, struct mpls)
