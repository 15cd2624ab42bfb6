/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.c - the facts of one place, in as few bytes as they need.
 *
 * A block is a chain of pieces, the latest first. What comes later finds its piece full and its
 * neighbours in place, and begins a piece of its own: nothing is copied, and no holes are left where
 * small blocks were. Within a piece every change is one thing, the replacing of some bytes by
 * others. A line that grew and finds no room there goes behind all others.
 *
 * Facts of one packet come together, so that most are added behind the line that was added last: what
 * that one may be referred to by is remembered until some other line changes.
 *
 * A line that is SAME hangs on the one before, in its piece. When that one goes it takes over what
 * that said of its first packet.
 */
#include "asset/pack.h"

#include <assert.h>
#include <string.h>

#define BLOCK_MAX 65535u
#define NO_DIGEST UINT64_MAX /* that no line has */
#define LARGE 192u           /* bytes of a block that will likely be added to again */
#define SHAPES 65535u
#define FACT_ROOM 64u /* bytes of address space for a fact: a line, and what blocks leave unused */

/*
 * How a value is kept: 0 to PACK_INLINE are its bytes, that many. As many as the longest other line
 * leaves room for: most names are one device's alone, and among `values` would take three times as many.
 */
enum { FORM_OWN = 30, FORM_HELD = 31 };
#define WORD_MAX 8u /* bytes of a value that are ranked as one word */

/*
 * What a device sent is told with its first packet and, of nearly all, once more: the line has room
 * for that at once, so that a million pieces need not move for a few bytes.
 */
#define SEEN_LEAST 28u

#define FRAME_MASK ((UINT64_C(1) << 46) - 1) /* two months of packets, 10 million a second */
#define COUNT_MASK ((UINT64_C(1) << 48) - 1)

struct piece {
	uint16_t used, units; /* bytes, itself included; units that it has */
	uint32_t older;       /* the next of the block; 0: this is the first that was made */
};
#define PIECE_HEAD ((uint32_t)sizeof(struct piece))
static_assert(PIECE_HEAD == 8, "no gaps: there are millions");

struct head {
	uint64_t len : 6, once : 1, same : 1, digest : 35, form : 5, shape : 16;
};
static_assert(sizeof(struct head) == PACK_HEAD, "a head is a word");
static_assert(8 + 10 + 7 + 10 + 7 + PACK_INLINE == PACK_LINE_MAX, "the longest line: see pack.h");

/* A line, read or to be written. */
struct line {
	uint64_t digest;
	uint16_t shape;
	uint8_t form, len;
	bool same, once;
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

static enum fact_kind shape_kind(const struct packs *p, uint32_t number)
{
	return (enum fact_kind)(p->shapes[number] & 2047u);
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
	s->bytes = shape_kind(p, head.shape) == FACT_SEEN ? take_number(&in) : 0;
}

static void line_read(const struct packs *p, const uint8_t *at, const struct pack_before *before,
                      struct line *out)
{
	const struct head head = head_at(at);

