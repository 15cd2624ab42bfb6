/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stp.c - spanning trees: STP, RSTP, MSTP and Cisco's trees of single VLANs.
 *
 * Whoever sends a BPDU is a bridge, and tells its own bridge id and the root's: the last six
 * bytes of each are a MAC address (IEEE 802.1D, 9.2.5). A port sends from a MAC of its own: the
 * bridge's is what its ports have in common. In MSTP (802.1Q, 14.4) the field of the bridge holds
 * the region's root, and the bridge itself comes later, behind the region's name; it is told of
 * these BPDUs, and not the other. A message of old Cisco switches has version 3 and another
 * layout, which its lengths give away: it is known to come from a bridge, and no more.
 *
 * A topology change notification carries nothing. Priorities, costs and times are not told:
 * they change with the tree.
 */
#include "observe/observer.h"

enum { STP_CONFIGURATION = 0x00, STP_RAPID = 0x02, STP_CHANGE = 0x80 };
enum { STP_VERSION_MST = 3, STP_MST_LEN = 64, STP_REGION_LEN = 32 };

struct stp {
	uint8_t version, type, flags;
	struct mac root, bridge; /* zero where the message does not name them */
	uint16_t port;
	struct cur region; /* MSTP: its name, filled up with zeros */
};

static void stp_id_parse(struct cur *in, struct mac *mac)
{
	cur_skip(in, 2); /* priority, and the number of the tree */
	cur_mac(in, mac);
}

static bool stp_mst_parse(struct cur *in, struct stp *s)
{
	const uint8_t first_len = cur_u8(in);
	const uint16_t len = cur_be16(in);

	s->bridge = (struct mac){{0}};
	if (!cur_ok(in) || first_len != 0 || len < STP_MST_LEN)
		return cur_ok(in);
	cur_skip(in, 1); /* format selector */
	s->region = cur_sub(in, STP_REGION_LEN);
	cur_skip(in, 2 + 16 + 4); /* revision, digest, cost within the region */
	stp_id_parse(in, &s->bridge);
	cur_skip(in, 1); /* hops */
	return cur_ok(in);
}

static bool stp_parse(struct cur *in, struct stp *s)
{
	const uint16_t protocol = cur_be16(in);

	s->region = cur_sub(in, 0);
	s->version = cur_u8(in);
	s->type = cur_u8(in);
	if (!cur_ok(in) || protocol != 0)
		return false;
	if (s->type == STP_CHANGE)
		return true;
	if (s->type != STP_CONFIGURATION && s->type != STP_RAPID)
		return false;
	s->flags = cur_u8(in);
	stp_id_parse(in, &s->root);
	cur_skip(in, 4); /* cost */
	stp_id_parse(in, &s->bridge);
	s->port = cur_be16(in);
	cur_skip(in, 8); /* four times */
	if (s->type == STP_RAPID && s->version >= STP_VERSION_MST)
		return stp_mst_parse(in, s);
	return cur_ok(in);
}

static void stp_tell_mac(struct task *t, const struct packet *p, enum fact_kind kind,
                         struct mac mac)
{
	char text[MAC_TEXT];

	if (mac_is_device(mac))
		tell_word(t, p, sender_link(p), kind, mac_format(mac, text));
}

static enum verdict stp_packet(struct task *t, struct packet *p, void *state)
{
	struct stp s = {0};

	(void)state;
	if (!stp_parse(&p->rest, &s))
		return MALFORMED;
	tell_word(t, p, sender_link(p), FACT_ROLE, "switch");
	stp_tell_mac(t, p, FACT_STP_BRIDGE, s.bridge);
	stp_tell_mac(t, p, FACT_STP_ROOT, s.root);
	tell_text(t, p, sender_link(p), FACT_STP_REGION, cur_token(&s.region, "\0"));
	return LEARNED;
}

SHOW(stp, struct stp, FIELD(struct stp, version, SHOW_NUMBER), FIELD(struct stp, type, SHOW_HEX),
     FIELD(struct stp, root, SHOW_MAC), FIELD(struct stp, bridge, SHOW_MAC),
     FIELD(struct stp, port, SHOW_HEX))

const struct observer observer_stp = {
	.name = "stp",
	.about = "bridges and the roots of their spanning trees",
	.spec = "IEEE 802.1D, IEEE 802.1Q",
	.claims = CLAIMS({LLC, 0x42, NULL}, {SNAP, 0x00000c010b, NULL}),
	.tells = TELLS({FACT_ROLE, SAYS, 90}, {FACT_STP_BRIDGE, SAYS, 95},
                       {FACT_STP_ROOT, SAYS, 90}, {FACT_STP_REGION, SAYS, 90}),
	.shows = SHOWS(&stp_show),
	.packet = stp_packet,
};

PROVE(stp_parse, struct stp)
