/* SPDX-License-Identifier: Apache-2.0 */
/*
 * links.c - the terms of one field, each with whose it is: what the map is drawn from.
 */
#include "manager/store/sqlite.h"

bool store_terms(struct store *s, const struct query *q, const char *field, unsigned limit,
                 void (*each)(const struct store_term *t, void *self), void *self)
{
	struct search f;
	bool broke = false;

	search_begin(s, &f,
	             "SELECT h.device, s.name, t.value FROM term t CROSS JOIN has h ON "
	             "h.term = t.id CROSS JOIN record r ON r.id = h.record JOIN sensor s "
	             "ON s.id = r.sensor CROSS JOIN device d ON d.id = h.device");
	search_conditions(&f, q);
	search_sql(&f, q->count > 0 ? " AND t.field = ?" : " WHERE t.field = ?");
	search_text(&f, field);
	search_sql(&f, " LIMIT ?");
	search_number(&f, limit);
	sqlite3_stmt *const rows = search_prepare(s, &f);
	if (rows == NULL)
		return false;
	while (sql_step(s, rows, &broke)) {
		const struct store_term t = {
			.device = (uint64_t)sqlite3_column_int64(rows, 0),
			.sensor = sql_text(rows, 1),
			.value = sql_text(rows, 2),
		};
		each(&t, self);
	}
	sqlite3_finalize(rows);
	return !broke;
}

/*
 * Of several that have the address, the one that goes by it; when none does there must be but one.
 */
bool store_owner_of(struct store *s, const char *field, const char *value, uint64_t beside,
                    uint64_t *device)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_OWNERS);
	unsigned count = 0, going_by = 0;
	bool broke = q == NULL;

	*device = 0;
	if (q == NULL)
		return false;
	sql_bind(q, "tti", field, value, (int64_t)beside);
	while (sql_step(s, q, &broke)) {
		const bool goes_by = sqlite3_column_int(q, 1) != 0;

		count++;
		going_by += goes_by;
		if (goes_by || going_by == 0)
			*device = (uint64_t)sqlite3_column_int64(q, 0);
	}
	sqlite3_reset(q);
	if (going_by > 1 || (going_by == 0 && count > 1))
		*device = 0;
	return !broke;
}