	*out = (struct line){.digest = head.digest,
	                     .shape = (uint16_t)head.shape,
	                     .form = head.form,
	                     .len = head.len,
	                     .value = at + head.len - value_size(head.form)};
	support_read(p, head, at + PACK_HEAD, before, &out->support);
}

/*
 * Says how the line is written: what of it is left out, and its length. `before` may say that there is
 * no line to refer to.
 */
static void line_settle(const struct packs *p, struct line *line, const struct pack_before *before)
{
	const struct support *const s = &line->support;
	uint32_t len = PACK_HEAD + value_size(line->form);

	line->same =
		!before->is_none && s->first_ns == before->first_ns && s->frame == before->frame;
	line->once = s->count == 1 && s->last_ns == s->first_ns;
	if (!line->same)
		len += number_size(zigzag(s->first_ns - p->epoch_ns)) + number_size(s->frame);
	if (!line->once)
		len += number_size(s->last_ns - s->first_ns) + number_size(s->count);
	if (shape_kind(p, line->shape) == FACT_SEEN)
		len += number_size(s->bytes);
	line->len = (uint8_t)(len > line->least ? len : line->least);
}

/* All of a line that is settled but its value: where that belongs. */
static uint8_t *line_begin(const struct packs *p, const struct line *line, uint8_t *out)
{
	const struct head head = {.len = line->len & 63u,
	                          .once = line->once,
	                          .same = line->same,
	                          .digest = line->digest & PACK_DIGEST,
	                          .form = line->form & 31u,
	                          .shape = line->shape};
	const struct support *const s = &line->support;
	uint8_t *const value = out + line->len - value_size(line->form);
	uint8_t *to = out + PACK_HEAD;

	memcpy(out, &head, sizeof head);
	if (!line->same) {
		to = put_number(to, zigzag(s->first_ns - p->epoch_ns));
		to = put_number(to, s->frame);
	}
	if (!line->once) {
		to = put_number(to, s->last_ns - s->first_ns);
		to = put_number(to, s->count);
	}
	if (shape_kind(p, line->shape) == FACT_SEEN)
		to = put_number(to, s->bytes);
	assert(to <= value);
	while (to < value)
		*to++ = 0;
	return value;
}

/* Its length. */
static uint32_t line_write(const struct packs *p, struct line *line,
                           const struct pack_before *before, uint8_t out[PACK_LINE_MAX])
{
	line_settle(p, line, before);
	memcpy(line_begin(p, line, out), line->value, value_size(line->form));
	return line->len;
}

/* ---- pieces ---- */

static struct piece *piece_at(const struct packs *p, uint32_t piece)
{
	return (struct piece *)(void *)units_at(&p->units, piece);
}

static uint8_t *piece_bytes(const struct packs *p, uint32_t piece)
{
	return units_at(&p->units, piece);
}

/* A piece for so many bytes behind its head, before the others of its block; false: there is no room. */
static bool piece_begin(struct packs *p, uint32_t *block, uint32_t bytes)
{
	const uint32_t units = units_of(PIECE_HEAD + bytes);
	const uint32_t piece = units_take(&p->units, units);

	if (piece == 0)
		return false;
	*piece_at(p, piece) =
		(struct piece){.used = PIECE_HEAD, .units = (uint16_t)units, .older = *block};
	*block = piece;
	return true;
}

/* Makes it have room for so many bytes in all, where it is; false: what is behind it is taken. */
static bool piece_extend(struct packs *p, uint32_t piece, uint32_t bytes)
{
	struct piece *const at = piece_at(p, piece);
	const uint32_t units = units_of(bytes);

	if (units <= at->units)
		return true;
	if (bytes > BLOCK_MAX || !units_resize(&p->units, piece, at->units, units))
		return false;
	at->units = (uint16_t)units;
	return true;
}

/* After lines left: what it does not need is given back, without any all of it. */
static void piece_trim(struct packs *p, uint32_t *link)
{
	struct piece *const piece = piece_at(p, *link);
	const uint32_t old = *link, units = piece->units;
	const uint32_t left = piece->used == PIECE_HEAD ? 0 : units_of(piece->used);

	if (left == 0)
		*link = piece->older;
	else
		piece->units = (uint16_t)left;
	if (left < units)
		units_give(&p->units, old + left, units - left);
}

/* A place in a piece, and so many bytes there. */
struct cut {
	uint32_t at, len;
};

/* Puts bytes in the place of others; false: there is no room where the piece is, and nothing changed. */
static bool piece_replace(struct packs *p, uint32_t piece, struct cut old, const uint8_t *bytes,
                          uint32_t len)
{
	struct piece *const head = piece_at(p, piece);
	const uint32_t fresh = head->used - old.len + len, behind = head->used - old.at - old.len;

	if (!piece_extend(p, piece, fresh))
		return false;
	uint8_t *const at = piece_bytes(p, piece) + old.at;
	if (behind != 0 && len != old.len)
		memmove(at + len, at + old.len, behind);
	memcpy(at, bytes, len);
	head->used = (uint16_t)fresh;
	return true;
}

/* ---- looking ---- */

/*
 * Lines are passed over by their heads alone. The spot is at the line that is found, or behind all of its
 * piece; what it counts goes on.
 */
static ALWAYS_INLINE void piece_find(const struct packs *p, uint64_t digest, enum fact_kind kind,
                                     struct pack_spot *spot)
{
	const uint8_t *const bytes = piece_bytes(p, spot->piece);
	const uint32_t used = piece_at(p, spot->piece)->used;
	uint32_t at = PIECE_HEAD, alone = 0, count = spot->count;
	bool found = false;

