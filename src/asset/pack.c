/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.c - the facts of one place, in as few bytes as they need.
 *
 * A block begins with the bytes that it uses, itself included, and its size follows from them: it
 * is the least that has room. So every change is one thing, the replacing of some bytes by others:
 * in place, or into another block when there is no room behind this one.
 *
 * A line that is SAME hangs on the one before. Before that one changes its first packet or goes,
 * the line is made to stand by itself.
 */
#include "asset/pack.h"

#include <assert.h>
#include <string.h>

#define BLOCK_HEAD 2u /* bytes used */
#define BLOCK_MAX 65535u
#define SHAPES 65535u
#define FACT_ROOM 64u /* bytes of address space for a fact: a line, and what blocks leave unused */

/*
 * How a value is kept: 0 to INLINE_MAX are its bytes, that many. As many as the longest other line
 * leaves room for: most names are one device's alone, and among `values` would take three times as many.
 */
#define INLINE_MAX 21u
#define WORD_MAX 8u /* bytes of a value that are ranked as one word */
enum { FORM_OWN = 30, FORM_HELD = 31 };
#define REF_LEN 4u

/*
 * What a device sent is told with its first packet and, of nearly all, once more: the line has room
 * for that at once, so that a million blocks need not move for a few bytes.
 */
#define SEEN_LEAST 26u

#define FRAME_MASK ((UINT64_C(1) << 46) - 1) /* two months of packets, 10 million a second */
#define COUNT_MASK ((UINT64_C(1) << 48) - 1)

struct head {
	uint64_t len : 6, once : 1, same : 1, digest : 35, form : 5, shape : 16;
};
static_assert(sizeof(struct head) == 8, "a head is a word");
static_assert(8 + 10 + 7 + 10 + 7 + INLINE_MAX == PACK_LINE_MAX, "the longest line: see pack.h");

/* A line, read. */
struct line {
	struct head head;
	struct support support;
	const uint8_t *value; /* its bytes or its reference: value_size of them */
	uint32_t least;       /* written, it has so many bytes: zeros before the value are room */
};

/* The first packet of the line before: what SAME refers to. */
struct before {
	uint64_t first_ns, frame;
	bool is_none;
};

/* ---- shapes ---- */

static uint32_t shape_of(const struct fact *f)
{
	return (uint32_t)f->kind | (uint32_t)f->by << 11 | (uint32_t)f->grade << 22 |
	       (uint32_t)f->confidence << 24 | (uint32_t)f->cut << 31;
}

static void shape_fill(struct fact *f, uint32_t shape)
{
	f->kind = (enum fact_kind)(shape & 2047u);
	f->by = shape >> 11 & 2047u;
	f->grade = shape >> 22 & 3u;
	f->confidence = shape >> 24 & 127u;
	f->cut = shape >> 31;
}

/* Nobody outside chooses shapes: any spread will do. */
static uint32_t shape_hash(uint32_t shape)
{
	return shape * 0x9e3779b1u >> 4;
}

/* The number of a shape; 0: there are too many. */
static uint16_t shape_number(struct packs *p, uint32_t shape)
{
	const uint32_t hash = shape_hash(shape);
	uint16_t *const lately = &p->shapes_lately[hash % PACK_LATELY];
	struct index_walk walk;
	uint32_t i;

	if (*lately != 0 && p->shapes[*lately] == shape)
		return *lately;
	walk = index_look(&p->shape_index, hash);
	while ((i = index_next(&walk)) != 0 && p->shapes[i] != shape)
		continue;
	if (i == 0 && p->shape_count == SHAPES)
		return 0;
	if (i == 0) {
		i = ++p->shape_count;
		p->shapes[i] = shape;
		index_put(&p->shape_index, i, hash);
	}
	*lately = (uint16_t)i;
	return *lately;
}

static enum fact_kind head_kind(const struct packs *p, struct head head)
{
	return (enum fact_kind)(p->shapes[head.shape] & 2047u);
}

/* ---- lines ---- */

