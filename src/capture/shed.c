/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shed.c - see shed.h. First what a frame's slot is, then marking, folding, and at last the loader.
 */
#include "capture/shed.h"

#include "base/clock.h"
#include "base/cursor.h"
#include "base/hash.h"
#include "capture/linktype.h"
#include "capture/shed_program.h"
#include "capture/shed_table.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	ETHERTYPE_QINQ = 0x88a8,
	TAG = 4,
	HEAD = 64, /* the head of a frame: 62 at most */
	RESTS = 2, /* folds */
	AHEAD = 8,
};

static_assert(sizeof((struct shed_table *)0)->begins == sizeof((struct live_options *)0)->begins,
              "an entry for each first byte");

/* What the sensor remembers of a slot; not in the slot, whose line the kernel writes to. */
struct shed_own {
	uint64_t marked_ns, heard_ns; /* when it was marked, when something was counted */
	uint32_t folds;               /* since it is not marked */
};

struct shed {
	struct shed_table *table;
	struct shed_own *own;    /* of each slot */
	uint32_t *used;          /* slots that are not free, in no order ... */
	uint32_t used_count;     /* ... so many */
	uint64_t packets, bytes; /* folded so far */
	uint64_t now_ns;         /* of the last fold */
	bool mapped;             /* the table is the kernel's */
};

/* ---- a frame's slot ---- */

static bool shed_ipv4(struct cur *in, struct shed_key *k)
{
	uint8_t addresses[8] = {0};
	const uint8_t first = cur_u8(in);

	cur_skip(in, 1);
	const uint16_t total = cur_be16(in);
	cur_skip(in, 2);
	const uint16_t fragment = cur_be16(in);
	k->ttl = cur_u8(in);
	k->protocol = cur_u8(in);
	cur_skip(in, 2);
	if (!cur_copy(in, addresses, sizeof addresses, sizeof addresses))
		return false;
	memcpy(&k->address[0], addresses, sizeof addresses);
	return first == 0x45 && (fragment & 0x3fff) == 0 && total >= 20;
}

static bool shed_ipv6(struct cur *in, struct shed_key *k)
{
	uint8_t addresses[32] = {0};
	const uint8_t first = cur_u8(in);

	cur_skip(in, 5);
	k->protocol = cur_u8(in);
	k->ttl = cur_u8(in);
	if (!cur_copy(in, addresses, sizeof addresses, sizeof addresses))
		return false;
	memcpy(k->address, addresses, sizeof addresses);
	return first >> 4 == 6;
}

/* The link's two words: the tag's id, then the header without the tag. Gives the type, 0: none. */
static uint16_t shed_link(struct cur *in, struct shed_key *k)
{
	uint8_t link[16] = {0};
	uint16_t tag = 0;

	if (!cur_copy(in, link + 2, 12, 12))
		return 0;
	uint16_t type = cur_be16(in);
	if (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ) {
		tag = 0x1000 | (cur_be16(in) & 0xfff);
		type = cur_be16(in);
	}
	memcpy(link, &tag, sizeof tag);
	link[14] = (uint8_t)(type >> 8);
	link[15] = (uint8_t)(type & 0xff);
	memcpy(k->link, link, sizeof link);
	return cur_ok(in) ? type : 0;
}

/* What the kernel's program makes of the frame; false: it keeps no such frame back. */
static bool shed_parse(struct cur *in, struct shed_key *k, uint8_t *first)
{
	enum { KERNEL_READS_IPV4 = 34, KERNEL_READS_IPV6 = 54 }; /* behind the link's header */
	uint8_t ports[4] = {0};

	*k = (struct shed_key){0};
	const uint16_t type = shed_link(in, k);
	const uint32_t left = cur_left(in);
	const bool four = type == ETHERTYPE_IP && left >= KERNEL_READS_IPV4 && shed_ipv4(in, k);
	const bool six = type == ETHERTYPE_IPV6 && left >= KERNEL_READS_IPV6 && shed_ipv6(in, k);

	if ((!four && !six) || (k->protocol != SHED_TCP && k->protocol != SHED_UDP))
		return false;
	if (!cur_copy(in, ports, sizeof ports, sizeof ports))
		return false;
	memcpy(&k->ports, ports, sizeof ports);
	cur_skip(in, 4);
	*first = cur_u8(in);
	return cur_ok(in);
}

