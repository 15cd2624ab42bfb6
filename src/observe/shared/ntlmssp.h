/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ntlmssp.h - what the messages of NTLM say of client and server ([MS-NLMP]), whoever carries them.
 *
 * Three messages: a client begins (1), the server challenges it (2), the client answers (3). Fields
 * are a length and an offset from the message's start; what they point to lies behind the head, in
 * any order. The message says by itself how long each field is, not how long it is: it is read
 * within the window that its carrier gives.
 *
 *	2  of the server: its names and domain, as NetBIOS and as DNS spell them, and its version
 *	3  of the client: its host and the domain it logs in to, and its version
 *
 * A carrier's observer names NTLMSSP_TELLS among its own, and calls ntlmssp_tell() with a window
 * in which the message begins somewhere: tokens of SPNEGO and GSS-API hold it as it is. The user's
 * name, challenge and responses are read over: they are nobody's business.
 */
#pragma once

#include "observe/observer.h"

enum { NTLMSSP_CHALLENGE = 2, NTLMSSP_RESPONSE = 3 };
enum { NTLMSSP_UNICODE = 0x1, NTLMSSP_VERSION = 0x02000000 };
enum { NTLMSSP_PAIRS_MAX = 16 };

/* Ids of the pairs in a challenge's target information ([MS-NLMP], 2.2.2.1). */
enum ntlmssp_pair_id {
	NTLMSSP_END = 0,
	NTLMSSP_NB_COMPUTER = 1,
	NTLMSSP_NB_DOMAIN = 2,
	NTLMSSP_DNS_COMPUTER = 3,
	NTLMSSP_DNS_DOMAIN = 4,
	NTLMSSP_DNS_FOREST = 5
};

struct ntlmssp {
	uint32_t type, flags;
	struct cur target;       /* 2: pairs */
	uint32_t pairs;          /* of them, without their end */
	struct cur domain, host; /* 3 */
	bool has_version;
	uint8_t major, minor;
	uint16_t build;
};

struct ntlmssp_pair {
	uint16_t id;
	struct cur value;
};

/* ---- parse */

/* Length, room, offset from the start of the message. An empty field's offset may be anything. */
static inline void ntlmssp_field(struct cur *in, uint32_t start, struct cur *field)
{
	const uint16_t len = cur_le16(in);

	cur_skip(in, 2);
	const uint32_t offset = cur_le32(in);
	struct cur whole = *in;
	if (len == 0)
		return;
	if (offset > CUR_MAX)
		cur_fail(&whole);
	else
		cur_seek(&whole, start + offset);
	*field = cur_sub(&whole, len);
	if (!cur_ok(field))
		cur_fail(in);
}

/* False after the last pair and at a broken one. */
static inline bool ntlmssp_pair_next(struct cur *in, struct ntlmssp_pair *pair)
{
	if (!cur_more(in))
		return false;
	pair->id = cur_le16(in);
	pair->value = cur_sub(in, cur_le16(in));
	return cur_ok(in) && pair->id != NTLMSSP_END;
}

static inline bool ntlmssp_pairs_judge(struct ntlmssp *n)
{
	struct cur rest = n->target;
	struct ntlmssp_pair pair = {0};

	while (ntlmssp_pair_next(&rest, &pair))
		n->pairs += 1;
	return cur_ok(&rest) && n->pairs <= NTLMSSP_PAIRS_MAX;
}

/* Windows 2000 and others before it leave the version out: a field may begin in its place. */
static inline void ntlmssp_version_parse(struct cur *in, struct ntlmssp *n)
{
	struct cur at = *in;

	if ((n->flags & NTLMSSP_VERSION) == 0 || cur_left(&at) < 8)
		return;
	n->major = cur_u8(&at);
	n->minor = cur_u8(&at);
	n->build = cur_le16(&at);
	/*
	 * The revision of the protocol is 15 wherever the version is meant ([MS-NLMP], 2.2.2.10).
	 */
	cur_skip(&at, 3);
	n->has_version = cur_u8(&at) == 15 && n->major > 0;
}