static uint8_t *put_number(uint8_t *out, uint64_t n)
{
	for (; n > 127; n >>= 7)
		*out++ = (uint8_t)(n | 128);
	*out++ = (uint8_t)n;
	return out;
}

static uint64_t take_number(const uint8_t **at)
{
	uint64_t n = 0;
	unsigned shift = 0;

	for (; **at > 127; shift += 7)
		n |= (uint64_t)(*(*at)++ & 127u) << shift;
	return n | (uint64_t) * (*at)++ << shift;
}

/* Times before the epoch are small numbers too. */
static uint64_t zigzag(uint64_t n)
{
	return n << 1 ^ (0 - (n >> 63));
}

static uint64_t unzigzag(uint64_t n)
{
	return n >> 1 ^ (0 - (n & 1));
}

static uint32_t value_size(unsigned form)
{
	return form == FORM_OWN ? 0 : form == FORM_HELD ? REF_LEN : form;
}

static struct head head_at(const uint8_t *at)
{
	struct head head;

	memcpy(&head, at, sizeof head);
	return head;
}

/* The numbers behind the head of a line. */
static ALWAYS_INLINE void support_read(const struct packs *p, struct head head, const uint8_t *in,
                                       const struct before *before, struct support *s)
{
	s->first_ns = before->first_ns;
	s->frame = before->frame;
	if (!head.same) {
		s->first_ns = unzigzag(take_number(&in)) + p->epoch_ns;
		s->frame = take_number(&in);
	}
	s->last_ns = s->first_ns;
	s->count = 1;
	if (!head.once) {
		s->last_ns += take_number(&in);
		s->count = take_number(&in);
	}
	s->bytes = head_kind(p, head) == FACT_SEEN ? take_number(&in) : 0;
}

static void line_read(const struct packs *p, const uint8_t *at, const struct before *before,
                      struct line *out)
{
	out->head = head_at(at);
	out->value = at + out->head.len - value_size(out->head.form);
	out->least = 0;
	support_read(p, out->head, at + sizeof out->head, before, &out->support);
}

/* Its length. `before` may say that there is no line to refer to. */
static uint32_t line_write(const struct packs *p, const struct line *line,
                           const struct before *before, uint8_t out[PACK_LINE_MAX])
{
	const struct support *const s = &line->support;
	const uint32_t value_len = value_size(line->head.form);
	struct head head = line->head;
	uint8_t *to = out + sizeof head;

	head.same =
		!before->is_none && s->first_ns == before->first_ns && s->frame == before->frame;
	head.once = s->count == 1 && s->last_ns == s->first_ns;
	if (!head.same) {
		to = put_number(to, zigzag(s->first_ns - p->epoch_ns));
		to = put_number(to, s->frame);
	}
	if (!head.once) {
		to = put_number(to, s->last_ns - s->first_ns);
		to = put_number(to, s->count);
	}
	if (head_kind(p, head) == FACT_SEEN)
		to = put_number(to, s->bytes);
	for (; (uint32_t)(to - out) + value_len < line->least; to++)
		*to = 0;
	memcpy(to, line->value, value_len);
	to += value_len;
	head.len = (uint64_t)(to - out) & 63u;
	memcpy(out, &head, sizeof head);
	return (uint32_t)(to - out);
}

/* ---- blocks ---- */

static uint8_t *block_at(const struct packs *p, uint32_t block)
{
	return units_at(&p->units, block);
}

/* 0: there is no block. */
static uint32_t block_used(const struct packs *p, uint32_t block)
{
	uint16_t used = 0;

	if (block != 0)
		memcpy(&used, block_at(p, block), sizeof used);
	return used;
}

/* Units of a block with so many bytes: small ones fit, large ones have an eighth to grow into. */
static uint32_t block_units(uint32_t bytes)
{
	const uint32_t units = units_of(bytes);

	if (units <= 32)
		return units;
	const uint32_t shift = 28u - (uint32_t)__builtin_clz(units - 1); /* leaves 8 to 15 */
	return (((units - 1) >> shift) + 1) << shift;
}

