/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scribe.c - see scribe.h.
 *
 * Of a frame that is walked the scribe gathers what was told, who found it broken and to which
 * groups it belongs; when the walk is over it is written, or held. Frames on which a new fact rests
 * are written before the frame itself: in the file each conversation is in the order in which it was
 * seen, though the conversations are not sorted by time.
 */
#include "observe/scribe.h"

#include "base/arena.h"
#include "base/text.h"
#include "net/ip.h"
#include "observe/held.h"
#include "observe/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HELD_BYTES_DEFAULT = 128 << 20,
	REMARK_MAX = 1000,
	UPPER_PDU = 252, /* LINKTYPE_WIRESHARK_UPPER_PDU */
	PDU_HEAD_MAX = 160,
	TCP = 6,
	UDP = 17,
};

/* What tells groups of fragments from conversations. */
static const uint64_t DATAGRAM = UINT64_C(1) << 63;

/* A comment that grows line by line; what finds no room is counted. */
struct remark {
	char text[REMARK_MAX];
	uint32_t len;
	unsigned more;
};

struct groups {
	uint64_t list[HELD_GROUPS];
	unsigned count;
};

struct scribe {
	struct scribe_options options;
	struct arena arena;
	struct held held;
	uint64_t refused; /* notes that found no room in the channel */

	const struct frame *frame; /* whose walk is on its way; NULL: none */
	struct groups keeps;       /* it is held under these, */
	struct groups rests;       /* and it rests on what is held under these */
	bool teaches;              /* a fact was told in it */
	struct remark taught;      /* which ones */
	struct remark broken;      /* and by whom it was found broken */
	char why[REMARK_MAX / 2];  /* the fact for whose sake held frames are written */
};

/* ---- comments ---- */

static void remark_add(struct remark *r, const char *line)
{
	const uint32_t len = (uint32_t)strlen(line);

	if (r->more > 0 || r->len + len + 1 > sizeof r->text) {
		r->more++;
		return;
	}
	memcpy(r->text + r->len, line, len);
	r->len += len;
	r->text[r->len++] = '\n';
}

/* Values are the network's: what is not plain text stands as \xNN. */
static void put_escaped(char *out, size_t cap, const char *text, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < len && at + 5 < cap; i++) {
		const uint8_t byte = (uint8_t)text[i];

		if (byte >= ' ' && byte < 0x7f && byte != '\\')
			out[at++] = text[i];
		else
			at += (size_t)snprintf(out + at, cap - at, "\\x%02x", byte);
	}
	out[at] = '\0';
}

static void put_fact(char out[REMARK_MAX / 2], const struct fact_item *fact, const uint8_t *value)
{
	const struct ip *ip = &fact->endpoint.ip;
	char raw[FACT_TEXT_MAX], text[256], mac[MAC_TEXT], address[IP_TEXT] = "";
	const size_t len = fact_format((enum fact_kind)fact->kind, value, fact->value_len, raw);

	put_escaped(text, sizeof text, raw, len);
	if (ip->family != 0)
		(void)ip_format(ip, address);
	snprintf(out, REMARK_MAX / 2, "%s %s of %s %s by %s",
	         fact_info((enum fact_kind)fact->kind)->wire, text,
	         mac_format(fact->endpoint.mac, mac), address, observers[fact->by]->name);
}

/* ---- notes ---- */

/* Where the bytes of a note go that was given room; NULL: there was none. */
static uint8_t *note_begin(struct scribe *s, enum note_kind kind, const struct frame *f,
                           uint32_t head_len, const char *comment)
{
	const uint32_t comment_len = (uint32_t)strlen(comment);
	const uint32_t captured = head_len + f->captured;
	struct note_item *room = NULL;

	if (s->options.out.reserve(s->options.out.to,
	                           (uint32_t)sizeof *room + captured + comment_len,
	                           &room) != SENT) {
		s->refused++;
		return NULL;
	}
	*room = (struct note_item){
		.time_ns = f->time_ns,
		.number = f->number,
		.captured = captured,
		.wire = head_len + f->wire,
		.iface = f->iface,
		.linktype = f->linktype,
		.comment_len = (uint16_t)comment_len,
		.kind = (uint16_t)kind,
	};
	memcpy((uint8_t *)(room + 1) + captured, comment, comment_len);
	return (uint8_t *)(room + 1);
}