static bool slot_is_of(const struct shed_slot *slot, const struct shed_key *k)
{
	return slot->ports == k->ports && slot->protocol == k->protocol && slot->ttl == k->ttl &&
	       memcmp(slot->address, k->address, sizeof k->address) == 0 &&
	       memcmp(slot->link, k->link, sizeof k->link) == 0;
}

/* The tag of a slot. */
static uint16_t *slot_tag(const struct shed *s, uint32_t number)
{
	return &s->table->tags[number / SHED_TAGS_EACH].of[number % SHED_TAGS_EACH];
}

/* The conversation's slot, or one that it could have (*had false). NULL: there is neither. */
static struct shed_slot *slot_find(const struct shed *s, const struct shed_key *k, uint64_t hash,
                                   bool *had)
{
	const uint32_t place = shed_place(hash);
	const uint16_t *tags = slot_tag(s, place);
	uint32_t way = shed_way(tags, shed_tag(hash));

	*had = way < SHED_WAYS;
	if (!*had)
		way = shed_way(tags, 0);
	if (way == SHED_WAYS)
		return NULL;
	struct shed_slot *const slot = &s->table->slots[place + way];
	return *had && !slot_is_of(slot, k) ? NULL : slot;
}

/* ---- marking ---- */

static uint32_t slot_number(const struct shed *s, const struct shed_slot *slot)
{
	return (uint32_t)(slot - s->table->slots);
}

/* The kernel reads the state first, and believes the rest only when it says so. */
static void slot_set_state(struct shed_slot *slot, enum shed_state state)
{
	__atomic_store_n(&slot->state, (uint8_t)state, __ATOMIC_RELEASE);
}

/* Nothing of the slot is read: it lies with the processor that wrote to it last. */
static void slot_take(struct shed *s, struct shed_slot *slot, const struct shed_key *k,
                      uint64_t hash)
{
	const uint32_t number = slot_number(s, slot);

	slot->state = SHED_LEARNING;
	memcpy(slot->link, k->link, sizeof k->link);
	memcpy(slot->address, k->address, sizeof k->address);
	slot->ports = k->ports;
	slot->protocol = k->protocol;
	slot->ttl = k->ttl;
	slot->pass = 0;
	slot->count = 0;
	s->own[number] = (struct shed_own){0};
	assert(s->used_count < SHED_SLOTS);
	s->used[s->used_count++] = number;
	__atomic_store_n(slot_tag(s, number), shed_tag(hash), __ATOMIC_RELEASE);
}

static void slot_mark(struct shed *s, struct shed_slot *slot, enum shed_state state)
{
	if (slot->state == state)
		return;
	s->own[slot_number(s, slot)] =
		(struct shed_own){.marked_ns = s->now_ns, .heard_ns = s->now_ns};
	slot_set_state(slot, state);
}

static uint8_t pass_of(const struct shed_slot *slot, enum want wanted, uint8_t first)
{
	const unsigned like_this = 1u << (first >> 5);

	if (wanted == WANT_ENDS)
		return SHED_PASS_ENDS;
	if (wanted == WANT_PAYLOAD)
		return SHED_PASS_ENDS | SHED_PASS_PAYLOAD;
	/* one kind of datagrams more is kept back, or the first */
	return (uint8_t)((slot->state >= SHED_SNIFFED ? slot->pass : UINT8_MAX) & ~like_this);
}

static void slot_want(struct shed *s, struct shed_slot *slot, uint8_t first, enum want wanted)
{
	if (wanted == WANT_BEGIN || (wanted == WANT_END && slot->state != SHED_SYN)) {
		slot_set_state(slot, SHED_LEARNING);
		return;
	}
	if (slot->state == SHED_SYN)
		return; /* of the connection before it */
	const bool sniffed = wanted == WANT_PATTERNS || slot->state == SHED_SNIFFED;

	slot->pass = pass_of(slot, wanted, first);
	slot_mark(s, slot, sniffed ? SHED_SNIFFED : SHED_DONE);
}

void shed_want(struct shed *s, const struct frame *f, enum want wanted)
{
	struct cur in = cur_make(f->bytes, f->captured);
	const bool takes = wanted != WANT_BEGIN && wanted != WANT_END;
	struct shed_key k;
	uint8_t first = 0;
	bool had = false;

	if (wanted == WANT_ALL || !shed_parse(&in, &k, &first))
		return;
	const uint64_t hash = shed_hash(&k, s->table->settings.seed);
	struct shed_slot *slot = slot_find(s, &k, hash, &had);

	if (!slot || (!had && !takes))
		return;
	if (!had)
		slot_take(s, slot, &k, hash);
	slot_want(s, slot, first, wanted);
}

