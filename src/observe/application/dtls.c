/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls.c - the hellos of TLS over datagrams: DTLS 1.0 to 1.3 (RFC 6347, RFC 9147), as WebRTC, VPNs,
 * CoAP and remote desktops use it.
 *
 * A datagram holds whole records. A hello is the first message of its flight and
 * begins a record; it is read where it is not fragmented, as all are that fit a datagram. A client
 * that was sent a cookie says its hello again, with the same facts.
 */
#include "observe/shared/tls_tell.h"

enum { DTLS_HANDSHAKE = 22 };

struct dtls {
	uint8_t type;
	uint16_t version, epoch;
	struct cur fragment;
};

static bool dtls_parse(struct cur *in, struct dtls *d)
{
	d->fragment = cur_sub(in, 0);
	d->type = cur_u8(in);
	d->version = cur_be16(in);
	d->epoch = cur_be16(in);
	cur_skip(in, 6);
	d->fragment = cur_sub(in, cur_be16(in));
	return cur_ok(in) && d->type >= 20 && d->type <= 25 &&
	       (d->version == 0xfeff || d->version == 0xfefd);
}

/* The message's header says which part of it this is (RFC 6347, 4.2.2). */
struct dtls_hello {
	struct tls_hello hello;
	bool is_hello; /* else another message, or a part */
};

static bool dtls_hello_parse(struct cur *in, struct dtls_hello *d)
{
	tls_hello_clear(in, &d->hello);
	d->hello.type = cur_u8(in);
	const uint32_t len = cur_be24(in);
	cur_skip(in, 2);
	const uint32_t from = cur_be24(in), part = cur_be24(in);
	struct cur body = cur_sub(in, part);
	d->is_hello = (d->hello.type == TLS_CLIENT_HELLO || d->hello.type == TLS_SERVER_HELLO) &&
	              from == 0 && part == len;
	if (!d->is_hello)
		return cur_ok(in);
	return cur_ok(in) && tls_body_parse(&body, true, &d->hello);
}

static enum verdict dtls_packet(struct task *t, struct packet *p, void *state)
{
	struct dtls_hello h = {0};
	struct dtls d = {0};

	(void)state;
	if (!dtls_parse(&p->rest, &d))
		return NOT_MINE;
	if (d.type != DTLS_HANDSHAKE || d.epoch != 0)
		return NOTHING;
	if (!dtls_hello_parse(&d.fragment, &h))
		return MALFORMED;
	if (!h.is_hello)
		return NOTHING;
	if (h.hello.type == TLS_CLIENT_HELLO)
		tls_tell_client(t, p, &h.hello, 'd');
	else
		tls_tell_server(t, p, &h.hello);
	return LEARNED;
}

SHOW(dtls, struct dtls, FIELD(struct dtls, type, SHOW_NUMBER),
     FIELD(struct dtls, version, SHOW_HEX), FIELD(struct dtls, epoch, SHOW_NUMBER))
SHOW(dtls_hello, struct dtls_hello, FIELD(struct dtls_hello, is_hello, SHOW_BOOL),
     FIELD(struct dtls_hello, hello.version, SHOW_HEX),
     FIELD(struct dtls_hello, hello.cipher_count, SHOW_NUMBER))

const struct observer observer_dtls = {
	.name = "dtls",
	.about = "DTLS clients and servers by their hellos",
	.spec = "RFC 6347, RFC 9147",
	.claims = CLAIMS({UDP_SNIFF, 0, "16 fe ff 00 00"}, {UDP_SNIFF, 0, "16 fe fd 00 00"}),
	.tells = TELLS(TLS_CLIENT_TELLS, TLS_SERVER_TELLS),
	.shows = SHOWS(&dtls_show, &dtls_hello_show),
	.packet = dtls_packet,
};

PROVE(dtls_parse, struct dtls)
PROVE(dtls_hello_parse, struct dtls_hello)