static void note(struct scribe *s, enum note_kind kind, const struct frame *f,
                 const struct remark *remark)
{
	char comment[REMARK_MAX + 96];
	int len = snprintf(comment, sizeof comment, "frame %" PRIu64 "\n%.*s", f->number,
	                   (int)remark->len, remark->text);

	if (remark->more > 0)
		len += snprintf(comment + len, sizeof comment - (size_t)len, "and %u more\n",
		                remark->more);
	if (len > 0 && comment[len - 1] == '\n')
		comment[len - 1] = '\0';
	uint8_t *bytes = note_begin(s, kind, f, 0, comment);
	if (!bytes)
		return;
	memcpy(bytes, f->bytes, f->captured);
	s->options.out.commit(s->options.out.to);
}

/* ---- evidence ---- */

/* The conversation: both directions of it have the same number. */
static uint64_t conversation(const struct scribe *s, const struct packet *p, uint64_t a, uint64_t b)
{
	const uint64_t words[] = {shard_pair(&s->options.key, &p->from, &p->to), p->tunnel,
	                          (a < b ? a << 16 | b : b << 16 | a) | (uint64_t)p->protocol
	                                                                        << 32};

	return hash_words(&s->options.key, words, COUNT_OF(words)) & ~DATAGRAM;
}

static uint64_t conversation_of(const struct scribe *s, const struct packet *p)
{
	return conversation(s, p, p->from_port.n, p->to_port.n);
}

static void groups_add(struct groups *g, uint64_t group)
{
	for (unsigned i = 0; i < g->count; i++)
		if (g->list[i] == group)
			return;
	if (g->count < HELD_GROUPS)
		g->list[g->count++] = group;
}

/* The ports are what TCP and UDP begin with: of each frame it is known to whom it belongs. */
static void scribe_transport(struct scribe *s, const struct packet *p, struct cur in)
{
	const uint16_t from = cur_be16(&in), to = cur_be16(&in);

	groups_add(&s->rests, conversation(s, p, from, to));
}

static void scribe_keeps(void *to, const struct packet *p)
{
	struct scribe *s = to;
	const uint64_t group = conversation_of(s, p);

	groups_add(&s->keeps, group);
	groups_add(&s->rests, group);
}

static void scribe_fragment(void *to, uint64_t datagram)
{
	struct scribe *s = to;

	groups_add(&s->keeps, datagram | DATAGRAM);
	groups_add(&s->rests, datagram | DATAGRAM);
}

static void scribe_write_held(void *to, const struct frame *f)
{
	struct scribe *s = to;
	struct remark remark = {.len = 0};
	char line[REMARK_MAX / 2 + 32];

	snprintf(line, sizeof line, "needed for %s", s->why);
	remark_add(&remark, line);
	note(s, NOTE_EVIDENCE, f, &remark);
}

/* A fact was told in the frame: all that it rests on goes before it. */
static void scribe_write_frame(struct scribe *s, const struct frame *f)
{
	for (unsigned i = 0; i < s->rests.count; i++)
		held_take(&s->held, s->rests.list[i], scribe_write_held, s);
	note(s, NOTE_EVIDENCE, f, &s->taught);
}

static void scribe_told(void *to, const struct packet *p, const struct fact_item *fact,
                        const uint8_t *value, bool known)
{
	struct scribe *s = to;

	if (known)
		return;
	put_fact(s->why, fact, value);
	if (!s->frame || s->frame->number != p->frame) { /* of a stream that ended without one */
		held_take(&s->held, conversation_of(s, p), scribe_write_held, s);
		return;
	}
	s->teaches = true;
	remark_add(&s->taught, s->why);
}

/* ---- taps ---- */