/* A place in a block, and so many bytes there. */
struct cut {
	uint32_t at, len;
};

/* Puts bytes in the place of others; false: there is no room, and nothing changed. */
static bool block_replace(struct packs *p, uint32_t *block, struct cut old, const uint8_t *bytes,
                          uint32_t len)
{
	const uint32_t used = *block == 0 ? BLOCK_HEAD : block_used(p, *block);
	const uint32_t fresh = used - old.len + len, behind = used - old.at - old.len;
	const uint32_t from = block_units(used), to = block_units(fresh);
	const bool stays = *block != 0 && fresh <= BLOCK_MAX &&
	                   (to == from || units_resize(&p->units, *block, from, to));
	const uint32_t target = stays ? *block : fresh > BLOCK_MAX ? 0 : units_take(&p->units, to);

	if (target == 0)
		return false;
	uint8_t *const out = block_at(p, target);
	const uint8_t *const in = *block == 0 ? out : block_at(p, *block);
	if (!stays)
		memcpy(out, in, *block == 0 ? 0 : old.at);
	if (behind != 0)
		memmove(out + old.at + len, in + old.at + old.len, behind);
	memcpy(out + old.at, bytes, len);
	memcpy(out, &(uint16_t){(uint16_t)fresh}, BLOCK_HEAD);
	if (!stays && *block != 0)
		units_give(&p->units, *block, from);
	*block = target;
	return true;
}

/* Lines are passed over by their heads alone. */
struct pack_spot pack_find(const struct packs *p, uint32_t block, uint64_t digest,
                           enum fact_kind kind)
{
	const uint8_t *const bytes = block_at(p, block);
	const uint32_t used = block_used(p, block);
	struct pack_spot spot = {.at = BLOCK_HEAD};

	while (spot.at < used) {
		const struct head head = head_at(bytes + spot.at);
		spot.found = head.digest == (digest & PACK_DIGEST);
		if (spot.found)
			break;
		spot.count += head_kind(p, head) == kind;
		spot.alone = head.same ? spot.alone : spot.at;
		spot.at += head.len;
	}
	return spot;
}

/* What the line at the spot may refer to. */
static struct before before_spot(const struct packs *p, uint32_t block,
                                 const struct pack_spot *spot)
{
	const uint8_t *in = block_at(p, block) + spot->alone + sizeof(struct head);

	if (spot->alone == 0)
		return (struct before){.is_none = true};
	const uint64_t first_ns = unzigzag(take_number(&in)) + p->epoch_ns;
	return (struct before){first_ns, take_number(&in), false};
}

/* ---- changes ---- */

/* Makes the line at `at`, if there is one, stand by itself: `before` is the one it may refer to. */
static bool line_part(struct packs *p, uint32_t *block, uint32_t at, const struct before *before)
{
	const struct before none = {.is_none = true};
	uint8_t bytes[PACK_LINE_MAX];
	struct line line;

	if (at == block_used(p, *block) || !head_at(block_at(p, *block) + at).same)
		return true;
	line_read(p, block_at(p, *block) + at, before, &line);
	const uint32_t len = line_write(p, &line, &none, bytes);
	return block_replace(p, block, (struct cut){at, line.head.len}, bytes, len);
}

/* What the line behind this one may refer to. */
static struct before before_next(const struct line *line)
{
	return (struct before){line->support.first_ns, line->support.frame, false};
}

bool pack_more(struct packs *p, uint32_t *block, const struct pack_spot *spot,
               const struct support *more)
{
	uint8_t bytes[PACK_LINE_MAX];
	struct line line;

	assert(spot->found);
	const struct before before = before_spot(p, *block, spot);
	line_read(p, block_at(p, *block) + spot->at, &before, &line);
	const struct before next = before_next(&line);
	support_merge(&line.support, more);
	line.support.frame &= FRAME_MASK;
	line.support.count &= COUNT_MASK;
	const bool moves =
		line.support.first_ns != next.first_ns || line.support.frame != next.frame;
	if (moves && !line_part(p, block, spot->at + line.head.len, &next))
		return false;
	line.value = block_at(p, *block) + spot->at + line.head.len - value_size(line.head.form);
	line.least = line.head.len;
	const uint32_t len = line_write(p, &line, &before, bytes);
	return block_replace(p, block, (struct cut){spot->at, line.head.len}, bytes, len);
}

