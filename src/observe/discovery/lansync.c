/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lansync.c - computers with Dropbox, which look for others of the same account.
 *
 * Each broadcasts a JSON object from and to port 17500: host_int, a number that stays with the
 * installation, version, the computer's name (left empty by newer ones, the number again from
 * others), port and the numbers of the shared folders, which are not told: they are the account's,
 * not the computer's.
 */
#include "observe/shared/device.h"

enum { LANSYNC_PORT = 17500 };

static const struct keyed lansync_keys[] = {
	KEYED("host_int", DEVICE_ID),
	KEYED("displayname", NAME_HOST),
};

struct lansync {
	bool has_host, has_namespaces;
	struct cur all;
};

static bool lansync_parse(struct cur *in, struct lansync *l)
{
	struct json j = {0};
	struct json_item item = {0};
	struct cur all = *in;

	l->all = cur_rest(&all);
	while (cur_more(in) && json_next(in, &j, &item)) {
		if (item.depth != 1)
			continue;
		l->has_host =
			l->has_host || (item.kind == JSON_PLAIN && WINDOW_IS(item.key, "host_int"));
		l->has_namespaces = l->has_namespaces ||
		                    (item.kind == JSON_OPENS && WINDOW_IS(item.key, "namespaces"));
	}
	return json_ended(in, &j);
}

/* The display name of a computer that has none: its number. */
static bool lansync_is_unnamed(const struct json_item *item)
{
	struct cur text = item->value;

	if (!WINDOW_IS(item->key, "displayname"))
		return false;
	while (cur_more(&text))
		if (!cur_among(cur_u8(&text), "0123456789", 10))
			return false;
	return true;
}

static enum verdict lansync_packet(struct task *t, struct packet *p, void *state)
{
	struct lansync l = {0};
	struct json j = {0};
	struct json_item item = {0};

	(void)state;
	if (!lansync_parse(&p->rest, &l))
		return l.has_host ? MALFORMED : NOT_MINE;
	if (!l.has_host || !l.has_namespaces)
		return NOT_MINE;
	tell_word(t, p, sender(p), FACT_SOFTWARE, "Dropbox");
	while (cur_more(&l.all) && json_next(&l.all, &j, &item))
		if (item.depth == 1 && !lansync_is_unnamed(&item))
			device_tell_json(t, p, lansync_keys, COUNT_OF(lansync_keys), &item);
	return LEARNED;
}

SHOW(lansync, struct lansync, FIELD(struct lansync, has_host, SHOW_BOOL),
     FIELD(struct lansync, has_namespaces, SHOW_BOOL))

const struct observer observer_lansync = {
	.name = "lansync",
	.about = "computers with Dropbox",
	.spec = "Dropbox LAN sync discovery (no public standard)",
	.claims = CLAIMS({UDP_PORT, LANSYNC_PORT, NULL}),
	.tells = TELLS({FACT_SOFTWARE, SAYS, 95}, {FACT_DEVICE_ID, SAYS, 90},
                       {FACT_NAME_HOST, SAYS, 85}),
	.shows = SHOWS(&lansync_show),
	.packet = lansync_packet,
};

PROVE(lansync_parse, struct lansync)
