/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observer.h - all that an observer's file needs: what an observer declares, and what it may call.
 *
 * One protocol is one file src/observe/LAYER/NAME.c that defines `const struct observer
 * observer_NAME`; the build finds it. It has three kinds of functions: parse (pure and total, on
 * the cursor alone, proved), judge (is_probe: what does the message mean), and tell (the packet or
 * stream callback, which calls tell_...). A parser tells nothing; a teller reads no bytes. A list
 * is walked twice: first a pass that only judges, then one that tells, so that a malformed message
 * tells nothing.
 *
 * Dispatch follows from claims alone, never from a verdict. Callbacks borrow the packet for one
 * call: whoever needs bytes later copies them into its state, which the engine zeroes and budgets.
 */
#pragma once

#include "asset/fact.h"
#include "base/attr.h"
#include "base/cursor.h"
#include "base/hash.h"
#include "base/scratch.h"
#include "base/text.h"
#include "observe/packet.h"
#include "observe/prove.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task; /* what runs the observer; opaque here */

/*
 * What an observer says of a packet. The engine counts it; a MALFORMED of a cut packet counts as
 * truncated.
 */
enum verdict {
	LEARNED,   /* a fact was told, or the rest was forwarded */
	NOTHING,   /* well-formed, but teaches nothing */
	MALFORMED, /* ours by its form, and broken */
	NOT_MINE,  /* another protocol on this key */
	NEED_MORE, /* streams: the message is not yet whole */
	VERDICTS
};

/*
 * A key the observer wants; for the sniff spaces a pattern: hex bytes, ?? for any, 'text', as in
 * "16 03 ??" and "'SSH-'".
 */
struct claim {
	enum space space;
	uint64_t key;
	const char *pattern;
};
#define CLAIMS(...) ((const struct claim[]){__VA_ARGS__, {NO_SPACE, 0, NULL}})

/* A kind it may tell, what that proves, and how sure it is, 0..100. */
struct tells {
	enum fact_kind kind;
	enum grade grade;
	uint8_t confidence;
};
#define TELLS(...) ((const struct tells[]){__VA_ARGS__, {FACT_NONE, SAYS, 0}})

/* One direction of a flow, as a stream observer sees it. */
struct stream {
	bool from_client; /* the bytes come from the side that opened the connection (a guess when midstream) */
	bool first; /* no byte of this direction was consumed before */
	bool midstream; /* the capture starts in mid-dialogue: the first bytes are not the stream's first */
	bool gap; /* bytes were lost; this is the end of what is offered */
	bool end; /* no more will come: FIN, RST, gap, limit or end of capture */
};

/* A parsed struct's fields, for `havainto trace` and the case files' `parse` lines: see SHOW. */
enum show { SHOW_NUMBER, SHOW_HEX, SHOW_BOOL, SHOW_MAC, SHOW_IP4, SHOW_IP6, SHOW_TEXT, SHOW_BYTES };
struct field {
	const char *name;
	enum show show;
	uint16_t offset, size;
};
struct shown {
	const char *name; /* of the parser: "arp" for arp_parse */
	size_t size;      /* of its struct */
	bool (*parse)(struct cur *in, void *out);
	const struct field *fields;
	unsigned field_count;
};

struct observer {
	const char *name;  /* "dhcp" */
	const char *about; /* "DHCPv4 clients and servers" */
	const char *spec;  /* "RFC 2131, RFC 2132" */
	const struct claim *claims;
	const struct tells *tells;
	const struct shown *const *shows; /* ends with NULL */
	size_t state_size;                /* zeroed by the engine: per task */
	size_t flow_state_size;           /* per flow; at most FLOW_STATE_MAX */
	uint32_t stream_bytes;            /* offered of each direction; 0: 16 KiB, at most 64 KiB */
	enum verdict (*packet)(struct task *t, struct packet *p, void *state);
	enum verdict (*stream)(struct task *t, struct packet *p, struct cur *in,
	                       const struct stream *s, void *flow_state);
	void (*tick)(struct task *t, uint64_t now_ns, void *state);
	void (*finish)(struct task *t, void *state);
};
#define FLOW_STATE_MAX 64

/*
 * SHOW(arp, struct arp, FIELD(struct arp, op, SHOW_NUMBER), ...) makes arp_show of arp_parse; name
 * it in the observer: .shows = SHOWS(&arp_show).
 */
#define FIELD(type, member, how)                                                  \
	{                                                                         \
#member, how, offsetof(type, member), sizeof(((type *)0)->member) \
	}
#ifdef __FRAMAC__
#define SHOW(name, type, ...) extern const struct shown name##_show;
#else
#define SHOW(name_, type, ...)                                                              \
	static bool name_##_show_parse(struct cur *in, void *out)                           \
	{                                                                                   \
		return name_##_parse(in, (type *)out);                                      \
	}                                                                                   \
	static const struct field name_##_fields[] = {__VA_ARGS__};                         \
	static const struct shown name_##_show = {#name_, sizeof(type), name_##_show_parse, \
	                                          name_##_fields, COUNT_OF(name_##_fields)};
#endif
#define SHOWS(...) ((const struct shown *const[]){__VA_ARGS__, NULL})

/* ---- forwarding --------------------------------------------------------- */

