/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.c - byte strings, each kept once, with a count of who holds it.
 *
 * A string stands behind a head, in units of 16 bytes; its reference is the number of its first
 * unit, and unit 0 is not used, so that 0 can be the empty string. A free block leads to the next
 * free one of its class.
 */
#include "asset/values.h"

#include "asset/fact.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

struct value_head {
	uint32_t hash_or_next; /* its hash; of a free block the next free one of its class */
	uint32_t holders;
	uint16_t len;
};
#define VALUE_HEAD 10u /* bytes before the string */

static_assert(offsetof(struct value_head, len) + sizeof(uint16_t) == VALUE_HEAD, "no gaps");
static_assert((VALUE_HEAD + FACT_VALUE_MAX + VALUE_UNIT - 1) / VALUE_UNIT < VALUE_CLASSES,
              "classes");

static struct value_head *value_at(const struct values *v, uint32_t ref)
{
	return (struct value_head *)(void *)(v->base + (size_t)ref * VALUE_UNIT);
}

static uint8_t *value_bytes(const struct values *v, uint32_t ref)
{
	return v->base + (size_t)ref * VALUE_UNIT + VALUE_HEAD;
}

int values_init(struct values *v, size_t bytes, const struct hash_key *key)
{
	const uint32_t units = (uint32_t)(bytes / VALUE_UNIT) + 1;
	const size_t room = (size_t)units * VALUE_UNIT;

	*v = (struct values){.key = *key, .size = units, .used = 1};
	const int err = arena_init(&v->memory, room + index_room(units) + VALUE_UNIT);
	if (err < 0)
		return err;
	v->base = arena_take(&v->memory, room, VALUE_UNIT);
	assert(v->base != NULL);
	index_init(&v->index, &v->memory, units);
	return 0;
}

void values_fini(struct values *v)
{
	arena_free(&v->memory);
}

static uint32_t units_of(size_t len)
{
	return (uint32_t)((VALUE_HEAD + len + VALUE_UNIT - 1) / VALUE_UNIT);
}

/* Room for a string; 0: there is none. */
static uint32_t value_take(struct values *v, size_t len)
{
	const uint32_t units = units_of(len);
	const uint32_t freed = v->free[units];

	if (freed != 0) {
		v->free[units] = value_at(v, freed)->hash_or_next;
		return freed;
	}
	if (units > v->size - v->used)
		return 0;
	v->used += units;
	return v->used - units;
}

static uint32_t value_find(const struct values *v, uint32_t hash, const uint8_t *bytes, size_t len)
{
	struct index_walk walk = index_look(&v->index, hash);
	uint32_t ref;

	do
		ref = index_next(&walk);
	while (ref != 0 &&
	       (value_at(v, ref)->len != len || memcmp(value_bytes(v, ref), bytes, len) != 0));
	return ref;
}

bool values_hold(struct values *v, const uint8_t *bytes, size_t len, uint32_t *ref)
{
	assert(len <= FACT_VALUE_MAX);
	*ref = 0;
	if (len == 0)
		return true;
	const uint32_t hash = (uint32_t)hash64(&v->key, bytes, len);
	*ref = value_find(v, hash, bytes, len);
	if (*ref != 0) {
		value_at(v, *ref)->holders++;
		return true;
	}
	*ref = value_take(v, len);
	if (*ref == 0)
		return false;
	value_at(v, *ref)->hash_or_next = hash;
	value_at(v, *ref)->holders = 1;
	value_at(v, *ref)->len = (uint16_t)len;
	memcpy(value_bytes(v, *ref), bytes, len);
	index_put(&v->index, *ref, hash);
	return true;
}

void values_drop(struct values *v, uint32_t ref)
{
	if (ref == 0)
		return;
	struct value_head *const head = value_at(v, ref);
	assert(head->holders > 0);
	if (--head->holders > 0)
		return;
	index_remove(&v->index, ref, head->hash_or_next);
	const uint32_t units = units_of(head->len);
	head->hash_or_next = v->free[units];
	v->free[units] = ref;
}

const uint8_t *values_get(const struct values *v, uint32_t ref, size_t *len)
{
	*len = ref == 0 ? 0 : value_at(v, ref)->len;
	return value_bytes(v, ref);
}
