/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ties.c - the keys of identity that a record shows (identity.h).
 *
 * They are kept twice: with the record, whole and in order, as identity.c takes them; and those
 * that tie as rows of their own, by which the other holders of a key are found. A record whose
 * keys are those it had costs one look; of others only the difference is written, and whoever may
 * belong to another device by it is marked (grouping.c).
 */
#include "manager/store/sqlite.h"

#include "asset/identity.h"
#include "report/facts_read.h"

#include <string.h>

/* ---- to and from bytes ---- */

static size_t keys_write(const struct identity_key *keys, size_t count, uint8_t out[TIES_BYTES])
{
	uint8_t *at = out;

	for (size_t i = 0; i < count; i++) {
		memcpy(at, keys[i].digest, 16);
		at[16] = keys[i].rule;
		at[17] = keys[i].fact == IDENTITY_OWN;
		at += TIES_KEY;
	}
	return (size_t)(at - out);
}

size_t ties_read(const uint8_t *b, size_t len, struct identity_key keys[IDENTITY_KEYS])
{
	size_t count = 0;

	for (size_t at = 0; at + TIES_KEY <= len && count < IDENTITY_KEYS; at += TIES_KEY) {
		if (!identity_is_rule(b[at + 16]))
			continue;
		keys[count] = (struct identity_key){.rule = b[at + 16],
		                                    .fact = b[at + 17] != 0 ? IDENTITY_OWN : 0};
		memcpy(keys[count++].digest, b + at, 16);
	}
	return count;
}

/* ---- a record's ---- */

static bool list_said(const json_t *said, struct key_list *out)
{
	struct identity_id id;
	struct facts_read facts;

	out->count = 0;
	if (!facts_identity(said, &id))
		return true;
	if (!facts_read(said, &facts))
		return false;
	out->count = identity_keys(&id, facts.known, facts.count, out->keys);
	facts_free(&facts);
	return true;
}

/* Those that it had. same: they are these bytes. */
static bool list_kept(struct store *s, int64_t record, const uint8_t *bytes, size_t len,
                      struct key_list *out, bool *same)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_RECORD_KEYS);
	bool broke = q == NULL;

	out->count = 0;
	*same = false;
	if (q == NULL)
		return false;
	sql_bind(q, "i", record);
	if (sql_step(s, q, &broke)) {
		const uint8_t *const had = sqlite3_column_blob(q, 0);
		const size_t had_len = (size_t)sqlite3_column_bytes(q, 0);

		*same = had_len == len && (len == 0 || memcmp(had, bytes, len) == 0);
		out->count = ties_read(had, had_len, out->keys);
	}
	sqlite3_reset(q);
	return !broke;
}

static bool has_key(const struct key_list *list, const struct identity_key *key)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->keys[i].digest[0] == key->digest[0] &&
		    identity_key_weight(&list->keys[i]) > 0)
			return true;
	return false;
}

/* What only `of` has, not `other`, comes or goes; *shared: of what comes somebody else has some. */
static bool change(struct store *s, int64_t record, int64_t interface, const struct key_list *of,
                   const struct key_list *other, bool comes, bool *shared)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct identity_key *const key = &of->keys[i];
		int64_t holders;

		if (identity_key_weight(key) == 0 || has_key(other, key))
			continue;
		/* one more than may hold it parts all who did; one less may join them */
		if (!sql_do(s, comes ? STATEMENT_TIE_NEW : STATEMENT_TIE_GONE, "iii",
		            (int64_t)key->digest[0], interface, record) ||
		    !grouping_mark_holders(s, (int64_t)key->digest[0],
		                           comes ? IDENTITY_GROUP + 1 : 0, &holders))
			return false;
		*shared = *shared || holders > 1;
	}
	return true;
}

/* Who comes with keys of its own alone is tied to nobody, and need not be judged. */
static bool replace(struct store *s, int64_t record, int64_t interface, const struct key_list *was,
                    const struct key_list *is, bool is_new)
{
	bool shared = false;

	return change(s, record, interface, was, is, false, &shared) &&
	       change(s, record, interface, is, was, true, &shared) &&
	       ((is_new && !shared) || grouping_mark(s, interface));
}

bool ties_said(const json_t *said, struct ties *out)
{
	if (!list_said(said, &out->list))
		return false;
	out->len = keys_write(out->list.keys, out->list.count, out->bytes);
	return true;
}

bool ties_new(struct store *s, int64_t record, const struct interface *i, const struct ties *is)
{
	const struct key_list none = {.count = 0};

	return is->len == 0 || replace(s, record, i->id, &none, &is->list, i->is_new);
}

bool ties_set(struct store *s, int64_t record, int64_t interface, const json_t *said)
{
	struct key_list was;
	struct ties is;
	bool same;

	if (!ties_said(said, &is) || !list_kept(s, record, is.bytes, is.len, &was, &same))
		return false;
	return same || (sql_do(s, STATEMENT_RECORD_KEYS_SET, "xi", is.bytes, is.len, record) &&
	                replace(s, record, interface, &was, &is.list, false));
}

bool ties_forget(struct store *s, int64_t record, int64_t interface)
{
	const struct key_list none = {.count = 0};
	struct key_list was;
	bool same;

	return list_kept(s, record, NULL, 0, &was, &same) &&
	       (was.count == 0 || replace(s, record, interface, &was, &none, false));
}
