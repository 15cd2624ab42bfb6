/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.c - the facts of one place, in as few bytes as they need.
 *
 * A block begins with the bytes that it uses, itself included, and the units that it has. Every change
 * is one thing, the replacing of some bytes by others, after the block got room for them: behind it,
 * or in another block into which it moves.
 *
 * Facts of one packet come together, so that most are added behind the line that was added last: what
 * that one may be referred to by is remembered until some other line changes.
 *
 * A line that is SAME hangs on the one before. Before that one changes its first packet or goes,
 * the line is made to stand by itself.
 */
#include "asset/pack.h"

#include <assert.h>
#include <string.h>

#define BLOCK_MAX 65535u
#define SHAPES 65535u
#define FACT_ROOM 64u /* bytes of address space for a fact: a line, and what blocks leave unused */

/*
 * How a value is kept: 0 to PACK_INLINE are its bytes, that many. As many as the longest other line
 * leaves room for: most names are one device's alone, and among `values` would take three times as many.
 */
#define WORD_MAX 8u /* bytes of a value that are ranked as one word */
enum { FORM_OWN = 30, FORM_HELD = 31 };

/*
 * What a device sent is told with its first packet and, of nearly all, once more: the line has room
 * for that at once, so that a million blocks need not move for a few bytes.
 */
#define SEEN_LEAST 26u

#define FRAME_MASK ((UINT64_C(1) << 46) - 1) /* two months of packets, 10 million a second */
#define COUNT_MASK ((UINT64_C(1) << 48) - 1)

struct block_head {
	uint16_t used, units;
};
#define BLOCK_HEAD sizeof(struct block_head)

struct head {
	uint64_t len : 6, once : 1, same : 1, digest : 35, form : 5, shape : 16;
};
static_assert(sizeof(struct head) == PACK_HEAD, "a head is a word");
static_assert(8 + 10 + 7 + 10 + 7 + PACK_INLINE == PACK_LINE_MAX, "the longest line: see pack.h");

/* A line, read. */
struct line {
	struct head head;
	struct support support;
	const uint8_t *value; /* its bytes or its reference: value_size of them */
	uint32_t least;       /* written, it has so many bytes: zeros before the value are room */
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

static uint32_t number_size(uint64_t n)
{
	return (70u - (uint32_t)__builtin_clzll(n | 1)) / 7;
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
	return form == FORM_OWN ? 0 : form == FORM_HELD ? PACK_REF : form;
}

static struct head head_at(const uint8_t *at)
{
	struct head head;

	memcpy(&head, at, sizeof head);
	return head;
}

/* The numbers behind the head of a line. */
static ALWAYS_INLINE void support_read(const struct packs *p, struct head head, const uint8_t *in,
                                       const struct pack_before *before, struct support *s)
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

static void line_read(const struct packs *p, const uint8_t *at, const struct pack_before *before,
                      struct line *out)
{
	out->head = head_at(at);
	out->value = at + out->head.len - value_size(out->head.form);
	out->least = 0;
	support_read(p, out->head, at + sizeof out->head, before, &out->support);
}

/*
 * Says how the line is written: what of it is left out, and its length. `before` may say that there is
 * no line to refer to.
 */
static void line_settle(const struct packs *p, struct line *line, const struct pack_before *before)
{
	const struct support *const s = &line->support;
	uint32_t len = PACK_HEAD + value_size(line->head.form);

	line->head.same =
		!before->is_none && s->first_ns == before->first_ns && s->frame == before->frame;
	line->head.once = s->count == 1 && s->last_ns == s->first_ns;
	if (!line->head.same)
		len += number_size(zigzag(s->first_ns - p->epoch_ns)) + number_size(s->frame);
	if (!line->head.once)
		len += number_size(s->last_ns - s->first_ns) + number_size(s->count);
	if (head_kind(p, line->head) == FACT_SEEN)
		len += number_size(s->bytes);
	line->head.len = (len > line->least ? len : line->least) & 63u;
}

/* All of a line that is settled but its value: where that belongs. */
static uint8_t *line_begin(const struct packs *p, const struct line *line, uint8_t *out)
{
	const struct support *const s = &line->support;
	uint8_t *const value = out + line->head.len - value_size(line->head.form);
	uint8_t *to = out + PACK_HEAD;

	memcpy(out, &line->head, sizeof line->head);
	if (!line->head.same) {
		to = put_number(to, zigzag(s->first_ns - p->epoch_ns));
		to = put_number(to, s->frame);
	}
	if (!line->head.once) {
		to = put_number(to, s->last_ns - s->first_ns);
		to = put_number(to, s->count);
	}
	if (head_kind(p, line->head) == FACT_SEEN)
		to = put_number(to, s->bytes);
	assert(to <= value);
	if (to != value)
		memset(to, 0, (size_t)(value - to));
	return value;
}

/* Its length. */
static uint32_t line_write(const struct packs *p, struct line *line,
                           const struct pack_before *before, uint8_t out[PACK_LINE_MAX])
{
	line_settle(p, line, before);
	memcpy(line_begin(p, line, out), line->value, value_size(line->head.form));
	return line->head.len;
}

/* ---- blocks ---- */

static uint8_t *block_at(const struct packs *p, uint32_t block)
{
	return units_at(&p->units, block);
}

/* Of no block nothing is used, and it has no units. */
static struct block_head block_head(const struct packs *p, uint32_t block)
{
	struct block_head head = {0};

