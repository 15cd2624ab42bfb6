/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x11.c - vendor and release of an X server, from its answer to a client's connection (X Window
 * System Protocol, version 11, 8, Connection Setup).
 *
 * The answer is in the byte order that the client chose in its first byte; the version, 11, shows
 * which. Its length counts words of four bytes behind the first eight.
 */
#include "observe/observer.h"

enum { X11_SUCCESS = 1, X11_VERSION = 11, X11_FIXED = 32, X11_VENDOR_MAX = 128 };

struct x11 {
	bool more, little;
	uint32_t release;
	struct cur vendor;
};

static uint16_t x11_16(struct cur *in, bool little)
{
	return little ? cur_le16(in) : cur_be16(in);
}

static bool x11_parse(struct cur *in, struct x11 *x)
{
	struct cur peek = *in;

	x->vendor = cur_sub(in, 0);
	const uint8_t status = cur_u8(&peek);
	cur_skip(&peek, 1);
	struct cur version = cur_sub(&peek, 2);
	x->little = cur_peek8(&version) == X11_VERSION;
	if ((cur_left(in) > 0 && status != X11_SUCCESS) ||
	    (cur_ok(&version) && x11_16(&version, x->little) != X11_VERSION))
		return false;
	cur_skip(&peek, 2);
	const uint32_t len = x11_16(&peek, x->little) * 4u;
	struct cur body = cur_sub(&peek, len);
	x->more = !cur_ok(&peek);
	if (x->more || len < X11_FIXED)
		return false;
	x->release = x->little ? cur_le32(&body) : cur_be32(&body);
	cur_skip(&body, 12);
	const uint16_t vendor_len = x11_16(&body, x->little);
	cur_skip(&body, X11_FIXED - 18);
	x->vendor = cur_sub(&body, vendor_len);
	cur_skip(in, cur_left(in));
	return cur_ok(&body) && vendor_len <= X11_VENDOR_MAX;
}

static enum verdict x11_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct x11 x = {0};
	struct text text;

	(void)state;
	if (!s->first || s->from_client) {
		cur_skip(in, cur_left(in));
		return NOTHING;
	}
	if (!x11_parse(in, &x))
		return x.more && !s->end ? NEED_MORE : NOT_MINE;
	cur_text(&x.vendor, cur_left(&x.vendor), &text);
	text_put(&text, ' ');
	text_decimal(&text, x.release);
	tell_string(t, p, sender(p), FACT_X11_VENDOR, &text);
	return LEARNED;
}

SHOW(x11, struct x11, FIELD(struct x11, little, SHOW_BOOL), FIELD(struct x11, release, SHOW_NUMBER),
     FIELD(struct x11, more, SHOW_BOOL))

const struct observer observer_x11 = {
	.name = "x11",
	.about = "X servers by vendor and release",
	.spec = "X11 protocol, Connection Setup",
	.claims = CLAIMS({TCP_PORT, 6000, NULL}, {TCP_PORT, 6001, NULL}, {TCP_PORT, 6002, NULL},
                         {TCP_PORT, 6003, NULL}, {TCP_PORT, 6010, NULL}, {TCP_PORT, 6011, NULL}),
	.tells = TELLS({FACT_X11_VENDOR, SAYS, 90}),
	.shows = SHOWS(&x11_show),
	.stream = x11_stream,
};

PROVE(x11_parse, struct x11)