static inline bool ntlmssp_parse(struct cur *in, struct ntlmssp *n)
{
	const uint32_t start = cur_pos(in);

	n->target = cur_sub(in, 0);
	n->domain = cur_sub(in, 0);
	n->host = cur_sub(in, 0);
	if (!cur_is(in, "NTLMSSP\0"))
		return false;
	n->type = cur_le32(in);
	if (n->type == NTLMSSP_CHALLENGE) {
		cur_skip(in, 8);
		n->flags = cur_le32(in);
		cur_skip(in, 16);
		/* The oldest challenge ends here. */
		if (cur_left(in) >= 8)
			ntlmssp_field(in, start, &n->target);
		ntlmssp_version_parse(in, n);
		return cur_ok(in) && ntlmssp_pairs_judge(n);
	}
	if (n->type != NTLMSSP_RESPONSE)
		return n->type == 1 && cur_ok(in);
	cur_skip(in, 16);
	ntlmssp_field(in, start, &n->domain);
	cur_skip(in, 8);
	ntlmssp_field(in, start, &n->host);
	cur_skip(in, 8);
	n->flags = cur_le32(in);
	ntlmssp_version_parse(in, n);
	return cur_ok(in);
}

/* ---- tell */

#define NTLMSSP_TELLS                                                                 \
	{FACT_NTLM_HOST, SAYS, 85}, {FACT_NTLM_DOMAIN, SAYS, 80},                     \
		{FACT_NTLM_NB_COMPUTER, SAYS, 90}, {FACT_NTLM_NB_DOMAIN, SAYS, 90},   \
		{FACT_NTLM_DNS_COMPUTER, SAYS, 90}, {FACT_NTLM_DNS_DOMAIN, SAYS, 90}, \
		{FACT_NTLM_DNS_FOREST, SAYS, 90},                                     \
	{                                                                             \
		FACT_NTLM_VERSION, SAYS, 80                                           \
	}

/* A text of the message in its character set; the OEM's as it is. */
static inline void ntlmssp_tell_text(struct task *t, const struct packet *p, enum fact_kind kind,
                                     struct cur value, bool unicode)
{
	struct text text;

	if (unicode)
		cur_utf16le(&value, cur_left(&value), &text);
	else
		cur_text(&value, cur_left(&value), &text);
	text_trim(&text);
	if (text.len > 0)
		tell_string(t, p, sender(p), kind, &text);
}

/* 10.0.19041 */
static inline void ntlmssp_tell_version(struct task *t, const struct packet *p,
                                        const struct ntlmssp *n)
{
	struct text text;

	if (!n->has_version)
		return;
	text_clear(&text);
	text_decimal(&text, n->major);
	text_put(&text, '.');
	text_decimal(&text, n->minor);
	text_put(&text, '.');
	text_decimal(&text, n->build);
	tell_string(t, p, sender(p), FACT_NTLM_VERSION, &text);
}

/* The pairs' texts are always Unicode. */
static inline void ntlmssp_tell_pair(struct task *t, const struct packet *p,
                                     const struct ntlmssp_pair *pair)
{
	static const enum fact_kind kinds[] = {FACT_NONE,
	                                       FACT_NTLM_NB_COMPUTER,
	                                       FACT_NTLM_NB_DOMAIN,
	                                       FACT_NTLM_DNS_COMPUTER,
	                                       FACT_NTLM_DNS_DOMAIN,
	                                       FACT_NTLM_DNS_FOREST};

	if (pair->id > NTLMSSP_END && pair->id <= NTLMSSP_DNS_FOREST)
		ntlmssp_tell_text(t, p, kinds[pair->id], pair->value, true);
}

/* The window's first message. Its sender is told of: of the server the challenge, of the client
 * the response. False: there is none, or it says nothing. */
static inline bool ntlmssp_tell(struct task *t, const struct packet *p, struct cur window)
{
	struct ntlmssp n = {0};

	while (cur_more(&window)) {
		struct cur at = window;
		if (!cur_is(&at, "NTLMSSP\0")) {
			cur_skip(&window, 1);
			continue;
		}
		if (!ntlmssp_parse(&window, &n) || n.type == 1)
			return false;
		struct cur pairs = n.target;
		struct ntlmssp_pair pair = {0};
		while (ntlmssp_pair_next(&pairs, &pair))
			ntlmssp_tell_pair(t, p, &pair);
		ntlmssp_tell_text(t, p, FACT_NTLM_DOMAIN, n.domain,
		                  (n.flags & NTLMSSP_UNICODE) != 0);
		ntlmssp_tell_text(t, p, FACT_NTLM_HOST, n.host, (n.flags & NTLMSSP_UNICODE) != 0);
		ntlmssp_tell_version(t, p, &n);
		return true;
	}
	return false;
}