	if (block != 0)
		memcpy(&head, block_at(p, block), sizeof head);
	return head;
}

static void block_set(const struct packs *p, uint32_t block, uint32_t used, uint32_t units)
{
	const struct block_head head = {(uint16_t)used, (uint16_t)units};

	memcpy(block_at(p, block), &head, sizeof head);
}

/* So many bytes of the block are used now. */
static void block_use(const struct packs *p, uint32_t block, uint32_t used)
{
	memcpy(block_at(p, block), &(uint16_t){(uint16_t)used}, sizeof(uint16_t));
}

static uint32_t block_used(const struct packs *p, uint32_t block)
{
	return block_head(p, block).used;
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

/* Makes a block have so many units, where it is or elsewhere; false: there is no room. */
static bool block_resize(struct packs *p, uint32_t *block, struct block_head head, uint32_t units)
{
	uint32_t target = *block;

	if (target == 0 || !units_resize(&p->units, target, head.units, units)) {
		target = units_take(&p->units, units);
		if (target == 0)
			return false;
		memcpy(block_at(p, target), block_at(p, *block), head.used);
	}
	if (*block != 0 && target != *block)
		units_give(&p->units, *block, head.units);
	block_set(p, target, head.used, units);
	*block = target;
	return true;
}

/* Makes room for so many bytes, and for those that are coming if there is any. */
static bool block_grow(struct packs *p, uint32_t *block, uint32_t bytes, uint32_t coming)
{
	const struct block_head head = block_head(p, *block);

	if (bytes <= head.units * UNIT)
		return true;
	if (bytes > BLOCK_MAX)
		return false;
	return (coming != 0 && bytes + coming <= BLOCK_MAX &&
	        block_resize(p, block, head, block_units(bytes + coming))) ||
	       block_resize(p, block, head, block_units(bytes));
}

/* A place in a block, and so many bytes there. */
struct cut {
	uint32_t at, len;
};

/* Puts bytes in the place of others; false: there is no room, and nothing changed. */
static bool block_replace(struct packs *p, uint32_t *block, struct cut old, const uint8_t *bytes,
                          uint32_t len)
{
	const uint32_t used = block_used(p, *block), fresh = used - old.len + len;
	const uint32_t behind = used - old.at - old.len;

	if (!block_grow(p, block, fresh, 0))
		return false;
	uint8_t *const at = block_at(p, *block) + old.at;
	if (behind != 0 && len != old.len)
		memmove(at + len, at + old.len, behind);
	memcpy(at, bytes, len);
	block_use(p, *block, fresh);
	return true;
}

/* So many bytes behind all others, to be written; NULL: there is no room. */
static uint8_t *block_append(struct packs *p, uint32_t *block, uint32_t len, uint32_t coming)
{
	const uint32_t used = *block == 0 ? BLOCK_HEAD : block_used(p, *block);

	if (!block_grow(p, block, used + len, coming))
		return NULL;
	block_use(p, *block, used + len);
	return block_at(p, *block) + used;
}

/* After lines left: what the block does not need is given back. */
static void block_trim(struct packs *p, uint32_t *block)
{
	const struct block_head head = block_head(p, *block);
	const uint32_t units = block_units(head.used);

	if (units < head.units)
		(void)block_resize(p, block, head, units);
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
static struct pack_before before_spot(const struct packs *p, uint32_t block,
                                      const struct pack_spot *spot)
{
	const uint8_t *in = block_at(p, block) + spot->alone + sizeof(struct head);

	if (spot->alone == 0)
		return (struct pack_before){.is_none = true};
	const uint64_t first_ns = unzigzag(take_number(&in)) + p->epoch_ns;
	return (struct pack_before){first_ns, take_number(&in), false};
}

/* The same of the end of a block, to which mostly something was added just before. */
static struct pack_before before_end(const struct packs *p, uint32_t block,
                                     const struct pack_spot *end)
{
	const struct pack_latest *const latest = &p->latest;

	return block != 0 && latest->block == block && latest->alone == end->alone
	               ? latest->before
	               : before_spot(p, block, end);
}

static void latest_forget(struct packs *p, uint32_t block)
{
	if (p->latest.block == block)
		p->latest = (struct pack_latest){0};
}

/* ---- changes ---- */

/* Makes the line at `at`, if there is one, stand by itself: `before` is the one it may refer to. */
static bool line_part(struct packs *p, uint32_t *block, uint32_t at,
                      const struct pack_before *before)
{
	const struct pack_before none = {.is_none = true};
	uint8_t bytes[PACK_LINE_MAX];
	struct line line;

	if (at == block_used(p, *block) || !head_at(block_at(p, *block) + at).same)
		return true;
	line_read(p, block_at(p, *block) + at, before, &line);
	const struct cut cut = {at, line.head.len};
	const uint32_t len = line_write(p, &line, &none, bytes);
	return block_replace(p, block, cut, bytes, len);
}

/* What the line behind this one may refer to. */
static struct pack_before before_next(const struct line *line)
{
	return (struct pack_before){line->support.first_ns, line->support.frame, false};
}

/* Writes a line that was read and changed in the place of what it was. */
static bool line_rewrite(struct packs *p, uint32_t *block, uint32_t at, struct line *line,
                         const struct pack_before *before)
{
	const struct cut cut = {at, line->head.len};
	uint8_t *const out = block_at(p, *block) + at;
	uint8_t bytes[PACK_LINE_MAX];

	line->value = out + cut.len - value_size(line->head.form);
	line->least = cut.len;
	line_settle(p, line, before);
	if (line->head.len == cut.len) {
		(void)line_begin(p, line, out); /* its value stays where it is */
		return true;
	}
	const uint32_t len = line_write(p, line, before, bytes);
	return block_replace(p, block, cut, bytes, len);
}

bool pack_more(struct packs *p, uint32_t *block, const struct pack_spot *spot,
               const struct support *more)
{
	const struct head head = head_at(block_at(p, *block) + spot->at);
	const struct pack_before before =
		head.same ? before_spot(p, *block, spot) : (struct pack_before){.is_none = true};
	struct line line;

	assert(spot->found);
	latest_forget(p, *block);
	line_read(p, block_at(p, *block) + spot->at, &before, &line);
	const struct pack_before next = before_next(&line);
	support_merge(&line.support, more);
	line.support.frame &= FRAME_MASK;
	line.support.count &= COUNT_MASK;
	const bool moves =
		line.support.first_ns != next.first_ns || line.support.frame != next.frame;
	if (moves && !line_part(p, block, spot->at + line.head.len, &next))
		return false;
	return line_rewrite(p, block, spot->at, &line, &before);
}

/*
 * The form of a value, and what stands in the line: its own bytes or `ref`, which is its reference then.
 * False: there is no room for the value.
 */
static bool value_hold(struct packs *p, const struct fact *f, const struct ip *own,
                       struct line *line, uint32_t *ref)
{
	const bool is_own = (f->kind == FACT_IPV4 && own->family == 4) ||
	                    (f->kind == FACT_IPV6 && own->family == 6);

	line->value = f->value;
	line->head.form = f->len & 31u;
	if (is_own && memcmp(f->value, own->b, f->len) == 0)
		line->head.form = FORM_OWN;
	if (f->len <= PACK_INLINE)
		return true;
	line->value = (const uint8_t *)ref;
	line->head.form = FORM_HELD;
	return values_hold(p->values, f->value, f->len, ref);
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
	struct line line = {.head = {.digest = f->digest & PACK_DIGEST, .shape = shape},
	                    .support = f->support,
	                    .least = f->kind == FACT_SEEN ? SEEN_LEAST : 0};
	uint32_t ref;

	if (p->facts == 0)
		p->epoch_ns = f->support.first_ns;
	if (shape == 0 || !value_hold(p, f, own, &line, &ref))
		return false;
	line.support.frame &= FRAME_MASK;
	line.support.count &= COUNT_MASK;
	const struct pack_before before = before_end(p, *block, end);
	line_settle(p, &line, &before);
	uint8_t *const out = block_append(p, block, line.head.len, end->coming);
	if (out == NULL) {
		value_drop(p, line.head.form, line.value);
		return false;
	}
	memcpy(line_begin(p, &line, out), line.value, value_size(line.head.form));
	p->latest =
		(struct pack_latest){.block = *block,
	                             .alone = line.head.same ? end->alone : end->at,
	                             .before = {line.support.first_ns, line.support.frame, false}};
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
	latest_forget(p, *block);
	const struct pack_before before = before_spot(p, *block, &spot);
	line_read(p, block_at(p, *block) + spot.at, &before, &line);
	cut.len = line.head.len;
	if (cut.at + cut.len < block_used(p, *block)) {
		const struct pack_before own = before_next(&line);
		line_read(p, block_at(p, *block) + cut.at + cut.len, &own, &next);
		cut.len += next.head.len;
		len = line_write(p, &next, &before, bytes);
	}
	uint8_t value[PACK_INLINE];
	memcpy(value, line.value, value_size(line.head.form));
	if (!block_replace(p, block, cut, bytes, len))
		return false;
	block_trim(p, block);
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
	latest_forget(p, *block);
	if (*block != 0)
		units_give(&p->units, *block, block_head(p, *block).units);
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
	const struct pack_before before = {w->first_ns, w->frame, false};

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