	while (at < used) {
		const struct head head = head_at(bytes + at);
		found = head.digest == digest;
		if (found)
			break;
		count += shape_kind(p, head.shape) == kind;
		alone = head.same ? alone : at;
		at += head.len;
	}
	spot->at = at;
	spot->alone = alone;
	spot->count = count;
	spot->bytes += used;
	spot->found = found;
}

/* Goes on with the pieces behind that of the spot, which stays where it is if nothing is found. */
static void older_find(const struct packs *p, uint64_t digest, enum fact_kind kind,
                       struct pack_spot *spot)
{
	struct pack_spot here = *spot;

	for (uint32_t older; (older = piece_at(p, here.piece)->older) != 0;) {
		here.prev = here.piece;
		here.piece = older;
		piece_find(p, digest, kind, &here);
		if (here.found) {
			*spot = here;
			return;
		}
	}
	spot->count = here.count;
	spot->bytes = here.bytes;
}

struct pack_spot pack_find(const struct packs *p, uint32_t block, uint64_t digest,
                           enum fact_kind kind)
{
	struct pack_spot spot = {.piece = block, .at = PIECE_HEAD};

	digest &= PACK_DIGEST;
	if (block == 0)
		return spot;
	piece_find(p, digest, kind, &spot);
	if (!spot.found && piece_at(p, block)->older != 0)
		older_find(p, digest, kind, &spot);
	return spot;
}

/* What leads to the piece of a spot. */
static uint32_t *spot_link(const struct packs *p, uint32_t *block, const struct pack_spot *spot)
{
	return spot->prev == 0 ? block : &piece_at(p, spot->prev)->older;
}

/* What the line at the spot may refer to. */
static struct pack_before before_spot(const struct packs *p, const struct pack_spot *spot)
{
	const uint8_t *in = piece_bytes(p, spot->piece) + spot->alone + PACK_HEAD;

	if (spot->alone == 0)
		return (struct pack_before){.is_none = true};
	const uint64_t first_ns = unzigzag(take_number(&in)) + p->epoch_ns;
	return (struct pack_before){first_ns, take_number(&in), false};
}

/* The same of the end of a block, to which mostly something was added just before. */
static struct pack_before before_end(const struct packs *p, const struct pack_spot *end)
{
	const struct pack_latest *const latest = &p->latest;

	return latest->piece != 0 && latest->piece == end->piece && latest->alone == end->alone
	               ? latest->before
	               : before_spot(p, end);
}

static void latest_forget(struct packs *p, uint32_t piece)
{
	if (p->latest.piece == piece)
		p->latest = (struct pack_latest){0};
}

/* ---- changes ---- */

/* What the line behind this one may refer to. */
static struct pack_before before_next(const struct line *line)
{
	return (struct pack_before){line->support.first_ns, line->support.frame, false};
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
	line->form = (uint8_t)(f->len & 31u);
	if (is_own && memcmp(f->value, own->b, f->len) == 0)
		line->form = FORM_OWN;
	if (f->len <= PACK_INLINE)
		return true;
	line->value = (const uint8_t *)ref;
	line->form = FORM_HELD;
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

/*
 * How many bytes more than the line itself a new piece has room for: for what is coming, and of a
 * large block a quarter, so that the pieces of one that is added to again and again are few.
 */
static uint32_t piece_spare(const struct pack_spot *end)
{
	const uint32_t quarter = end->bytes < LARGE ? 0 : end->bytes / 4;

	return end->coming > quarter ? end->coming : quarter;
}

/*
 * Room for a line behind all others, which it then settles with: in the latest piece, or in one of its
 * own. NULL: there is none.
 */
static uint8_t *line_room(struct packs *p, uint32_t *block, struct pack_spot *end,
                          struct line *line)
{
	const struct pack_before none = {.is_none = true}, before = before_end(p, end);

