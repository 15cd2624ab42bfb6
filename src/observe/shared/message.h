/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.h - what the observers of binary dialogues share: messages that say their length, and
 * texts that are none if they hold what nobody can read.
 *
 * A dialogue is read one message a call. A length that nobody needs for what we look for is no
 * message of this protocol, so that a stream of another is given up at once.
 */
#pragma once

#include "observe/observer.h"

struct message {
	struct cur body;
	bool more; /* not all of it is here */
};

/* Takes the next len bytes once all are here; refused where they are more than `longest`. */
static inline bool message_take(struct cur *in, uint32_t len, uint32_t longest, struct message *m)
{
	const bool fits = len <= longest;

	m->more = fits && cur_left(in) < len;
	m->body = cur_sub(in, fits && !m->more ? len : 0);
	return fits && !m->more;
}

/* The rest of this direction tells nothing. */
static inline enum verdict message_pass(struct cur *in)
{
	cur_skip(in, cur_left(in));
	return NOTHING;
}

/* At least one byte, and no control character: names, versions, products. */
static inline bool is_readable(struct cur text)
{
	bool readable = cur_left(&text) > 0;

	while (cur_more(&text)) {
		const uint8_t b = cur_u8(&text);
		readable = readable && b >= ' ' && b != 0x7f;
	}
	return readable;
}

static inline void tell_readable(struct task *t, const struct packet *p, enum fact_kind kind,
                                 struct cur text)
{
	if (is_readable(text))
		tell_text(t, p, sender(p), kind, text);
}
