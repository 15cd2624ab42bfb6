/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channels.h - the channels of channels.def, each with a type of its own.
 *
 * Over channel.h they cost nothing: a struct packet_sender is a struct sender that takes packets
 * and nothing else, so that sending the wrong thing does not compile. For a channel NAME whose
 * items are of TYPE there are
 *
 *	struct NAME_channel NAME_channel_new(enum run run, unsigned senders);
 *	struct NAME_sender NAME_channel_sender(const struct NAME_channel *c, unsigned i);
 *	enum sent NAME_reserve(struct NAME_sender *s, uint32_t len, TYPE **room);
 *	void NAME_commit(struct NAME_sender *s);       (NAME_flush, NAME_close)
 *	void NAME_mark(struct NAME_sender *s, const struct mark *mark);
 *	enum received NAME_receive(const struct NAME_channel *c, struct NAME_received *r, int timeout_ms);
 *	TYPE *NAME_ahead(const struct NAME_channel *c);
 *	void NAME_leave(const struct NAME_channel *c);
 *
 * and what is not about items is asked of `untyped`: channel_count(c.untyped), channel_free. The
 * item types are named here and defined by those who send them.
 */
#pragma once

#include "task/channel.h"

/*
 * Which of a channel's two policies holds. A run over files loses nothing; a live one never waits.
 */
enum run { RUN_LIVE, RUN_FILE };

/* A line of channels.def, for the docs and the counters. */
struct channel_kind {
	const char *name;
	const char *item;  /* the type of its items */
	const char *about; /* "from a worker to ..." */
	size_t bytes;      /* of a lane */
	enum policy live, file;
};

extern const struct channel_kind channel_kinds[];
extern const unsigned channel_kind_count;

#define CHANNEL(NAME, TYPE, BYTES, LIVE, OVER_FILES, ABOUT)                                        \
	TYPE;                                                                                      \
	struct NAME##_channel {                                                                    \
		struct channel *untyped; /* NULL: memory was out */                                \
	};                                                                                         \
	struct NAME##_sender {                                                                     \
		struct sender *untyped;                                                            \
	};                                                                                         \
	struct NAME##_received {                                                                   \
		const TYPE *item; /* of an ITEM */                                                 \
		uint32_t len, sender;                                                              \
		struct mark mark; /* of a MARK */                                                  \
	};                                                                                         \
	static inline MUST_CHECK struct NAME##_channel NAME##_channel_new(enum run run,            \
	                                                                  unsigned senders)        \
	{                                                                                          \
		static const enum policy policies[] = {                                            \
			[RUN_LIVE] = LIVE, [RUN_FILE] = OVER_FILES};                               \
                                                                                                   \
		return (struct NAME##_channel){channel_new(#NAME, BYTES, policies[run], senders)}; \
	}                                                                                          \
	static inline MUST_CHECK struct NAME##_sender NAME##_channel_sender(                       \
		const struct NAME##_channel *c, unsigned i)                                        \
	{                                                                                          \
		return (struct NAME##_sender){channel_sender(c->untyped, i)};                      \
	}                                                                                          \
	static inline MUST_CHECK enum sent NAME##_reserve(struct NAME##_sender *s, uint32_t len,   \
	                                                  TYPE **room)                             \
	{                                                                                          \
		void *bytes = NULL;                                                                \
		const enum sent sent = channel_reserve(s->untyped, len, &bytes);                   \
		*room = bytes;                                                                     \
		return sent;                                                                       \
	}                                                                                          \
	static inline void NAME##_commit(struct NAME##_sender *s)                                  \
	{                                                                                          \
		channel_commit(s->untyped);                                                        \
	}                                                                                          \
	static inline void NAME##_flush(struct NAME##_sender *s)                                   \
	{                                                                                          \
		channel_flush(s->untyped);                                                         \
	}                                                                                          \
	static inline void NAME##_mark(struct NAME##_sender *s, const struct mark *mark)           \
	{                                                                                          \
		channel_mark(s->untyped, mark);                                                    \
	}                                                                                          \
	static inline void NAME##_close(struct NAME##_sender *s)                                   \
	{                                                                                          \
		channel_close(s->untyped);                                                         \
	}                                                                                          \
	static inline MUST_CHECK enum received NAME##_receive(                                     \
		const struct NAME##_channel *c, struct NAME##_received *r, int timeout_ms)         \
	{                                                                                          \
		struct item item = {0};                                                            \
		const enum received got = channel_receive(c->untyped, &item, timeout_ms);          \
		r->item = item.bytes;                                                              \
		r->len = item.len;                                                                 \
		r->sender = item.sender;                                                           \
		r->mark = item.mark;                                                               \
		return got;                                                                        \
	}                                                                                          \
	static inline MUST_CHECK const TYPE *NAME##_ahead(const struct NAME##_channel *c)          \
	{                                                                                          \
		return channel_ahead(c->untyped);                                                  \
	}                                                                                          \
	static inline void NAME##_leave(const struct NAME##_channel *c)                            \
	{                                                                                          \
		channel_leave(c->untyped);                                                         \
	}
#include "task/channels.def"
#undef CHANNEL