	line_settle(p, line, &before);
	if (end->bytes + line->len > BLOCK_MAX)
		return NULL;
	const uint32_t bytes = end->at + line->len, spare = piece_spare(end);
	const bool fits = end->piece != 0 && (bytes <= piece_at(p, end->piece)->units * UNIT ||
	                                      piece_extend(p, end->piece, bytes + spare));
	if (!fits) {
		line_settle(p, line, &none);
		if (!piece_begin(p, block, line->len + spare) && !piece_begin(p, block, line->len))
			return NULL;
		*end = (struct pack_spot){.piece = *block, .at = PIECE_HEAD};
	}
	piece_at(p, end->piece)->used = (uint16_t)(end->at + line->len);
	return piece_bytes(p, end->piece) + end->at;
}

bool pack_add(struct packs *p, uint32_t *block, const struct pack_spot *end, const struct fact *f,
              const struct ip *own)
{
	struct line line = {.digest = f->digest & PACK_DIGEST,
	                    .shape = shape_number(p, shape_of(f)),
	                    .support = f->support,
	                    .least = f->kind == FACT_SEEN ? SEEN_LEAST : 0};
	struct pack_spot spot = *end;
	uint32_t ref;

	if (p->facts == 0)
		p->epoch_ns = f->support.first_ns;
	if (line.shape == 0 || !value_hold(p, f, own, &line, &ref))
		return false;
	line.support.frame &= FRAME_MASK;
	line.support.count &= COUNT_MASK;
	uint8_t *const out = line_room(p, block, &spot, &line);
	if (out == NULL) {
		value_drop(p, line.form, line.value);
		return false;
	}
	memcpy(line_begin(p, &line, out), line.value, value_size(line.form));
	p->latest = (struct pack_latest){.piece = spot.piece,
	                                 .alone = line.same ? spot.alone : spot.at,
	                                 .before = before_next(&line)};
	p->facts++;
	return true;
}

/*
 * Takes the line at the spot out; `out` is what it was, but for its value. The line behind it takes over what
 * it says of its first packet, and has room for that where it was.
 */
static void line_cut(struct packs *p, const struct pack_spot *spot, struct line *out)
{
	const struct pack_before before = before_spot(p, spot);
	const uint8_t *const in = piece_bytes(p, spot->piece) + spot->at;
	uint8_t bytes[PACK_LINE_MAX];
	struct line next;
	uint32_t len = 0;

	line_read(p, in, &before, out);
	struct cut cut = {spot->at, out->len};
	if (cut.at + cut.len < piece_at(p, spot->piece)->used) {
		const struct pack_before own = before_next(out);
		line_read(p, in + out->len, &own, &next);
		cut.len += next.len;
		len = line_write(p, &next, &before, bytes);
	}
	const bool done = len <= cut.len && piece_replace(p, spot->piece, cut, bytes, len);
	assert(done);
}

void pack_remove(struct packs *p, uint32_t *block, uint64_t digest)
{
	const struct pack_spot spot = pack_find(p, *block, digest, FACT_NONE);
	const uint8_t *const in = piece_bytes(p, spot.piece) + spot.at;
	uint8_t value[PACK_INLINE];
	struct line line;

	assert(spot.found);
	const struct head head = head_at(in);
	memcpy(value, in + head.len - value_size(head.form), value_size(head.form));
	latest_forget(p, spot.piece);
	line_cut(p, &spot, &line);
	piece_trim(p, spot_link(p, block, &spot));
	value_drop(p, line.form, value);
	p->facts--;
}

/* ---- more of a fact ---- */

/* Writes a line that was read and changed in the place of what it was; false: there is no room for it. */
static bool line_rewrite(struct packs *p, uint32_t piece, uint32_t at, struct line *line,
                         const struct pack_before *before)
{
	const struct cut cut = {at, line->len};
	uint8_t bytes[PACK_LINE_MAX];

	line->least = cut.len;
	line_settle(p, line, before);
	if (line->len == cut.len) {
		(void)line_begin(p, line, piece_bytes(p, piece) + at); /* its value stays */
		return true;
	}
	const uint32_t len = line_write(p, line, before, bytes);
	return piece_replace(p, piece, cut, bytes, len);
}

/*
 * Writes it behind all others, and takes out what it was; its old place is room for lines of that piece that
 * grow. False: there is no room, and nothing changed.
 */
static bool line_move(struct packs *p, uint32_t *block, struct pack_spot spot,
                      const struct line *more)
{
	struct pack_spot end = {.piece = *block};
	struct line line = *more, old;
	uint8_t value[PACK_INLINE];

	piece_find(p, NO_DIGEST, FACT_NONE, &end);
	memcpy(value, more->value, value_size(more->form));
	uint8_t *const out = line_room(p, block, &end, &line);
	if (out == NULL)
		return false;
	memcpy(line_begin(p, &line, out), value, value_size(line.form));
	if (spot.prev == 0 && spot.piece != *block)
		spot.prev = *block;
	line_cut(p, &spot, &old);
	if (piece_at(p, spot.piece)->used == PIECE_HEAD)
		piece_trim(p, spot_link(p, block, &spot));
	return true;
}

bool pack_more(struct packs *p, uint32_t *block, const struct pack_spot *spot,
               const struct support *more)
{
	const uint8_t *const in = piece_bytes(p, spot->piece) + spot->at;
	const struct pack_before before =
		head_at(in).same ? before_spot(p, spot) : (struct pack_before){.is_none = true};
	struct line line;

	assert(spot->found);
	latest_forget(p, spot->piece);
	line_read(p, in, &before, &line);
	const struct pack_before next = before_next(&line);
	support_merge(&line.support, more);
	line.support.frame &= FRAME_MASK;
	line.support.count &= COUNT_MASK;
	const bool moves =
		line.support.first_ns != next.first_ns || line.support.frame != next.frame;
	return (!moves && line_rewrite(p, spot->piece, spot->at, &line, &before)) ||
	       line_move(p, block, *spot, &line);
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
	uint64_t last = 0;

	*rank = 0;
	for (; block != 0; block = piece_at(p, block)->older) {
		const uint8_t *const bytes = piece_bytes(p, block);
		const uint32_t used = piece_at(p, block)->used;
		for (uint32_t at = PIECE_HEAD; at < used;) {
			const struct head head = head_at(bytes + at);
			at += head.len;
			if (shape_kind(p, head.shape) != kind)
				continue;
			const uint64_t its =
				line_rank(p, head, bytes + at - value_size(head.form), own);
			if (its >= *rank) {
				*rank = its;
				last = head.digest;
			}
		}
	}
	return last;
}

static void piece_free(struct packs *p, uint32_t piece)
{
	const uint8_t *const bytes = piece_bytes(p, piece);
	const uint32_t used = piece_at(p, piece)->used;

	for (uint32_t at = PIECE_HEAD; at < used; p->facts--) {
		const struct head head = head_at(bytes + at);
		at += head.len;
		value_drop(p, head.form, bytes + at - value_size(head.form));
	}
	latest_forget(p, piece);
	units_give(&p->units, piece, piece_at(p, piece)->units);
}

void pack_free(struct packs *p, uint32_t *block)
{
	for (uint32_t piece = *block, older; piece != 0; piece = older) {
		older = piece_at(p, piece)->older;
		piece_free(p, piece);
	}
	*block = 0;
}

/* ---- walking ---- */

static void walk_piece(struct pack_walk *w, uint32_t piece)
{
	const uint8_t *const bytes = piece_bytes(w->packs, piece);

	w->at = bytes + PIECE_HEAD;
	w->end = bytes + piece_at(w->packs, piece)->used;
	w->older = piece_at(w->packs, piece)->older;
}

struct pack_walk pack_look(const struct packs *p, uint32_t block, const struct ip *own)
{
	return (struct pack_walk){.packs = p, .own = own, .older = block};
}

bool pack_next(struct pack_walk *w, struct fact *f)
{
	const struct pack_before before = {w->first_ns, w->frame, false};

	if (w->at == w->end) {
		if (w->older == 0)
			return false;
		walk_piece(w, w->older);
	}
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