/* Tags of an exported PDU (Wireshark's wsutil/exported_pdu_tlvs.h), all in network order. */
enum pdu_tag {
	PDU_END = 0,
	PDU_DISSECTOR = 12,
	PDU_TABLE = 14,
	PDU_IPV4_SOURCE = 20,
	PDU_IPV4_DESTINATION = 21,
	PDU_IPV6_SOURCE = 22,
	PDU_IPV6_DESTINATION = 23,
	PDU_PORT_TYPE = 24,
	PDU_SOURCE_PORT = 25,
	PDU_DESTINATION_PORT = 26,
	PDU_TABLE_VALUE = 32,
	PDU_PORT_TCP = 2,
	PDU_PORT_UDP = 3,
};

/* Where Wireshark looks up what stands behind a key. */
static const char *const pdu_tables[SPACES] = {
	[ETHERTYPE] = "ethertype",
	[LLC] = "llc.dsap",
	[IP_PROTOCOL] = "ip.proto",
};

/* Observers that Wireshark knows by another name; of the others it is the same, or unknown to it. */
static const struct {
	const char *ours, *theirs;
} pdu_names[] = {
	{"dhcp6", "dhcpv6"},
	{"kerberos", "kerberos_udp"},
	{"openvpn", "openvpn.udp"},
};

struct pdu {
	uint8_t bytes[PDU_HEAD_MAX];
	uint32_t len;
};

static void pdu_put(struct pdu *pdu, enum pdu_tag tag, const void *value, size_t len)
{
	const size_t padded = (len + 3) / 4 * 4;
	uint8_t *at = pdu->bytes + pdu->len;

	if (pdu->len + 4 + padded > sizeof pdu->bytes)
		return;
	at[0] = (uint8_t)(tag >> 8);
	at[1] = (uint8_t)(tag & 0xff);
	at[2] = (uint8_t)(padded >> 8);
	at[3] = (uint8_t)(padded & 0xff);
	memset(at + 4, 0, padded);
	memcpy(at + 4, value, len);
	pdu->len += (uint32_t)(4 + padded);
}

static void pdu_number(struct pdu *pdu, enum pdu_tag tag, uint32_t n)
{
	const uint8_t bytes[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16 & 0xff),
	                          (uint8_t)(n >> 8 & 0xff), (uint8_t)(n & 0xff)};

	pdu_put(pdu, tag, bytes, sizeof bytes);
}

static void pdu_address(struct pdu *pdu, const struct ip *ip, enum pdu_tag v4, enum pdu_tag v6)
{
	if (ip->family == 4)
		pdu_put(pdu, v4, ip->b, 4);
	else if (ip->family == 6)
		pdu_put(pdu, v6, ip->b, 16);
}

static const char *pdu_dissector(const struct observer *o)
{
	for (unsigned i = 0; i < COUNT_OF(pdu_names); i++)
		if (strcmp(pdu_names[i].ours, o->name) == 0)
			return pdu_names[i].theirs;
	return o->name;
}

static void pdu_head(struct pdu *pdu, const struct packet *p, const struct observer *o,
                     enum space space, uint64_t key)
{
	const char *table = pdu_tables[space];

	pdu->len = 0;
	if (table) {
		pdu_put(pdu, PDU_TABLE, table, strlen(table));
		pdu_number(pdu, PDU_TABLE_VALUE, (uint32_t)key);
	} else {
		pdu_put(pdu, PDU_DISSECTOR, pdu_dissector(o), strlen(pdu_dissector(o)));
	}
	pdu_address(pdu, &p->from, PDU_IPV4_SOURCE, PDU_IPV6_SOURCE);
	pdu_address(pdu, &p->to, PDU_IPV4_DESTINATION, PDU_IPV6_DESTINATION);
	if (space == TCP_PORT || space == UDP_PORT) {
		pdu_number(pdu, PDU_PORT_TYPE, space == TCP_PORT ? PDU_PORT_TCP : PDU_PORT_UDP);
		pdu_number(pdu, PDU_SOURCE_PORT, p->from_port.n);
		pdu_number(pdu, PDU_DESTINATION_PORT, p->to_port.n);
	}
	pdu_put(pdu, PDU_END, "", 0);
}

