/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dcerpc.c - who logs in to Windows' remote procedures, over TCP.
 *
 * Fragments follow each other, each with its length in its head (C706, 12.6.3). Those that bind
 * carry credentials at their end, behind a trailer that says of what kind ([MS-RPCE], 2.2.2.11):
 * NTLM as it is, or in SPNEGO. The numbers' byte order is the sender's. The ports are given out
 * anew with each start, so all but the mapper's are found by the first fragment's form.
 */
#include "observe/shared/ntlmssp.h"

enum { DCERPC_MAPPER_PORT = 135, DCERPC_HEAD = 16, DCERPC_TRAILER = 8 };
enum { DCERPC_VERSION = 5, DCERPC_LITTLE = 0x10 };
enum dcerpc_type {
	DCERPC_REQUEST = 0,
	DCERPC_BIND = 11,
	DCERPC_BIND_ACK = 12,
	DCERPC_ALTER = 14,
	DCERPC_ALTERED = 15,
	DCERPC_AUTH3 = 16,
	DCERPC_LAST = 19
};
enum { DCERPC_SPNEGO = 9, DCERPC_NTLM = 10 };

struct dcerpc {
	uint8_t version, minor, type;
	bool more; /* the fragment is not whole yet */
	uint16_t length, auth_length;
	uint8_t auth_type;
	struct cur auth;
};

static bool dcerpc_is_ours(const struct dcerpc *d)
{
	return d->version == DCERPC_VERSION && d->minor <= 1 && d->type <= DCERPC_LAST &&
	       d->length >= DCERPC_HEAD;
}

static void dcerpc_auth_parse(struct cur *fragment, struct dcerpc *d)
{
	const uint32_t len = d->auth_length + (uint32_t)DCERPC_TRAILER;

	if (d->auth_length == 0)
		return;
	if (cur_left(fragment) < len) {
		cur_fail(fragment);
		return;
	}
	cur_skip(fragment, cur_left(fragment) - len);
	d->auth_type = cur_u8(fragment);
	cur_skip(fragment, DCERPC_TRAILER - 1);
	d->auth = cur_rest(fragment);
}

/* False: it is no fragment, or, with `more`, not yet one. */
static bool dcerpc_parse(struct cur *in, struct dcerpc *d)
{
	d->auth = cur_sub(in, 0);
	d->version = cur_u8(in);
	d->minor = cur_u8(in);
	d->type = cur_u8(in);
	cur_skip(in, 1);
	const bool little = (cur_u8(in) & DCERPC_LITTLE) != 0;
	cur_skip(in, 3);
	d->length = little ? cur_le16(in) : cur_be16(in);
	d->auth_length = little ? cur_le16(in) : cur_be16(in);
	cur_skip(in, 4);
	d->more = !cur_ok(in);
	if (d->more || !dcerpc_is_ours(d))
		return false;
	struct cur fragment = cur_sub(in, d->length - (uint32_t)DCERPC_HEAD);
	d->more = !cur_ok(in);
	dcerpc_auth_parse(&fragment, d);
	return cur_ok(&fragment);
}

static enum verdict dcerpc_message(struct task *t, const struct packet *p, const struct dcerpc *d)
{
	const bool binds = d->type >= DCERPC_BIND && d->type <= DCERPC_AUTH3;

	if (!binds || (d->auth_type != DCERPC_NTLM && d->auth_type != DCERPC_SPNEGO))
		return NOTHING;
	return ntlmssp_tell(t, p, d->auth) ? LEARNED : NOTHING;
}

static enum verdict dcerpc_stream(struct task *t, struct packet *p, struct cur *in,
                                  const struct stream *s, void *state)
{
	struct dcerpc d = {0};

	(void)state;
	if (dcerpc_parse(in, &d))
		return dcerpc_message(t, p, &d);
	if (d.more)
		return s->end ? NOTHING : NEED_MORE;
	return dcerpc_is_ours(&d) ? MALFORMED : NOT_MINE;
}

SHOW(dcerpc, struct dcerpc, FIELD(struct dcerpc, type, SHOW_NUMBER),
     FIELD(struct dcerpc, length, SHOW_NUMBER), FIELD(struct dcerpc, auth_length, SHOW_NUMBER),
     FIELD(struct dcerpc, auth_type, SHOW_NUMBER), FIELD(struct dcerpc, more, SHOW_BOOL))

const struct observer observer_dcerpc = {
	.name = "dcerpc",
	.about = "who logs in to remote procedures of Windows",
	.spec = "C706, [MS-RPCE], [MS-NLMP]",
	.claims = CLAIMS({TCP_PORT, DCERPC_MAPPER_PORT, NULL},
                         {TCP_SNIFF, 0, "05 00 0b ?? 10 00 00 00"},
                         {TCP_SNIFF, 0, "05 00 0c ?? 10 00 00 00"}),
	.tells = TELLS(NTLMSSP_TELLS),
	.shows = SHOWS(&dcerpc_show),
	.stream = dcerpc_stream,
};

PROVE(dcerpc_parse, struct dcerpc)
PROVE(ntlmssp_parse, struct ntlmssp)
