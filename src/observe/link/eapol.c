/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eapol.c - 802.1X: who asks for access to a port, and by which name.
 *
 * A supplicant starts and answers; an authenticator asks (IEEE 802.1X, 11.3). The outer identity
 * (RFC 3748, 5.1) is the supplicant's own word for itself, in the clear, and often a user's or a
 * machine's name: a text for people that may follow its first zero is none of it. Whoever sends a
 * request is an authenticator. Keys and certificates are not read here. In key agreement (MKA,
 * 11.11) the sender names its secure channel: a MAC and a port.
 */
#include "observe/observer.h"

enum { EAPOL_EAP = 0, EAPOL_START = 1, EAPOL_LOGOFF = 2, EAPOL_MKA = 5, EAPOL_TYPE_MAX = 9 };
enum { EAP_REQUEST = 1, EAP_RESPONSE = 2, EAP_IDENTITY = 1, EAP_CODE_MAX = 4, MKA_BASIC_MIN = 28 };

struct eapol {
	uint8_t version, type;
	uint16_t length;
	uint8_t code, method; /* EAP; method 0: none */
	struct cur identity;
	struct mac channel; /* MKA */
};

static bool eapol_eap_parse(struct cur *in, struct eapol *e)
{
	e->code = cur_u8(in);
	cur_skip(in, 1);
	const uint16_t len = cur_be16(in);
	if (!cur_ok(in) || len < 4 || e->code == 0 || e->code > EAP_CODE_MAX)
		return false;
	struct cur data = cur_sub(in, len - 4u);
	if (e->code != EAP_REQUEST && e->code != EAP_RESPONSE)
		return cur_ok(in);
	e->method = cur_u8(&data);
	if (e->code == EAP_RESPONSE && e->method == EAP_IDENTITY)
		e->identity = cur_token(&data, "\0");
	return cur_ok(in) && cur_ok(&data);
}

static bool eapol_mka_parse(struct cur *in, struct eapol *e)
{
	cur_skip(in, 2); /* version, priority of the key server */
	const uint16_t len = cur_be16(in) & 0x0fff;
	if (len < MKA_BASIC_MIN)
		return false;
	cur_mac(in, &e->channel);
	cur_skip(in, len - 6u);
	return cur_ok(in);
}

static bool eapol_parse(struct cur *in, struct eapol *e)
{
	e->identity = cur_sub(in, 0);
	e->version = cur_u8(in);
	e->type = cur_u8(in);
	e->length = cur_be16(in);
	struct cur body = cur_sub(in, e->length);
	if (!cur_ok(in) || e->version == 0 || e->version > 3 || e->type > EAPOL_TYPE_MAX)
		return false;
	if (e->type == EAPOL_EAP)
		return eapol_eap_parse(&body, e);
	return e->type != EAPOL_MKA || eapol_mka_parse(&body, e);
}

/* NULL: the message does not say. */
static const char *eapol_role(const struct eapol *e)
{
	if (e->type == EAPOL_START || e->type == EAPOL_LOGOFF)
		return "supplicant";
	if (e->type != EAPOL_EAP)
		return NULL;
	return e->code == EAP_RESPONSE ? "supplicant" : "authenticator";
}

static enum verdict eapol_packet(struct task *t, struct packet *p, void *state)
{
	struct eapol e = {0};
	char text[MAC_TEXT];

	(void)state;
	if (!eapol_parse(&p->rest, &e))
		return MALFORMED;
	const char *role = eapol_role(&e);
	if (role != NULL)
		tell_word(t, p, sender_link(p), FACT_EAP_ROLE, role);
	tell_text(t, p, sender_link(p), FACT_EAP_IDENTITY, e.identity);
	if (mac_is_device(e.channel))
		tell_word(t, p, sender_link(p), FACT_MKA_CHANNEL, mac_format(e.channel, text));
	return role != NULL || mac_is_device(e.channel) ? LEARNED : NOTHING;
}

SHOW(eapol, struct eapol, FIELD(struct eapol, version, SHOW_NUMBER),
     FIELD(struct eapol, type, SHOW_NUMBER), FIELD(struct eapol, code, SHOW_NUMBER),
     FIELD(struct eapol, method, SHOW_NUMBER), FIELD(struct eapol, channel, SHOW_MAC))

const struct observer observer_eapol = {
	.name = "eapol",
	.about = "supplicants with their names, and authenticators",
	.spec = "IEEE 802.1X, RFC 3748",
	.claims = CLAIMS({ETHERTYPE, 0x888e, NULL}),
	.tells = TELLS({FACT_EAP_ROLE, SAYS, 90}, {FACT_EAP_IDENTITY, SAYS, 90},
                       {FACT_MKA_CHANNEL, SAYS, 90}),
	.shows = SHOWS(&eapol_show),
	.packet = eapol_packet,
};

PROVE(eapol_parse, struct eapol)
