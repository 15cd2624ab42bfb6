/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look.c - see look.h. A snapshot is valid until the next look of anybody: so each gets a copy of
 * what is filled.
 */
#include "cli/look.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

bool look(struct reporter *reporter, struct snapshot *copy)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	const struct snapshot *s = reporter_snapshot(reporter);
	const bool is_new = s->number != copy->number;
	if (is_new) {
		memcpy(copy, s, offsetof(struct snapshot, rows));
		memcpy(copy->rows, s->rows, s->row_count * sizeof s->rows[0]);
		memcpy(copy->health, s->health, sizeof s->health);
		copy->detail_len = s->detail_len;
		memcpy(copy->detail, s->detail, s->detail_len);
	}
	pthread_mutex_unlock(&lock);
	return is_new;
}
