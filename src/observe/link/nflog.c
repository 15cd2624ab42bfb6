/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nflog.c - packets that the Linux firewall logged (LINKTYPE_NFLOG).
 *
 * A family, then attributes with lengths that count themselves, in the byte order of the writing
 * machine, little-endian as a rule and here; each filled up to four bytes. The packet is one of
 * them. Addresses of hardware are there for some packets only, and not read.
 */
#include "observe/observer.h"

enum { NFLOG_IPV4 = 2, NFLOG_IPV6 = 10, NFLOG_PAYLOAD = 9, NFLOG_HEAD = 4 };

struct nflog {
	uint8_t family;
	uint16_t length; /* of the packet */
};

/* Leaves the cursor on the packet, which is cut to its length; false where there is none. */
static bool nflog_payload_parse(struct cur *in, struct nflog *n)
{
	while (cur_more(in)) {
		const uint32_t len = cur_le16(in);
		const uint16_t type = cur_le16(in) & 0x7fff;
		if (len < NFLOG_HEAD)
			return false;
		n->length = (uint16_t)(len - NFLOG_HEAD);
		if (type == NFLOG_PAYLOAD)
			return cur_ok(in);
		cur_skip(in, (n->length + 3u) / 4u * 4u);
	}
	return false;
}

static bool nflog_parse(struct cur *in, struct nflog *n)
{
	n->family = cur_u8(in);
	const uint8_t version = cur_u8(in);
	cur_skip(in, 2); /* number of the log */
	return version == 0 && nflog_payload_parse(in, n);
}

static enum verdict nflog_packet(struct task *t, struct packet *p, void *state)
{
	struct nflog n = {0};

	(void)state;
	if (!nflog_parse(&p->rest, &n))
		return MALFORMED;
	if (n.family != NFLOG_IPV4 && n.family != NFLOG_IPV6)
		return NOTHING;
	p->cut = cur_left(&p->rest) < n.length;
	cur_cut(&p->rest, n.length);
	forward(t, p, ETHERTYPE, n.family == NFLOG_IPV4 ? 0x0800 : 0x86dd);
	return LEARNED;
}

SHOW(nflog, struct nflog, FIELD(struct nflog, family, SHOW_NUMBER),
     FIELD(struct nflog, length, SHOW_NUMBER))

const struct observer observer_nflog = {
	.name = "nflog",
	.about = "packets logged by the Linux firewall",
	.spec = "LINKTYPE_NFLOG",
	.claims = CLAIMS({LINKTYPE, 239, NULL}),
	.tells = TELLS({FACT_NONE, SAYS, 0}),
	.shows = SHOWS(&nflog_show),
	.packet = nflog_packet,
};

PROVE(nflog_parse, struct nflog)