/* The form of a value, and what stands in the line; false: there is no room for the value. */
static bool value_hold(struct packs *p, const struct fact *f, const struct ip *own, uint8_t *form,
                       uint8_t bytes[INLINE_MAX])
{
	const bool is_own = (f->kind == FACT_IPV4 && own->family == 4) ||
	                    (f->kind == FACT_IPV6 && own->family == 6);
	uint32_t ref;

	*form = f->kind == FACT_SEEN || f->len <= INLINE_MAX ? (uint8_t)f->len : FORM_HELD;
	if (is_own && memcmp(f->value, own->b, f->len) == 0)
		*form = FORM_OWN;
	if (*form != FORM_HELD) {
		memcpy(bytes, f->value, value_size(*form));
		return true;
	}
	if (!values_hold(p->values, f->value, f->len, &ref))
		return false;
	memcpy(bytes, &ref, sizeof ref);
	return true;
}

static void value_drop(struct packs *p, unsigned form, const uint8_t *bytes)
{
	uint32_t ref;

	if (form != FORM_HELD)
		return;
	memcpy(&ref, bytes, sizeof ref);
	values_drop(p->values, ref);
}

bool pack_add(struct packs *p, uint32_t *block, const struct pack_spot *end, const struct fact *f,
              const struct ip *own)
{
	const uint16_t shape = shape_number(p, shape_of(f));
	uint8_t bytes[PACK_LINE_MAX], value[INLINE_MAX], form;

	if (p->facts == 0)
		p->epoch_ns = f->support.first_ns;
	if (shape == 0 || !value_hold(p, f, own, &form, value))
		return false;
	struct line line = {
		.head = {.digest = f->digest & PACK_DIGEST, .shape = shape, .form = form & 31u},
		.support = f->support,
		.value = value,
		.least = f->kind == FACT_SEEN ? SEEN_LEAST : 0};
	line.support.frame &= FRAME_MASK;
	line.support.count &= COUNT_MASK;
	const struct before before = before_spot(p, *block, end);
	const uint32_t len = line_write(p, &line, &before, bytes);
	if (!block_replace(p, block, (struct cut){end->at, 0}, bytes, len)) {
		value_drop(p, form, value);
		return false;
	}
	p->facts++;
	return true;
}

bool pack_remove(struct packs *p, uint32_t *block, uint64_t digest)
{
	const struct pack_spot spot = pack_find(p, *block, digest, FACT_NONE);
	struct cut cut = {.at = spot.at};
	uint8_t bytes[PACK_LINE_MAX];
	struct line line, next;
	uint32_t len = 0;

	assert(spot.found);
	const struct before before = before_spot(p, *block, &spot);
	line_read(p, block_at(p, *block) + spot.at, &before, &line);
	cut.len = line.head.len;
	if (cut.at + cut.len < block_used(p, *block)) {
		const struct before own = before_next(&line);
		line_read(p, block_at(p, *block) + cut.at + cut.len, &own, &next);
		len = line_write(p, &next, &before, bytes);
		cut.len += next.head.len;
	}
	uint8_t value[INLINE_MAX];
	memcpy(value, line.value, value_size(line.head.form));
	if (!block_replace(p, block, cut, bytes, len))
		return false;
	value_drop(p, line.head.form, value);
	p->facts--;
	return true;
}

