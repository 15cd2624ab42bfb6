/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity.c - when a device was busy: packets and bytes by the hour for two days, by the day for a
 * month.
 *
 * A record says sums. What the next one of its sensor says more goes to the hour in which the
 * device was last seen; so an hour is right as far as reports come more than once in it, and what a
 * sensor kept while its manager was away lies in the hour in which it ended. A sum that fell began
 * anew. When a record's first packet of an hour comes, its hours that are too old are added to
 * their days: nobody else's are touched, and no task has to sweep.
 */
#include "manager/store/sqlite.h"

#include "base/clock.h"

enum { HOUR_S = 3600, HOURS = 48, HOURS_A_DAY = 24, DAYS = 31 };
enum { SPAN_HOUR, SPAN_DAY };

static bool add(struct store *s, int64_t record, uint64_t hour, uint64_t packets, uint64_t bytes,
                bool *was_there)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_ACTIVITY_ADD);

	if (q == NULL)
		return false;
	sql_bind(q, "iiii", (int64_t)packets, (int64_t)bytes, record, (int64_t)hour);
	const bool done = sql_run(s, q);
	*was_there = sqlite3_changes(s->db) > 0;
	return done;
}

static bool run_numbers(struct store *s, enum statement which, int64_t a, int64_t b, int64_t c,
                        int64_t d)
{
	sqlite3_stmt *const q = sql_statement(s, which);

	if (q == NULL)
		return false;
	sql_bind(q, "iiii", a, b, c, d);
	return sql_run(s, q);
}

/* To write many rows at once costs a note of the whole transaction: only where there are some. */
static bool has_aged(struct store *s, int64_t record, int64_t first)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_ACTIVITY_AGED);
	bool broke;

	if (q == NULL)
		return false;
	sql_bind(q, "ii", record, first);
	const bool has = sql_step(s, q, &broke);
	sqlite3_reset(q);
	return has;
}

/* Hours that are too old become days, days too old nothing. */
static bool age(struct store *s, int64_t record, uint64_t hour)
{
	const int64_t first = hour > HOURS ? (int64_t)(hour - HOURS) : 0;
	const int64_t day = (int64_t)(hour / HOURS_A_DAY);
	const int64_t first_day = day > DAYS ? day - DAYS : 0;

	if (!has_aged(s, record, first))
		return true;
	return run_numbers(s, STATEMENT_ACTIVITY_FOLD, record, first, 0, 0) &&
	       run_numbers(s, STATEMENT_ACTIVITY_OLD, record, first, first_day, 0);
}

bool activity_add(struct store *s, int64_t record, uint64_t last_ns, uint64_t packets,
                  uint64_t bytes)
{
	const uint64_t hour = last_ns / CLOCK_SECOND / HOUR_S;
	bool was_there;

	if (packets == 0)
		return true;
	if (!add(s, record, hour, packets, bytes, &was_there))
		return false;
	return was_there || (age(s, record, hour) &&
	                     run_numbers(s, STATEMENT_ACTIVITY_NEW, record, (int64_t)hour,
	                                 (int64_t)packets, (int64_t)bytes));
}

bool store_activity(struct store *s, uint64_t device,
                    void (*each)(const struct store_activity *a, void *self), void *self)
{
	sqlite3_stmt *const q = sql_statement(s, STATEMENT_ACTIVITY);
	bool broke = q == NULL;

	if (q == NULL)
		return false;
	sql_bind(q, "i", (int64_t)device);
	while (sql_step(s, q, &broke)) {
		const bool is_day = sqlite3_column_int64(q, 0) == SPAN_DAY;
		const uint64_t start = (uint64_t)sqlite3_column_int64(q, 1);
		const struct store_activity a = {
			.is_day = is_day,
			.start_ns = start * HOUR_S * CLOCK_SECOND * (is_day ? HOURS_A_DAY : 1),
			.packets = (uint64_t)sqlite3_column_int64(q, 2),
			.bytes = (uint64_t)sqlite3_column_int64(q, 3),
		};
		each(&a, self);
	}
	sqlite3_reset(q);
	return !broke;
}
