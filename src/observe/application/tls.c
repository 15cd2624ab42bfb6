/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.c - what TLS clients ask for, how both sides speak, and who they show to be: the hellos of
 * SSL 3.0 to TLS 1.3, and the certificates before 1.3 hid them.
 *
 * A stream is records of at most 16 KiB (RFC 8446, 5.1). A handshake message may span records, and
 * several may share one; a hello is the first of its side, so it begins a record, and a certificate
 * follows it or begins one. They are read where they lie; only those in several records are joined
 * in the scratch buffer. After it records are passed over, as there may be a second hello: a server
 * that asks for another key share is answered with one (RFC 8446, 4.1.4), whose fingerprint may
 * differ.
 *
 * Once keys are in use a record of type handshake holds ciphertext. It is taken for a hello
 * only if it has the form of one to the last byte.
 *
 * Some protocols change to TLS in mid-dialogue (STARTTLS, a proxy's CONNECT). On their ports, and
 * behind a CONNECT on any, the start of each segment is looked at, as long as the engine offers the
 * stream.
 */
#include "observe/shared/tls_certificate.h"
#include "observe/shared/tls_tell.h"

enum {
	TLS_CHANGE_CIPHER = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_DATA = 23,
	TLS_HEARTBEAT = 24
};
enum { TLS_RECORD_MAX = 16384 + 2048, TLS_RECORDS_MAX = 64, TLS_MESSAGES_MAX = 4 };

/* A record: only its header and window. */
struct tls {
	uint8_t type;
	uint16_t version;
	uint16_t len;
	struct cur fragment;
	bool more; /* the header is good, and bytes are missing */
};

/* As much of the header as is there must fit: text is refused at its first byte. */
static bool tls_is_header(const struct tls *r, uint32_t have)
{
	return (have < 1 || (r->type >= TLS_CHANGE_CIPHER && r->type <= TLS_HEARTBEAT)) &&
	       (have < 3 || r->version >> 8 == 3) && (have < 5 || r->len <= TLS_RECORD_MAX);
}

static bool tls_parse(struct cur *in, struct tls *r)
{
	struct cur header = *in;

	r->fragment = cur_sub(in, 0);
	r->type = cur_u8(&header);
	r->version = cur_be16(&header);
	r->len = cur_be16(&header);
	if (!tls_is_header(r, cur_left(in)))
		return false;
	r->more = !cur_ok(&header) || cur_left(&header) < r->len;
	if (r->more)
		return false;
	cur_skip(in, 5);
	r->fragment = cur_sub(in, r->len);
	return cur_ok(in);
}

/* The first four bytes of a handshake message. */
struct tls_handshake {
	uint8_t type;
	uint32_t len;
};

static bool tls_handshake_parse(struct cur *in, struct tls_handshake *h)
{
	h->type = cur_u8(in);
	h->len = cur_be24(in);
	return cur_ok(in);
}

static bool tls_is_wanted(const struct tls_handshake *h)
{
	return (h->type == TLS_CLIENT_HELLO || h->type == TLS_SERVER_HELLO ||
	        h->type == TLS_CERTIFICATE) &&
	       h->len <= SCRATCH_MAX - 4;
}

static enum verdict tls_tell_message(struct task *t, const struct packet *p, struct cur *in)
{
	struct tls_certificates certificates = {0};
	struct tls_hello h = {0};

	if (cur_peek8(in) == TLS_CERTIFICATE) {
		if (!tls_certificates_parse(in, &certificates))
			return MALFORMED;
		if (certificates.any)
			tls_tell_certificate(t, p, &certificates.own);
		return certificates.any ? LEARNED : NOTHING;
	}
	if (!tls_hello_parse(in, &h))
		return MALFORMED;
	if (h.type == TLS_CLIENT_HELLO)
		tls_tell_client(t, p, &h, 't');
	else
		tls_tell_server(t, p, &h);
	return LEARNED;
}

/* Do the messages that are wanted lie here whole? NOT_MINE: the first is none. */
static enum verdict tls_gathered(struct cur in)
{
	enum verdict v = NOT_MINE;

	for (unsigned i = 0; i < TLS_MESSAGES_MAX; i++) {
		struct tls_handshake h = {0};
		if (i > 0 && cur_left(&in) == 0)
			return v;
		if (cur_left(&in) < 4)
			return NEED_MORE;
		if (!tls_handshake_parse(&in, &h) || !tls_is_wanted(&h))
			return v;
		if (cur_left(&in) < h.len)
			return NEED_MORE;
		cur_skip(&in, h.len);
		v = LEARNED;
	}
	return v;
}

/* Tells of the messages that lie here whole, one after the other. */
static enum verdict tls_tell_messages(struct task *t, const struct packet *p, struct cur in)
{
	enum verdict all = NOT_MINE;

	for (unsigned i = 0; i < TLS_MESSAGES_MAX && cur_left(&in) >= 4; i++) {
		struct cur peek = in;
		struct tls_handshake h = {0};
		if (!tls_handshake_parse(&peek, &h) || !tls_is_wanted(&h) ||
		    cur_left(&peek) < h.len)
			return all;
		const enum verdict v = tls_tell_message(t, p, &in);
		if (v == MALFORMED)
			return all == LEARNED ? all : v;
		if (all != LEARNED)
			all = v;
	}
	return all;
}

/* Messages begin in `fragment` and go on in the records that follow: joins them. LEARNED when
 * they are whole; NEED_MORE when more has to come; else they are none. */
static enum verdict tls_join(struct task *t, struct cur *in, struct cur fragment)
{
	struct scratch *scratch = task_scratch(t);

	scratch_reset(scratch);
	for (uint32_t i = 0; i < TLS_RECORDS_MAX; i++) {
		struct tls r = {0};
		if (!scratch_add(scratch, &fragment))
			return NOT_MINE;
		const enum verdict gathered = tls_gathered(scratch_cursor(scratch));
		if (gathered != NEED_MORE)
			return gathered;
		if (!tls_parse(in, &r))
			return r.more ? NEED_MORE : NOT_MINE;
		if (r.type != TLS_HANDSHAKE)
			return NOT_MINE;
		fragment = cur_sub(&r.fragment, cur_left(&r.fragment));
	}
	return NOT_MINE;
}

/* A record of type handshake: do messages begin in it? Where they never become whole, those that
 * are count. */
static enum verdict tls_message(struct task *t, const struct packet *p, struct cur *in,
                                struct cur fragment, bool end)
{
	const enum verdict here = tls_gathered(fragment);

	if (here == NOT_MINE)
		return NOT_MINE;
	if (here == LEARNED)
		return tls_tell_messages(t, p, fragment);
	const enum verdict joined = tls_join(t, in, fragment);
	if (joined == NEED_MORE && !end)
		return NEED_MORE;
	if (joined == LEARNED)
		return tls_tell_messages(t, p, scratch_cursor(task_scratch(t)));
	return tls_tell_messages(t, p, fragment);
}

/* Ports on which a dialogue in the clear, or a proxy's, may turn into TLS: FTP, SMTP, POP3, NNTP,
 * IMAP, LDAP, SOCKS, HTTP proxies, MySQL, RDP, NX, ManageSieve, XMPP, PostgreSQL. */
static bool tls_may_start_later(struct port port)
{
	static const uint16_t ports[] = {21,   25,   110,  119,  143,  389,  587,  1080, 3128,
	                                 3306, 3389, 4000, 4190, 5222, 5269, 5432, 8080};

	for (uint32_t i = 0; i < COUNT_OF(ports); i++)
		if (ports[i] == port.n)
			return true;
	return false;
}

/* Before TLS a hello waits for the other side's word, so it begins a segment: all that is here
 * goes by. */
static enum verdict tls_other(const struct packet *p, struct cur *in, const struct stream *s)
{
	struct cur line = *in;

	if (s->first && !tls_may_start_later(p->from_port) && !tls_may_start_later(p->to_port) &&
	    !cur_is(&line, "CONNECT "))
		return NOT_MINE;
	cur_skip(in, cur_left(in));
	return NOTHING;
}

/* A record at a time: the engine comes again with what follows. Later records may be ciphertext:
 * what is no hello there is nothing wrong. Once there is application data nothing follows in the
 * clear (RFC 8446, 5). */
static enum verdict tls_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct tls r = {0};

	(void)state;
	if (!tls_parse(in, &r)) {
		if (!r.more)
			return tls_other(p, in, s);
		if (r.type != TLS_DATA)
			return s->end ? NOTHING : NEED_MORE;
	}
	if (r.type == TLS_DATA)
		had_enough(t);
	if (r.type != TLS_HANDSHAKE)
		return NOTHING;
	const enum verdict v = tls_message(t, p, in, r.fragment, s->end);
	if (v == NEED_MORE)
		return NEED_MORE;
	return v == LEARNED || (v == MALFORMED && s->first) ? v : NOTHING;
}

