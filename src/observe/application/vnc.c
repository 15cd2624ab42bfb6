/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vnc.c - the protocol version by which a shared screen greets.
 *
 * A server begins with "RFB 003.008" and a line end, twelve bytes in all (RFC 6143, 7.1.1).
 * Numbers that no standard knows are their makers': 003.889 is Apple's, 004.001 RealVNC's. The
 * client answers in the same form with what it chose: that is no version of its own.
 */
#include "observe/observer.h"

enum { VNC_PORT = 5900, VNC_GREETING = 12 };

struct vnc {
	bool more;
	struct cur version;
};

static bool vnc_is_number(struct cur in)
{
	for (unsigned i = 0; i < 3; i++) {
		const uint8_t b = cur_u8(&in);
		if (b < '0' || b > '9')
			return false;
	}
	return true;
}

static bool vnc_parse(struct cur *in, struct vnc *v)
{
	v->more = cur_left(in) < VNC_GREETING;
	v->version = cur_sub(in, 0);
	if (v->more || !cur_is(in, "RFB "))
		return false;
	v->version = cur_sub(in, 7);
	struct cur numbers = v->version;
	const struct cur major = cur_sub(&numbers, 3);
	return cur_u8(&numbers) == '.' && vnc_is_number(major) && vnc_is_number(numbers) &&
	       cur_u8(in) == '\n';
}

static enum verdict vnc_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	bool *greeted = state;
	struct vnc v = {0};

	if (*greeted || s->from_client || s->midstream) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (!vnc_parse(in, &v))
		return v.more && !s->end ? NEED_MORE : NOT_MINE;
	*greeted = true;
	tell_text(t, p, sender(p), FACT_VNC_VERSION, v.version);
	return LEARNED;
}

SHOW(vnc, struct vnc, FIELD(struct vnc, more, SHOW_BOOL))

const struct observer observer_vnc = {
	.name = "vnc",
	.about = "shared screens (VNC)",
	.spec = "RFC 6143",
	.claims = CLAIMS({TCP_PORT, VNC_PORT, NULL}, {TCP_SNIFF, 0, "'RFB '"}),
	.tells = TELLS({FACT_VNC_VERSION, SAYS, 90}),
	.shows = SHOWS(&vnc_show),
	.flow_state_size = sizeof(bool),
	.stream = vnc_stream,
};

PROVE(vnc_parse, struct vnc)
