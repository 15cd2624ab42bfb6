/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell.c - a change on its way to a line.
 */
#include "report/change/tell.h"

#include <string.h>

#define HOLD_WAYS 8u /* holds of one set */

bool change_is_quiet(const struct changes *c, const struct ip *ip)
{
	for (unsigned i = 0; i < c->quiet_count; i++)
		if (ip_equal(&c->quiet[i], ip))
			return true;
	return false;
}

/*
 * Where a change is noted, or may be: its own entry, or that of the set which ends first. A set of
 * several: with one alone, a change told in between would now and then undo another's hold-down,
 * and which one it is depends on the key.
 */
static struct hold *hold_of(struct changes *c, uint64_t what)
{
	struct hold *const set = &c->holds[what % (CHANGE_HOLDS / HOLD_WAYS) * HOLD_WAYS];
	struct hold *first = set;

	for (unsigned i = 0; i < HOLD_WAYS; i++) {
		if (set[i].what == what)
			return &set[i];
		if (set[i].until_ns < first->until_ns)
			first = &set[i];
	}
	return first;
}

/* Was the same told within the hold-down? Notes that it is told now. */
static bool is_held(struct changes *c, const struct change *change)
{
	struct hash h = hash_init(&c->assets->key);

	hash_bytes(&h, change->what, strlen(change->what) + 1);
	hash_u64(&h, mac_number(change->record->mac));
	hash_bytes(&h, change->record->ip.b, sizeof change->record->ip.b);
	hash_bytes(&h, change->record->realm->s, sizeof change->record->realm->s);
	if (change->address != NULL)
		hash_bytes(&h, change->address->b, sizeof change->address->b);
	hash_u64(&h, (uint64_t)change->iface << 16 | change->vlan);
	const uint64_t what = hash_end(&h);
	struct hold *const hold = hold_of(c, what);
	if (hold->what == what && c->context->time_ns < hold->until_ns)
		return true;
	*hold = (struct hold){what, c->context->time_ns + c->hold_ns};
	return false;
}

static void write_words(struct emit *j, const struct line_context *c, const struct change *change,
                        const struct words *w)
{
	if (change->kind == FACT_NONE || w->len == 0)
		emit_text(j, (const uint8_t *)w->s, w->len);
	else
		write_value(j, c, change->kind, (const uint8_t *)w->s, w->len);
}

static void write_claimant(struct emit *j, const struct claimant *claimant)
{
	emit_open(j, '{');
	emit_key(j, "mac");
	emit_mac(j, claimant->mac);
	write_support(j, &claimant->support);
	emit_close(j, '}');
}

static void write_keys(struct emit *j, const struct line_context *c, const struct change *change)
{
	emit_key(j, "keys");
	emit_open(j, '[');
	for (size_t i = 0; i < change->key_count; i++) {
		const struct change_key *const k = &change->keys[i];
		emit_open(j, '{');
		emit_key(j, "kind");
		emit_string(j, k->kind == FACT_NONE ? "mac" : fact_info(k->kind)->wire);
		emit_key(j, "value");
		if (k->kind == FACT_NONE)
			emit_text(j, k->value, k->len);
		else
			write_value(j, c, k->kind, k->value, k->len);
		emit_key(j, "about");
		emit_string(j, k->text);
		emit_close(j, '}');
	}
	emit_close(j, ']');
}

void change_tell(struct changes *c, const struct change *change)
{
	if ((change->address != NULL && change_is_quiet(c, change->address)) ||
	    is_held(c, change)) {
		c->held++;
		return;
	}
	struct emit j = outlet_line(c->outlet);
	line_begin(&j, c->context, LINE_CHANGE);
	emit_key(&j, "what");
	emit_string(&j, change->what);
	write_key(&j, change->record);
	emit_key(&j, "realm");
	emit_text(&j, (const uint8_t *)change->record->realm->s, change->record->realm->len);
	if (change->address != NULL) {
		emit_key(&j, "address");
		emit_ip(&j, change->address);
	}
	if (change->vlan != 0) {
		emit_key(&j, "vlan");
		emit_number(&j, change->vlan);
	}
	emit_key(&j, "before");
	write_words(&j, c->context, change, &change->before);
	emit_key(&j, "after");
	write_words(&j, c->context, change, &change->after);
	if (change->flip_flop) {
		emit_key(&j, "flip_flop");
		emit_bool(&j, true);
	}
	emit_key(&j, "evidence");
	emit_open(&j, '[');
	for (size_t i = 0; i < change->claimant_count; i++)
		write_claimant(&j, &change->claimants[i]);
	emit_close(&j, ']');
	if (change->key_count > 0)
		write_keys(&j, c->context, change);
	emit_close(&j, '}');
	outlet_commit(c->outlet, &j, LINE_CHANGE, c->context->seq);
	c->told++;
}

void change_tell_plain(struct changes *c, const char *what, const struct record *r,
                       const struct ip *address)
{
	const struct change change = {
		.what = what, .record = r, .address = address, .before = {"", 0}, .after = {"", 0}};

	change_tell(c, &change);
}

struct words mac_words(struct mac mac, char text[MAC_TEXT])
{
	return (struct words){mac_format(mac, text), MAC_TEXT - 1};
}