/* ---- folding ---- */

/* The frame's head again, as far as the ports. */
static uint32_t head_write(const struct shed_slot *slot, uint8_t out[HEAD])
{
	uint8_t link[16];
	uint16_t tag = 0;
	uint32_t at = 14;

	memcpy(link, slot->link, sizeof link);
	memcpy(&tag, link, sizeof tag);
	memcpy(out, link + 2, 12);
	if (tag != 0) {
		const uint8_t tagged[] = {0x81, 0x00, (uint8_t)(tag >> 8 & 0x0f),
		                          (uint8_t)(tag & 0xff)};

		memcpy(out + 12, tagged, sizeof tagged);
		at += TAG;
	}
	memcpy(out + at - 2, link + 14, 2);
	uint8_t *ip = out + at;
	const bool four = link[14] == 0x08;
	const uint32_t header = four ? 20 : 40;
	memset(ip, 0, header);
	if (four) {
		const uint8_t fields[] = {0x45, 0, 0, 24, 0, 0, 0, 0, slot->ttl, slot->protocol};

		memcpy(ip, fields, sizeof fields);
		memcpy(ip + 12, slot->address, 8);
	} else {
		const uint8_t fields[] = {0x60, 0, 0, 0, 0, 4, slot->protocol, slot->ttl};

		memcpy(ip, fields, sizeof fields);
		memcpy(ip + 8, slot->address, 32);
	}
	memcpy(ip + header, &slot->ports, sizeof slot->ports);
	return at + header + (uint32_t)sizeof slot->ports;
}

static void slot_tell(struct shed *s, const struct shed_slot *slot, uint64_t count,
                      const struct fold *fold)
{
	const uint64_t packets = count >> SHED_PACKET_SHIFT;
	uint64_t bytes = count & ((UINT64_C(1) << SHED_PACKET_SHIFT) - 1);
	uint8_t head[HEAD];
	const uint32_t len = head_write(slot, head);

	if (slot->link[0] & 0x1000)
		bytes += TAG * packets; /* the kernel had taken it out */
	s->packets += packets;
	s->bytes += bytes;
	const struct frame frame = {
		.bytes = head,
		.captured = len,
		.wire = len,
		.time_ns = fold->now_ns,
		.number = fold->number,
		.iface = fold->iface,
		.linktype = LINKTYPE_ETHERNET,
	};
	fold->tell(fold->to, &frame, packets, bytes);
}

/* The next state of a slot; SHED_FREE: it has rested long enough. */
static enum shed_state slot_next(const struct shed_slot *slot, struct shed_own *own,
                                 uint64_t now_ns)
{
	const enum shed_state state = (enum shed_state)slot->state;

	if (state >= SHED_SNIFFED) {
		own->folds = 0;
		if (now_ns - own->heard_ns >= SHED_IDLE_NS)
			return SHED_RESTING;
		return now_ns - own->marked_ns >= SHED_RELEARN_NS ? SHED_LEARNING : state;
	}
	if (++own->folds < RESTS)
		return state;
	own->folds = 0;
	return state == SHED_RESTING ? SHED_FREE : SHED_RESTING;
}

/* False: the slot is free now. */
static bool slot_fold(struct shed *s, uint32_t number, const struct fold *fold)
{
	struct shed_slot *slot = &s->table->slots[number];
	struct shed_own *own = &s->own[number];
	const uint64_t count =
		slot->count ? __atomic_exchange_n(&slot->count, 0, __ATOMIC_RELAXED) : 0;

	if (count > 0) {
		own->heard_ns = fold->now_ns;
		own->folds = slot->state == SHED_RESTING ? 0 : own->folds;
		slot_tell(s, slot, count, fold);
	}
	const enum shed_state state = (enum shed_state)slot->state;
	const enum shed_state next = slot_next(slot, own, fold->now_ns);

	if (next != state)
		slot_set_state(slot, next);
	if (next == SHED_FREE)
		*slot_tag(s, number) = 0;
	return next != SHED_FREE;
}

