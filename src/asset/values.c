/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.c - byte strings, each kept once, with a count of who holds it.
 *
 * A string stands behind a head; its reference is the number of the first of their units.
 */
#include "asset/values.h"

#include "asset/fact.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

struct value_head {
	uint32_t hash;
	uint32_t holders;
	uint16_t len;
};
#define VALUE_HEAD 10u /* bytes before the string */

static_assert(offsetof(struct value_head, len) + sizeof(uint16_t) == VALUE_HEAD, "no gaps");

static struct value_head *value_at(const struct values *v, uint32_t ref)
{
	return (struct value_head *)(void *)units_at(&v->units, ref);
}

static uint8_t *value_bytes(const struct values *v, uint32_t ref)
{
	return units_at(&v->units, ref) + VALUE_HEAD;
}

int values_init(struct values *v, size_t bytes, const struct hash_key *key)
{
	const uint32_t units = (uint32_t)(bytes / UNIT) + 1;

	*v = (struct values){.key = *key};
	const int err = arena_init(&v->memory, units_room(units) + index_room(units));
	if (err < 0)
		return err;
	units_init(&v->units, &v->memory, units);
	index_init(&v->index, &v->memory, units);
	return 0;
}

void values_fini(struct values *v)
{
	arena_free(&v->memory);
}

static uint32_t value_hash(const struct values *v, const uint8_t *bytes, size_t len)
{
	struct hash_chain c = chain_begin(&v->key);

	chain_bytes(&c, bytes, len);
	chain_word(&c, len);
	return (uint32_t)c.digest;
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
	const uint32_t hash = value_hash(v, bytes, len);
	*ref = value_find(v, hash, bytes, len);
	if (*ref != 0) {
		value_at(v, *ref)->holders++;
		return true;
	}
	*ref = units_take(&v->units, units_of(VALUE_HEAD + len));
	if (*ref == 0)
		return false;
	value_at(v, *ref)->hash = hash;
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
	index_remove(&v->index, ref, head->hash);
	units_give(&v->units, ref, units_of(VALUE_HEAD + (size_t)head->len));
}

const uint8_t *values_get(const struct values *v, uint32_t ref, size_t *len)
{
	*len = ref == 0 ? 0 : value_at(v, ref)->len;
	return value_bytes(v, ref);
}
