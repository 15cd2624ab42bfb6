/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh.c - who SSH servers and clients say they are, what they offer, and a server's host key.
 *
 * Each side begins with a line "SSH-protocol-software comments", at most 255 bytes with its CR LF
 * (RFC 4253, 4.2). A server may send other lines before it; old implementations end lines with LF
 * alone. The key exchange follows in packets that are in the clear until both sides have keys (6,
 * 7.1): first what each offers, known as its HASSH, later the server's host key (8), which is the
 * same on each of its addresses. A packet that holds a group has the same number as one with a host
 * key (RFC 4419); a key begins with the name of its algorithm.
 */
#include "observe/fingerprint.h"

enum { SSH_PORT = 22, SSH_LINE_MAX = 255, SSH_LINES_MAX = 64, SSH_PACKET_MAX = 35000 };
enum { SSH_KEXINIT = 20, SSH_NEWKEYS = 21, SSH_KEX_REPLY = 31, SSH_GEX_REPLY = 33 };
enum { SSH_KEY_NAME_MIN = 6, SSH_KEY_NAME_MAX = 64 };

struct ssh {
	struct text banner; /* the identification string without its line end */
	uint32_t lines;     /* before it */
	bool more;          /* the line's end has not come yet */
};

/* "SSH-", a version, "-", a software version: the least an identification must have. */
static bool ssh_is_banner(struct cur line)
{
	if (!cur_is(&line, "SSH-"))
		return false;
	const struct cur protocol = cur_until(&line, '-');
	return cur_ok(&line) && cur_left(&protocol) > 0 && cur_left(&line) > 0;
}

/* False: no identification among these bytes, or, with `more`, not yet. */
static bool ssh_parse(struct cur *in, struct ssh *s)
{
	for (uint32_t i = 0; i < SSH_LINES_MAX && cur_more(in); i++) {
		struct cur line = cur_sub(in, 0);
		if (!cur_line(in, &line)) {
			s->more = cur_left(&line) < SSH_LINE_MAX;
			return false;
		}
		if (cur_left(&line) > SSH_LINE_MAX - 1)
			return false;
		if (ssh_is_banner(line)) {
			cur_text(&line, cur_left(&line), &s->banner);
			return true;
		}
		s->lines += 1;
	}
	s->more = s->lines < SSH_LINES_MAX && cur_ok(in);
	return false;
}

/* A packet in the clear (6). */
struct ssh_packet {
	uint8_t message;
	struct cur payload; /* behind the message's number */
	bool more;
};

static bool ssh_packet_parse(struct cur *in, struct ssh_packet *p)
{
	struct cur head = *in;

	p->payload = cur_sub(in, 0);
	const uint32_t len = cur_be32(&head);
	const uint8_t padding = cur_u8(&head);
	if (cur_ok(&head) && (len > SSH_PACKET_MAX || len < padding + 2u))
		return false;
	p->more = !cur_ok(&head) || cur_left(&head) < len - 1;
	if (p->more)
		return false;
	cur_skip(in, 5);
	p->payload = cur_sub(in, len - 1);
	cur_cut(&p->payload, len - 1 - padding);
	p->message = cur_u8(&p->payload);
	return cur_ok(in);
}

/* What a side offers (7.1): the lists of which its HASSH is made, as each side would send. */
struct ssh_offer {
	struct cur lists[10];
};

static bool ssh_offer_parse(struct cur *in, struct ssh_offer *o)
{
	cur_skip(in, 16); /* cookie */
	for (unsigned i = 0; i < 10; i++)
		o->lists[i] = cur_sub(in, cur_be32(in));
	cur_skip(in, 5);
	return cur_ok(in);
}

struct ssh_key {
	struct cur key, algorithm;
};

/* Letters, digits and -.@ alone */
static bool ssh_is_algorithm(struct cur name)
{
	if (cur_left(&name) < SSH_KEY_NAME_MIN || cur_left(&name) > SSH_KEY_NAME_MAX)
		return false;
	while (cur_more(&name)) {
		const uint8_t b = cur_u8(&name);
		const uint8_t letter = cur_lower(b);
		if ((letter < 'a' || letter > 'z') && (b < '0' || b > '9') && b != '-' &&
		    b != '.' && b != '@')
			return false;
	}
	return true;
}

static bool ssh_key_parse(struct cur *in, struct ssh_key *k)
{
	k->algorithm = cur_sub(in, 0);
	k->key = cur_sub(in, cur_be32(in));
	struct cur key = k->key;
	k->algorithm = cur_sub(&key, cur_be32(&key));
	return cur_ok(in) && cur_ok(&key) && ssh_is_algorithm(k->algorithm);
}

/* Only a server speaks before it identifies itself. */
static bool ssh_may_be(const struct ssh *s, const struct stream *stream)
{
	return s->lines == 0 || !stream->from_client;
}

/* Servers that speak both say 1.99 (5.1). */
static bool ssh_is_version_2(const struct text *banner)
{
	return banner->s[4] == '2' || (banner->s[4] == '1' && banner->s[6] == '9');
}

