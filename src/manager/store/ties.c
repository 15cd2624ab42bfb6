/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ties.c - which devices might be one: those that show the same key of identity (identity.h).
 *
 * Each record's keys are kept as numbers, so that from one device all are found that are tied to
 * it, however far. This is no judgement yet: who asks judges the records found by identity.c, which
 * weighs what ties them against what parts them. A key that more show than one device has
 * interfaces ties nobody there, and leads nowhere here.
 */
#include "manager/store/sqlite.h"

#include "asset/identity.h"
#include "report/facts_read.h"

static bool forget(struct store *s, int64_t record)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_TIE_FORGET);

	if (q == NULL)
		return false;
	sql_bind(q, "i", record);
	return sql_run(s, q);
}

static bool put(struct store *s, int64_t record, int64_t device, const struct identity_key *key)
{
	sqlite3_stmt *const q =
		identity_key_weight(key) == 0 ? NULL : sql_statement(s, STATEMENT_TIE_NEW);

	if (identity_key_weight(key) == 0)
		return true;
	if (q == NULL)
		return false;
	sql_bind(q, "iii", (int64_t)key->digest[0], device, record);
	return sql_run(s, q);
}

bool ties_set(struct store *s, int64_t record, int64_t device, bool is_new, const json_t *said)
{
	struct identity_key keys[IDENTITY_KEYS];
	struct identity_id id;
	struct facts_read facts;

	if (!is_new && !forget(s, record))
		return false;
	if (!facts_identity(said, &id))
		return true;
	if (!facts_read(said, &facts))
		return false;
	const size_t count = identity_keys(&id, facts.known, facts.count, keys);
	bool done = true;
	for (size_t i = 0; done && i < count; i++)
		done = put(s, record, device, &keys[i]);
	facts_free(&facts);
	return done;
}

/* ---- who is tied ---- */

static bool is_in(const uint64_t *list, size_t count, uint64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

/* Adds who has the key; nobody, when too many do. */
static bool add_holders(struct store *s, int64_t key, uint64_t out[STORE_RELATED], size_t *count)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_TIE_HOLDERS);
	uint64_t holders[IDENTITY_GROUP + 1];
	size_t held = 0;
	bool broke = q == NULL;

	if (q == NULL)
		return false;
	sql_bind(q, "ii", key, (int64_t)COUNT_OF(holders));
	while (held < COUNT_OF(holders) && sql_step(s, q, &broke))
		holders[held++] = (uint64_t)sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	for (size_t i = 0; held <= IDENTITY_GROUP && i < held && *count < STORE_RELATED; i++)
		if (!is_in(out, *count, holders[i]))
			out[(*count)++] = holders[i];
	return !broke;
}

/* Its keys are read first: the statement is another's then. */
static bool add_tied(struct store *s, uint64_t device, uint64_t out[STORE_RELATED], size_t *count)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_TIES);
	int64_t keys[4 * IDENTITY_KEYS];
	size_t found = 0;
	bool broke = q == NULL;

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)device);
	while (found < COUNT_OF(keys) && sql_step(s, q, &broke))
		keys[found++] = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	for (size_t i = 0; !broke && i < found; i++)
		if (!add_holders(s, keys[i], out, count))
			return false;
	return !broke;
}

bool store_related(struct store *s, uint64_t device, uint64_t out[STORE_RELATED], size_t *count)
{
	bool done = true;

	out[0] = device;
	*count = 1;
	for (size_t i = 0; done && i < *count; i++)
		done = add_tied(s, out[i], out, count);
	return done;
}
