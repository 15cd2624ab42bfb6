/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fields.h - the lines "name: value" of a datagram that has the form of a HTTP head, as makers of
 * lamps and media servers use it to be found.
 */
#pragma once

#include "observe/shared/device.h"
#include "observe/shared/http_head.h"

enum { FIELDS_BLANKS_MAX = 16 };

struct field_line {
	struct cur name,
		value; /* value: without the blanks before it; http_trim() takes the others */
};

/* A line; the last may have no end. */
static inline struct cur fields_line(struct cur *in)
{
	struct cur line = cur_sub(in, 0);

	return cur_line(in, &line) ? line : cur_rest(in);
}

/* The next field; one without a colon has an empty name. False: the head ends here. */
static inline bool fields_next(struct cur *in, struct field_line *f)
{
	struct cur line = fields_line(in);

	if (cur_left(&line) == 0)
		return false;
	struct cur name = cur_token(&line, ":");
	if (!cur_is(&line, ":"))
		cur_cut(&name, 0);
	for (uint32_t i = 0; i < FIELDS_BLANKS_MAX && http_is_blank(&line); i++)
		cur_skip(&line, 1);
	f->name = cur_rest(&name);
	f->value = cur_rest(&line);
	return true;
}

/* So many fields of a head, each by its name. */
static inline void fields_tell(struct task *t, const struct packet *p, const struct keyed *table,
                               uint32_t count, struct cur head, uint32_t fields)
{
	struct field_line f = {0};

	for (uint32_t i = 0; i < CUR_MAX && i < fields && cur_more(&head); i++)
		if (fields_next(&head, &f))
			device_tell_window(t, p, table, count, f.name, http_trim(f.value));
}