static void scribe_tap(struct scribe *s, unsigned tap, const struct packet *p, enum space space,
                       uint64_t key, const struct cur *in)
{
	const bool is_frame = space == LINKTYPE;
	const struct observer *o = s->options.taps[tap];
	const struct frame f = {
		.bytes = cur_bytes(in),
		.captured = cur_left(in),
		.wire = is_frame ? p->wire : cur_left(in),
		.time_ns = p->time_ns,
		.number = p->frame,
		.iface = p->iface,
		.linktype = is_frame ? (uint16_t)key : (uint16_t)UPPER_PDU,
	};
	struct pdu pdu = {.len = 0};
	char comment[128];

	if (!is_frame)
		pdu_head(&pdu, p, o, space, key);
	snprintf(comment, sizeof comment, "frame %" PRIu64 ": given to %s by %s %" PRIu64, p->frame,
	         o->name, space_name(space), key);
	uint8_t *bytes = note_begin(s, (enum note_kind)(NOTE_TAP + tap), &f, pdu.len, comment);
	if (!bytes)
		return;
	memcpy(bytes, pdu.bytes, pdu.len);
	if (f.captured > 0)
		memcpy(bytes + pdu.len, f.bytes, f.captured);
	s->options.out.commit(s->options.out.to);
}

/* ---- what the task shows ---- */

static void scribe_enter(void *to, const struct packet *p, const struct observer *o,
                         enum space space, uint64_t key, const struct cur *in)
{
	struct scribe *s = to;

	if (s->options.evidence && space == IP_PROTOCOL && (key == TCP || key == UDP))
		scribe_transport(s, p, *in);
	if (s->options.evidence && o->state_size > 0)
		scribe_keeps(s, p); /* it remembers what it was given */
	for (unsigned i = 0; i < s->options.tap_count; i++)
		if (s->options.taps[i] == o)
			scribe_tap(s, i, p, space, key, in);
}

static void scribe_leave(void *to, const struct observer *o, enum verdict v)
{
	struct scribe *s = to;

	if (v == MALFORMED && s->options.malformed && s->frame != NULL &&
	    s->frame->captured == s->frame->wire)
		remark_add(&s->broken, o->name);
}

static void scribe_frame_ends(struct scribe *s)
{
	const struct frame *f = s->frame;

	s->frame = NULL;
	if (s->broken.len > 0)
		note(s, NOTE_MALFORMED, f, &s->broken);
	if (s->teaches)
		scribe_write_frame(s, f);
	else if (s->options.evidence && s->keeps.count > 0)
		held_add(&s->held, f, s->keeps.list, s->keeps.count);
}

static void scribe_frame(void *to, const struct frame *f)
{
	struct scribe *s = to;

	if (!f) {
		scribe_frame_ends(s);
		return;
	}
	s->frame = f;
	s->keeps.count = s->rests.count = 0;
	s->teaches = false;
	s->taught.len = s->broken.len = 0;
	s->taught.more = s->broken.more = 0;
}

/* ---- life ---- */

struct scribe *scribe_new(const struct scribe_options *options)
{
	struct scribe *s = calloc(1, sizeof *s);
	const size_t bytes = options->held_bytes ? options->held_bytes : HELD_BYTES_DEFAULT;

	if (!s)
		return NULL;
	s->options = *options;
	if (!options->evidence || (arena_init(&s->arena, held_budget(bytes)) == 0 &&
	                           held_init(&s->held, &s->arena, bytes)))
		return s;
	scribe_free(s);
	return NULL;
}

void scribe_watch(struct scribe *s, struct task *t)
{
	const struct watch watch = {
		.to = s,
		.frame = scribe_frame,
		.enter = scribe_enter,
		.leave = scribe_leave,
		.told = s->options.evidence ? scribe_told : NULL,
		.keeps = s->options.evidence ? scribe_keeps : NULL,
		.fragment = s->options.evidence ? scribe_fragment : NULL,
	};

	task_watch(t, &watch);
}

uint64_t scribe_lost(const struct scribe *s)
{
	return s->held.lost + s->refused;
}

void scribe_free(struct scribe *s)
{
	if (!s)
		return;
	arena_free(&s->arena);
	free(s);
}
