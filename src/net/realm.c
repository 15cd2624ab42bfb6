/* SPDX-License-Identifier: Apache-2.0 */
/*
 * realm.c - names the world inside a tunnel.
 *
 * A realm's name is its identity: two packets are in the same world if their tunnels spell the
 * same path. So a path that does not fit is refused whole; a cut one could join two worlds.
 */
#include "net/realm.h"

#include <string.h>

/* Adds n bytes; false, and nothing added, where they do not fit. */
static bool realm_add(struct realm *r, const char *bytes, size_t n)
{
	if (n > (size_t)(REALM_MAX - r->len))
		return false;
	memcpy(r->s + r->len, bytes, n);
	r->len = (uint8_t)(r->len + n);
	return true;
}

static bool realm_add_id(struct realm *r, uint32_t id)
{
	char digits[10];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + id % 10);
		id /= 10;
	} while (id > 0);
	return realm_add(r, ":", 1) && realm_add(r, digits + at, sizeof digits - at);
}

bool realm_enter(const struct realm *outer, const char *name, bool has_id, uint32_t id,
                 struct realm *inner)
{
	struct realm r = *outer; /* `inner` may be `outer`, and stays as it was when refused */

	if (r.len > 0 && !realm_add(&r, "/", 1))
		return false;
	if (!realm_add(&r, name, strlen(name)) || (has_id && !realm_add_id(&r, id)))
		return false;
	*inner = r;
	return true;
}

struct realm realm_read(const char *name)
{
	const size_t len = strlen(name);
	struct realm r = {.len = (uint8_t)(len < REALM_MAX ? len : REALM_MAX)};

	memcpy(r.s, name, r.len);
	return r;
}

bool realm_equal(const struct realm *a, const struct realm *b)
{
	return a->len == b->len && memcmp(a->s, b->s, sizeof a->s) == 0;
}

/* The bytes past len are 0, and no name has a 0: a path sorts before those that go on from it. */
int realm_compare(const struct realm *a, const struct realm *b)
{
	return memcmp(a->s, b->s, sizeof a->s);
}