void shed_fold(struct shed *s, const struct fold *fold)
{
	uint32_t kept = 0;

	s->now_ns = fold->now_ns;
	for (uint32_t i = 0; i < s->used_count; i++) {
		if (i + AHEAD < s->used_count)
			PREFETCH(&s->table->slots[s->used[i + AHEAD]]);
		if (slot_fold(s, s->used[i], fold))
			s->used[kept++] = s->used[i];
	}
	s->used_count = kept;
}

void shed_count(const struct shed *s, struct source_counts *counts)
{
	counts->shedding++;
	counts->shed += s->packets;
	counts->shed_bytes += s->bytes;
	for (unsigned i = 0; i < SHED_LINES; i++)
		counts->looked_at +=
			__atomic_load_n(&s->table->looked_at[i].frames, __ATOMIC_RELAXED);
}

/* ---- life ---- */

struct shed *shed_new(struct shed_table *table)
{
	struct shed *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->table = table;
	s->now_ns = clock_now_ns();
	s->own = calloc(SHED_SLOTS, sizeof *s->own);
	s->used = calloc(SHED_SLOTS, sizeof *s->used);
	if (s->own && s->used)
		return s;
	shed_free(s);
	return NULL;
}

void shed_free(struct shed *s)
{
	if (!s)
		return;
	if (s->mapped)
		munmap(s->table, sizeof *s->table);
	free(s->own);
	free(s->used);
	free(s);
}

/* ---- the kernel's side ---- */

#if defined(__x86_64__)
static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	const long result = syscall(SYS_bpf, command, attr, sizeof *attr);

	return result < 0 ? -errno : (int)result;
}

static int table_make(void)
{
	union bpf_attr make = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(struct shed_slot),
		.max_entries = SHED_ENTRIES,
		.map_flags = BPF_F_MMAPABLE,
		.map_name = "havainto_shed",
	};

	return bpf(BPF_MAP_CREATE, &make);
}

enum { LOAD_64 = 0x18 }; /* BPF_LD | BPF_IMM | BPF_DW, of which two are 0 */

/* Where the program names its table the descriptor goes. */
static int program_load(int table)
{
	struct bpf_insn code[COUNT_OF(shed_program)];
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)code,
		.insn_cnt = COUNT_OF(code),
		.license = (uintptr_t) "Apache-2.0",
		.prog_name = "havainto_shed",
	};

	memcpy(code, shed_program, sizeof code);
	for (size_t i = 0; i < COUNT_OF(code); i++) {
		if (code[i].code != LOAD_64)
			continue;
		if (code[i].src_reg == BPF_PSEUDO_MAP_FD)
			code[i].imm = table;
		i++; /* it takes two */
	}
	return bpf(BPF_PROG_LOAD, &load);
}

static int settings_write(struct shed_table *table, const struct live_options *options)
{
	struct shed_settings *settings = &table->settings;
	struct hash_key random;
	const int error = hash_key_random(&random);

	if (error)
		return error;
	settings->seed = random.k0;
	settings->share = options->share;
	settings->shares = options->fanout;
	memcpy(table->begins, options->begins, sizeof table->begins);
	return 0;
}

static int program_attach(int fd, int table)
{
	const int program = program_load(table);

	if (program < 0)
		return program;
	const int error =
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof program) ? -errno : 0;

	close(program);
	return error;
}

/* The table as memory that the kernel writes to as well; it lives as long as the mapping. */
static struct shed *table_map(int table, int *error)
{
	void *mapped =
		mmap(NULL, sizeof(struct shed_table), PROT_READ | PROT_WRITE, MAP_SHARED, table, 0);

	if (mapped == MAP_FAILED) {
		*error = -errno;
		return NULL;
	}
	struct shed *s = shed_new(mapped);

	*error = s ? 0 : -ENOMEM;
	if (s)
		s->mapped = true;
	else
		munmap(mapped, sizeof(struct shed_table));
	return s;
}

struct shed *shed_open(int fd, const struct live_options *options, int *error)
{
	const int table = table_make();

	if (table < 0) {
		*error = table;
		return NULL;
	}
	struct shed *s = table_map(table, error);

	if (s)
		*error = settings_write(s->table, options);
	if (s && *error == 0)
		*error = program_attach(fd, table);
	close(table);
	if (s && *error == 0)
		return s;
	shed_free(s);
	return NULL;
}
#else
struct shed *shed_open(int fd, const struct live_options *options, int *error)
{
	(void)fd;
	(void)options;
	*error = -EOPNOTSUPP;
	return NULL;
}
#endif