/* What a direction has come to. */
enum ssh_next { SSH_BANNER, SSH_PACKETS, SSH_REST };

struct ssh_flow {
	uint8_t client, server; /* enum ssh_next */
};

static void ssh_tell_offer(struct task *t, const struct packet *p, const struct ssh_offer *o,
                           bool from_client)
{
	const uint32_t side = from_client ? 0 : 1;
	/* key exchange, ciphers, MACs, compressions */
	const struct cur lists[] = {o->lists[0], o->lists[2 + side], o->lists[4 + side],
	                            o->lists[6 + side]};
	struct text text;

	hash_windows(lists, COUNT_OF(lists), &text);
	tell_string(t, p, sender(p), from_client ? FACT_SSH_HASSH : FACT_SSH_HASSH_SERVER, &text);
}

static enum verdict ssh_message(struct task *t, const struct packet *p, struct ssh_packet *packet,
                                bool from_client, uint8_t *next)
{
	struct ssh_offer offer = {0};
	struct ssh_key key = {0};
	uint8_t digest[32];

	if (packet->message == SSH_KEXINIT) {
		if (!ssh_offer_parse(&packet->payload, &offer))
			return MALFORMED;
		ssh_tell_offer(t, p, &offer, from_client);
		*next = from_client ? SSH_REST : SSH_PACKETS;
		return LEARNED;
	}
	*next = packet->message == SSH_NEWKEYS ? SSH_REST : SSH_PACKETS;
	if (from_client || (packet->message != SSH_KEX_REPLY && packet->message != SSH_GEX_REPLY) ||
	    !ssh_key_parse(&packet->payload, &key))
		return NOTHING;
	key_sha256(key.key, digest);
	tell_bytes(t, p, sender(p), FACT_SSH_HOST_KEY, digest, sizeof digest);
	*next = SSH_REST;
	return LEARNED;
}

static enum verdict ssh_banner(struct task *t, const struct packet *p, struct cur *in,
                               const struct stream *s, uint8_t *next)
{
	struct ssh ssh = {0};
	const bool whole = ssh_parse(in, &ssh);

	if (!ssh_may_be(&ssh, s))
		return NOT_MINE;
	if (!whole)
		return ssh.more && !s->end ? NEED_MORE : NOT_MINE;
	tell_string(t, p, sender(p), FACT_SSH_BANNER, &ssh.banner);
	*next = ssh_is_version_2(&ssh.banner) ? SSH_PACKETS : SSH_REST;
	return LEARNED;
}

static enum verdict ssh_packets(struct task *t, const struct packet *p, struct cur *in,
                                const struct stream *s, uint8_t *next)
{
	struct ssh_packet packet = {0};

	if (!ssh_packet_parse(in, &packet)) {
		if (packet.more && !s->end)
			return NEED_MORE;
		*next = SSH_REST;
		return packet.more ? NOTHING : MALFORMED;
	}
	return ssh_message(t, p, &packet, s->from_client, next);
}

static enum verdict ssh_stream(struct task *t, struct packet *p, struct cur *in,
                               const struct stream *s, void *state)
{
	struct ssh_flow *f = state;
	uint8_t *next = s->from_client ? &f->client : &f->server;

	if (s->first)
		*next = SSH_BANNER;
	if (*next == SSH_BANNER)
		return ssh_banner(t, p, in, s, next);
	if (*next == SSH_PACKETS)
		return ssh_packets(t, p, in, s, next);
	had_enough(t);
	return NOTHING;
}

SHOW(ssh, struct ssh, FIELD(struct ssh, banner, SHOW_TEXT), FIELD(struct ssh, lines, SHOW_NUMBER),
     FIELD(struct ssh, more, SHOW_BOOL))
SHOW(ssh_packet, struct ssh_packet, FIELD(struct ssh_packet, message, SHOW_NUMBER),
     FIELD(struct ssh_packet, more, SHOW_BOOL))

const struct observer observer_ssh = {
	.name = "ssh",
	.about = "SSH servers and clients: identification, offer, host key",
	.spec = "RFC 4253, RFC 4419",
	.claims = CLAIMS({TCP_PORT, SSH_PORT, NULL}, {TCP_SNIFF, 0, "'SSH-'"}),
	.tells = TELLS({FACT_SSH_BANNER, SAYS, 95}, {FACT_SSH_HASSH, SAYS, 95},
                       {FACT_SSH_HASSH_SERVER, SAYS, 95}, {FACT_SSH_HOST_KEY, SAYS, 95}),
	.shows = SHOWS(&ssh_show, &ssh_packet_show),
	.flow_state_size = sizeof(struct ssh_flow),
	.stream = ssh_stream,
};

PROVE(ssh_parse, struct ssh)
PROVE(ssh_packet_parse, struct ssh_packet)
PROVE(ssh_offer_parse, struct ssh_offer)
PROVE(ssh_key_parse, struct ssh_key)