/*
 * Gives what is left of the packet to every observer that claims (space, key); p->rest is as before
 * afterwards. True when somebody claimed it; else the key is counted as unclaimed.
 */
bool forward(struct task *t, struct packet *p, enum space space, uint64_t key) NONNULL;

/*
 * Makes `inner` the start of a packet inside a tunnel of the kind `name`, told apart by id where it
 * has one: its bytes are p->rest, its realm is new, addresses and MACs are empty. False: too deep,
 * or too many realms; the packet is refused and counted.
 */
bool packet_enter(struct task *t, const struct packet *p, const char *name, bool has_id,
                  uint32_t id, struct packet *inner) NONNULL MUST_CHECK;

/* ---- services of the task ----------------------------------------------- */

/* One fragment of a datagram (IPv4 and IPv6). */
struct fragment {
	uint32_t id;
	uint16_t offset; /* bytes */
	bool more;
	uint8_t protocol; /* IPv4; IPv6: the first fragment's next header is returned in the packet */
};
/*
 * Keeps the fragment (p->rest; p->from, p->to). True when the datagram is whole: p->rest is all of
 * it, p->protocol that of the first fragment, and p->cut false. Overlaps that differ, and too many,
 * refuse the datagram (RFC 5722).
 */
bool fragment_whole(struct task *t, struct packet *p, const struct fragment *f) NONNULL MUST_CHECK;

/* What the flow table says of a transport packet. */
struct flow_view {
	bool first;          /* first packet of the flow */
	bool answered;       /* this packet is the first from the other side */
	bool from_initiator; /* sent by the side that sent the first packet */
	bool syn_ack_first;  /* first SYN-ACK of this connection */
	bool ended;          /* TCP: nobody here takes anything more from the sender's direction */
};
/*
 * TCP: looks the flow up, reassembles, offers streams to all claimants. UDP: looks it up, forwards
 * by ports and patterns.
 */
struct flow_view flow_segment(struct task *t, struct packet *p) NONNULL;
struct flow_view flow_datagram(struct task *t, struct packet *p) NONNULL;

/*
 * The observer that runs can learn nothing more: of a stream, from this direction at all; of
 * datagrams, from those of this direction that begin with the same three bits. Where all who claim
 * it say so the kernel may keep back what follows.
 */
void had_enough(struct task *t) NONNULL;

/* Somebody asks who has this address (ARP, NDP). */
void asks_for(struct task *t, const struct packet *p, struct ip ip) NONNULL;

/* Marks what was read of `in` as whole messages: on NEED_MORE the engine comes back to here. */
void stream_message(struct task *t, const struct cur *in) NONNULL;

/* The task's second buffer (base64, decrypted, reassembled bytes). */
struct scratch *task_scratch(struct task *t) NONNULL;

/*
 * Texts that are the same for many packets, and dear to compose (wordings.h): what one is composed of
 * is hashed behind wording_of(its kind); known, it is there; else it is composed, and kept.
 */
struct hash_chain wording_of(const struct task *t, enum fact_kind kind) NONNULL;
bool wording_known(const struct task *t, uint64_t of, struct text *out) NONNULL MUST_CHECK;
void wording_keep(struct task *t, uint64_t of, const struct text *text) NONNULL;

/* ---- telling ------------------------------------------------------------ */

/*
 * Of whom a fact is told. sender(p): the packet's source MAC and address. Others: endpoint of a MAC
 * and an address the message itself names, in the same segment.
 */
struct subject {
	struct mac mac;
	struct ip ip;
};

/* As the message says. */
static inline struct subject subject_of(struct mac mac, struct ip ip)
{
	return (struct subject){.mac = mac, .ip = ip};
}

/* Source MAC, source address (or none). */
static inline struct subject sender(const struct packet *p)
{
	return subject_of(p->source, p->from);
}

/* Source MAC, no address: link-layer facts. */
static inline struct subject sender_link(const struct packet *p)
{
	return (struct subject){.mac = p->source};
}

/* Destination MAC and address. */
static inline struct subject receiver(const struct packet *p)
{
	return subject_of(p->destination, p->to);
}

void tell_text(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
               struct cur value) NONNULL; /* a window of the packet */
void tell_string(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
                 const struct text *value) NONNULL; /* a built text */
void tell_word(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
               const char *word) NONNULL; /* a constant: roles */
void tell_bytes(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
                const uint8_t *bytes, uint32_t len) NONNULL; /* HEX, CODES */
void tell_number(struct task *t, const struct packet *p, struct subject who, enum fact_kind kind,
                 uint32_t number) NONNULL;
/*
 * IPV4 or IPV6 by the address's family; the subject is (mac, ip) itself. Does nothing where ip is
 * not a host's (ip_is_host).
 */
void tell_address(struct task *t, const struct packet *p, struct mac mac, struct ip ip) NONNULL;
/*
 * The packet's sender answers at the port it came from: SERVICE, and of whom it answered TALKS_IPV4 or TALKS_IPV6,
 * where both addresses are private: who asked one of the internet's servers is told nobody.
 */
void tell_answer(struct task *t, const struct packet *p, uint8_t protocol) NONNULL;
/* The endpoint's traffic: counts one packet and its wire bytes. */
void tell_seen(struct task *t, const struct packet *p, struct subject who) NONNULL;
