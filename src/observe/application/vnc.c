/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vnc.c - the version of the remote framebuffer protocol that a VNC server offers and its client
 * takes (RFC 6143, 7.1.1).
 *
 * Each side begins with twelve bytes, "RFB 003.008" and a line feed; 003.889 is Apple's, 004.001
 * and 005.000 are RealVNC's. What follows depends on what both agree upon, and is passed over.
 */
#include "observe/observer.h"

enum { VNC_PORT = 5900, VNC_LINE = 12 };

struct vnc {
	struct text version; /* "003.008" */
	bool more;
};

static bool vnc_is_number(struct cur *in)
{
	for (unsigned i = 0; i < 3; i++) {
		const uint8_t b = cur_u8(in);
		if (b < '0' || b > '9')
			return false;
	}
	return cur_ok(in);
}

static bool vnc_parse(struct cur *in, struct vnc *v)
{
	v->more = cur_left(in) < VNC_LINE && (cur_left(in) == 0 || cur_peek8(in) == 'R');
	if (!cur_is(in, "RFB "))
		return false;
	struct cur version = cur_sub(in, 7);
	struct cur numbers = version;
	if (cur_u8(in) != '\n' || !vnc_is_number(&numbers) || cur_u8(&numbers) != '.' ||
	    !vnc_is_number(&numbers))
		return false;
	cur_text(&version, 7, &v->version);
	return cur_ok(in);
}

static enum verdict vnc_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct vnc v = {0};

	(void)state;
	if (!s->first) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (!vnc_parse(in, &v))
		return v.more && !s->end ? NEED_MORE : NOT_MINE;
	tell_string(t, p, sender(p), FACT_VNC_VERSION, &v.version);
	return LEARNED;
}

SHOW(vnc, struct vnc, FIELD(struct vnc, version, SHOW_TEXT), FIELD(struct vnc, more, SHOW_BOOL))

const struct observer observer_vnc = {
	.name = "vnc",
	.about = "VNC servers and clients by their protocol version",
	.spec = "RFC 6143",
	.claims = CLAIMS({TCP_PORT, VNC_PORT, NULL}, {TCP_SNIFF, 0, "'RFB 00'"}),
	.tells = TELLS({FACT_VNC_VERSION, SAYS, 95}),
	.shows = SHOWS(&vnc_show),
	.stream_bytes = 4096,
	.stream = vnc_stream,
};

PROVE(vnc_parse, struct vnc)