SHOW(tls, struct tls, FIELD(struct tls, type, SHOW_NUMBER), FIELD(struct tls, version, SHOW_HEX),
     FIELD(struct tls, len, SHOW_NUMBER))
SHOW(tls_certificates, struct tls_certificates, FIELD(struct tls_certificates, any, SHOW_BOOL),
     FIELD(struct tls_certificates, own.expires, SHOW_TEXT))
SHOW(tls_hello, struct tls_hello, FIELD(struct tls_hello, type, SHOW_NUMBER),
     FIELD(struct tls_hello, version, SHOW_HEX), FIELD(struct tls_hello, chosen, SHOW_HEX),
     FIELD(struct tls_hello, cipher_count, SHOW_NUMBER),
     FIELD(struct tls_hello, extension_count, SHOW_NUMBER),
     FIELD(struct tls_hello, has_name, SHOW_BOOL))

const struct observer observer_tls = {
	.name = "tls",
	.about = "TLS clients and servers by their hellos and certificates",
	.spec = "RFC 5246, RFC 8446, RFC 6066, RFC 5280",
	.claims = CLAIMS({TCP_PORT, 21, NULL}, {TCP_PORT, 25, NULL}, {TCP_PORT, 110, NULL},
                         {TCP_PORT, 119, NULL}, {TCP_PORT, 143, NULL}, {TCP_PORT, 389, NULL},
                         {TCP_PORT, 443, NULL}, {TCP_PORT, 465, NULL}, {TCP_PORT, 587, NULL},
                         {TCP_PORT, 636, NULL}, {TCP_PORT, 853, NULL}, {TCP_PORT, 989, NULL},
                         {TCP_PORT, 990, NULL}, {TCP_PORT, 992, NULL}, {TCP_PORT, 993, NULL},
                         {TCP_PORT, 994, NULL}, {TCP_PORT, 995, NULL}, {TCP_PORT, 1080, NULL},
                         {TCP_PORT, 3128, NULL}, {TCP_PORT, 3306, NULL}, {TCP_PORT, 3389, NULL},
                         {TCP_PORT, 4000, NULL}, {TCP_PORT, 4190, NULL}, {TCP_PORT, 5061, NULL},
                         {TCP_PORT, 5222, NULL}, {TCP_PORT, 5269, NULL}, {TCP_PORT, 5432, NULL},
                         {TCP_PORT, 8080, NULL}, {TCP_PORT, 8443, NULL}, {TCP_PORT, 8883, NULL},
                         {TCP_SNIFF, 0, "16 03 ?? ?? ?? 01"}, {TCP_SNIFF, 0, "16 03 ?? ?? ?? 02"},
                         {TCP_SNIFF, 0, "'CONNECT '"}),
	.tells = TELLS(TLS_CLIENT_TELLS, TLS_SERVER_TELLS, TLS_CERTIFICATE_TELLS),
	.shows = SHOWS(&tls_show, &tls_certificates_show, &tls_hello_show),
	.stream = tls_stream,
};

PROVE(tls_parse, struct tls)
PROVE(tls_handshake_parse, struct tls_handshake)
PROVE(tls_hello_parse, struct tls_hello)
PROVE(tls_certificates_parse, struct tls_certificates)