/* Where the value of a line stands, and its length. */
static void line_value(const struct packs *p, struct head head, const uint8_t *at,
                       const struct ip *own, struct fact *f)
{
	uint32_t ref;

	f->value = head.form == FORM_OWN ? own->b : at;
	f->len = head.form == FORM_OWN ? (f->kind == FACT_IPV4 ? 4 : 16) : head.form;
	if (head.form != FORM_HELD)
		return;
	memcpy(&ref, at, sizeof ref);
	f->value = values_get(p->values, ref, &f->len);
}

/* Short values are one word. */
uint64_t pack_rank(uint16_t by, const uint8_t *value, size_t len)
{
	const struct hash_key open = {.k0 = by};
	uint64_t word = 0;

	if (len > WORD_MAX)
		return hash64(&open, value, len);
	memcpy(&word, value, len);
	return hash_spread(word, (uint64_t)by << 8 | len);
}

static uint64_t line_rank(const struct packs *p, struct head head, const uint8_t *value,
                          const struct ip *own)
{
	struct fact f;

	shape_fill(&f, p->shapes[head.shape]);
	line_value(p, head, value, own, &f);
	return pack_rank(f.by, f.value, f.len);
}

uint64_t pack_last(const struct packs *p, uint32_t block, enum fact_kind kind, const struct ip *own,
                   uint64_t *rank)
{
	const uint8_t *const bytes = block_at(p, block);
	const uint32_t used = block_used(p, block);
	uint64_t last = 0;

	*rank = 0;
	for (uint32_t at = BLOCK_HEAD; at < used;) {
		const struct head head = head_at(bytes + at);
		at += head.len;
		if (head_kind(p, head) != kind)
			continue;
		const uint64_t its = line_rank(p, head, bytes + at - value_size(head.form), own);
		if (its >= *rank) {
			*rank = its;
			last = head.digest;
		}
	}
	return last;
}

void pack_free(struct packs *p, uint32_t *block)
{
	const uint32_t used = block_used(p, *block);
	const uint8_t *const bytes = block_at(p, *block);

	for (uint32_t at = BLOCK_HEAD; at < used; p->facts--) {
		const struct head head = head_at(bytes + at);
		at += head.len;
		value_drop(p, head.form, bytes + at - value_size(head.form));
	}
	if (*block != 0)
		units_give(&p->units, *block, block_units(used));
	*block = 0;
}

/* ---- walking ---- */

struct pack_walk pack_look(const struct packs *p, uint32_t block, const struct ip *own)
{
	const uint8_t *const bytes = block_at(p, block);

	return (struct pack_walk){.packs = p,
	                          .own = own,
	                          .at = bytes + BLOCK_HEAD,
	                          .end = bytes + (block == 0 ? BLOCK_HEAD : block_used(p, block))};
}

bool pack_next(struct pack_walk *w, struct fact *f)
{
	const struct before before = {w->first_ns, w->frame, false};

	if (w->at == w->end)
		return false;
	const struct head head = head_at(w->at);
	support_read(w->packs, head, w->at + sizeof head, &before, &f->support);
	w->at += head.len;
	w->first_ns = f->support.first_ns;
	w->frame = f->support.frame;
	shape_fill(f, w->packs->shapes[head.shape]);
	f->digest = head.digest;
	line_value(w->packs, head, w->at - value_size(head.form), w->own, f);
	return true;
}

/* ---- set-up ---- */

static uint32_t units_for(uint32_t facts)
{
	return units_of((size_t)facts * FACT_ROOM + BLOCK_MAX) + 2;
}

size_t packs_room(uint32_t facts)
{
	return units_room(units_for(facts)) + (SHAPES + 1) * sizeof(uint32_t) + index_room(SHAPES) +
	       256;
}

void packs_init(struct packs *p, struct arena *memory, struct values *values, uint32_t facts)
{
	*p = (struct packs){.values = values};
	units_init(&p->units, memory, units_for(facts));
	p->shapes = arena_take(memory, (SHAPES + 1) * sizeof *p->shapes, 64);
	assert(p->shapes != NULL);
	index_init(&p->shape_index, memory, SHAPES);
}
