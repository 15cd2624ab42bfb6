/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case_check.c - what came of a case against what it expects, and one run against another.
 */
#include "case.h"
#include "observe/counters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- facts ---- */

/* What any SYN tells of its sender, and many a datagram. */
static bool is_fingerprint(const struct fact_item *item)
{
	return item->kind == FACT_TCP_SYN || item->kind == FACT_TCP_SYN_ACK ||
	       item->kind == FACT_TCP_MTU || item->kind == FACT_UDP_NUMBERED;
}

bool fact_is_exempt(const struct fact_item *item)
{
	return item->kind == FACT_SEEN || item->kind == FACT_TTL || item->grade == USES ||
	       is_fingerprint(item);
}

static const char *realm_text(const struct realm *realm, char out[REALM_MAX + 1])
{
	memcpy(out, realm->s, realm->len);
	out[realm->len] = 0;
	return out;
}

/* The value as it stands in a case file, without quotes. */
static const char *value_text(const struct fact *f, size_t *len)
{
	static char text[FACT_TEXT_MAX];

	*len = fact_format((enum fact_kind)f->item.kind, f->value, f->item.value_len, text);
	return text;
}

/* The line that would expect it. */
const char *fact_text(const struct fact *f)
{
	static char line[FACT_TEXT_MAX + 512];
	char mac[MAC_TEXT], ip[IP_TEXT], realm[REALM_MAX + 1];
	const struct endpoint *e = &f->item.endpoint;
	size_t len = 0;
	const char *value = value_text(f, &len);

	snprintf(line, sizeof line, "%s  %s  \"%.*s\"  by %s  grade %s%s%s  vlan %u  realm \"%s\"",
	         mac_is_zero(e->mac) ? "-" : mac_format(e->mac, mac),
	         fact_info((enum fact_kind)f->item.kind)->wire, (int)len, value,
	         observers[f->item.by]->name, grade_name((enum grade)f->item.grade),
	         e->ip.family ? "  ip " : "", ip_format(&e->ip, ip), (unsigned)e->vlan.n,
	         realm_text(&e->realm, realm));
	return line;
}

/* ---- expect ---- */

static bool mac_matches(const struct endpoint *e, const char *wanted)
{
	struct mac mac = {{0}};

	if (strcmp(wanted, "-") != 0 && !mac_parse(wanted, &mac))
		return false;
	return mac_equal(mac, e->mac);
}

static bool ip_matches(const struct ip *ip, const char *wanted)
{
	struct ip want = {0};

	return strcmp(wanted, "-") == 0 ? ip->family == 0
	                                : ip_parse(wanted, &want) && ip_equal(&want, ip);
}

static bool option_matches(const struct fact *f, const char *name, const char *wanted)
{
	const struct endpoint *e = &f->item.endpoint;
	char realm[REALM_MAX + 1];

	if (strcmp(name, "by") == 0)
		return strcmp(observers[f->item.by]->name, wanted) == 0;
	if (strcmp(name, "grade") == 0)
		return strcmp(grade_name((enum grade)f->item.grade), wanted) == 0;
	if (strcmp(name, "ip") == 0)
		return ip_matches(&e->ip, wanted);
	if (strcmp(name, "vlan") == 0)
		return strtoul(wanted, NULL, 10) == e->vlan.n;
	if (strcmp(name, "realm") == 0)
		return strcmp(realm_text(&e->realm, realm), wanted) == 0;
	return false;
}

static bool expect_matches(const struct statement *s, const struct fact *f)
{
	size_t len = 0;
	const char *value = value_text(f, &len);

	if (!mac_matches(&f->item.endpoint, s->tokens[1].s) ||
	    strcmp(fact_info((enum fact_kind)f->item.kind)->wire, s->tokens[2].s) != 0 ||
	    len != s->tokens[3].len || memcmp(value, s->tokens[3].s, len) != 0)
		return false;
	for (unsigned i = 4; i + 1 < s->count; i += 2)
		if (!option_matches(f, s->tokens[i].s, s->tokens[i + 1].s))
			return false;
	return true;
}

static void check_expect(const struct case_file *c, const struct statement *s, const struct run *r,
                         bool *listed)
{
	bool met = false;

	if (s->count < 4 || s->count % 2 != 0 || fact_kind_by_name(s->tokens[2].s) == FACT_NONE) {
		case_fails(
			c, s->line,
			"wanted: expect MAC KIND VALUE [by O] [grade G] [ip A] [vlan N] [realm R]");
		return;
	}
	for (unsigned i = 0; i < r->fact_count; i++)
		if (expect_matches(s, &r->facts[i]))
			met = listed[i] = true;
	if (!met)
		case_fails(c, s->line, "not told: %s %s %s", s->tokens[1].s, s->tokens[2].s,
		           s->tokens[3].s);
}

static void check_facts(const struct case_file *c, const struct run *r)
{
	bool *listed = calloc(r->fact_count + 1u, sizeof *listed);

	for (unsigned i = 0; i < c->count; i++)
		if (statement_is(&c->statements[i], "expect"))
			check_expect(c, &c->statements[i], r, listed);
	for (unsigned i = 0; i < r->fact_count; i++)
		if (!listed[i] && !fact_is_exempt(&r->facts[i].item))
			case_fails(c, 0, "told, not expected: expect  %s", fact_text(&r->facts[i]));
	free(listed);
}

/* ---- count ---- */

static bool verdict_count(const struct run *r, const char *name, uint64_t *n)
{
	const char *dot = strchr(name, '.');
	char observer[64] = "";

	if (!dot || (size_t)(dot - name) >= sizeof observer)
		return false;
	memcpy(observer, name, (size_t)(dot - name));
	const int index = observer_index(observer);
	if (index < 0)
		return false;
	const struct verdict_counts *counts = task_verdicts(r->task, (unsigned)index);
	*n = counts->truncated;
	if (strcmp(dot + 1, "truncated") == 0)
		return true;
	for (unsigned v = 0; v < VERDICTS; v++) {
		*n = counts->verdict[v];
		if (strcmp(verdict_name((enum verdict)v), dot + 1) == 0)
			return true;
	}
	return false;
}

static bool engine_count(const struct run *r, const char *name, uint64_t *n)
{
	for (unsigned i = 0; i < COUNTERS_COUNT; i++) {
		*n = task_counter(r->task, (enum counter)i);
		if (strcmp(counter_info((enum counter)i)->wire, name) == 0)
			return true;
	}
	return false;
}

static void check_count(const struct case_file *c, const struct statement *s, const struct run *r)
{
	for (unsigned i = 1; i < s->count; i += 2) {
		const char *name = s->tokens[i].s;
		uint64_t n = 0;
		if (i + 1 == s->count ||
		    (!verdict_count(r, name, &n) && !engine_count(r, name, &n)))
			case_fails(c, s->tokens[i].line, "no such count: %s", name);
		else if (n != strtoull(s->tokens[i + 1].s, NULL, 10))
			case_fails(c, s->tokens[i].line, "%s is %" PRIu64 ", not %s", name, n,
			           s->tokens[i + 1].s);
	}
}

/* ---- forward ---- */

static bool number_is(uint64_t n, const char *wanted)
{
	char *end = NULL;

	return strtoull(wanted, &end, 0) == n && *wanted && !*end;
}

static bool context_is(const struct step *s, const char *name, const char *wanted)
{
	const struct packet *p = &s->packet;
	const struct endpoint sender = {.mac = p->source};

	if (strcmp(name, "rest") == 0)
		return number_is(s->left, wanted);
	if (strcmp(name, "src") == 0)
		return ip_matches(&p->from, wanted);
	if (strcmp(name, "dst") == 0)
		return ip_matches(&p->to, wanted);
	if (strcmp(name, "sport") == 0)
		return number_is(p->from_port.n, wanted);
	if (strcmp(name, "dport") == 0)
		return number_is(p->to_port.n, wanted);
	if (strcmp(name, "ttl") == 0)
		return number_is(p->ttl, wanted);
	if (strcmp(name, "vlan") == 0)
		return number_is(p->vlan.n, wanted);
	if (strcmp(name, "cut") == 0)
		return number_is(p->cut, wanted);
	return strcmp(name, "smac") == 0 && mac_matches(&sender, wanted);
}

static bool forward_is(const struct statement *w, const struct step *s)
{
	if (strcmp(space_name(s->space), w->tokens[1].s) != 0 || !number_is(s->key, w->tokens[2].s))
		return false;
	for (unsigned i = 3; i + 1 < w->count; i += 2)
		if (!s->observer || !context_is(s, w->tokens[i].s, w->tokens[i + 1].s))
			return false;
	return true;
}

static void check_forward(const struct case_file *c, const struct statement *s, const struct run *r)
{
	bool met = false;

	if (s->count < 3 || s->count % 2 == 0) {
		case_fails(c, s->line, "wanted: forward SPACE KEY [rest N] [src A] ...");
		return;
	}
	for (unsigned i = 0; i < r->step_count && !met; i++)
		met = forward_is(s, &r->steps[i]);
	if (!met)
		case_fails(c, s->line, "not forwarded so: %s %s", s->tokens[1].s, s->tokens[2].s);
}

void check_expectations(const struct case_file *c, const struct run *r)
{
	check_facts(c, r);
	for (unsigned i = 0; i < c->count; i++) {
		if (statement_is(&c->statements[i], "count"))
			check_count(c, &c->statements[i], r);
		if (statement_is(&c->statements[i], "forward"))
			check_forward(c, &c->statements[i], r);
	}
}

/* ---- one run against another ---- */

static bool same_claim(const struct fact *a, const struct fact *b)
{
	const struct fact_item *x = &a->item, *y = &b->item;

	return x->kind == y->kind && x->by == y->by && x->grade == y->grade &&
	       x->value_len == y->value_len && memcmp(a->value, b->value, x->value_len) == 0 &&
	       mac_equal(x->endpoint.mac, y->endpoint.mac) &&
	       ip_equal(&x->endpoint.ip, &y->endpoint.ip);
}

/* The realm that `inner` becomes inside of `outer`. */
static bool realm_is(const struct realm *realm, const struct realm *inner, const char *outer)
{
	char have[REALM_MAX + 1], in[REALM_MAX + 1], want[2 * REALM_MAX + 3];

	realm_text(inner, in);
	snprintf(want, sizeof want, "%s%s%s", outer ? outer : "", outer && in[0] ? "/" : "", in);
	return strcmp(realm_text(realm, have), want) == 0;
}

static bool same_disguised(const struct fact *plain, const struct fact *other,
                           const struct disguise *d)
{
	const struct endpoint *a = &plain->item.endpoint, *b = &other->item.endpoint;
	const uint16_t vlan = d->vlan && a->realm.len == 0 ? d->vlan : a->vlan.n;

	/* A sender's traffic is told by the link, before any tag is read. */
	return same_claim(plain, other) && realm_is(&b->realm, &a->realm, d->realm) &&
	       (b->vlan.n == vlan || plain->item.kind == FACT_SEEN);
}

/* Told of the disguise itself: its tags, its outer addresses. */
static bool of_disguise(const struct fact *f, const struct disguise *d)
{
	if (d->realm && f->item.endpoint.realm.len == 0)
		return mac_equal(f->item.endpoint.mac, d->outer);
	return d->vlan != 0 && f->item.kind == FACT_VLAN;
}

void check_same(const struct case_file *c, const struct run *base, const struct run *other,
                const struct disguise *d)
{
	for (unsigned i = 0; i < base->fact_count; i++) {
		bool found = d->pieces && is_fingerprint(&base->facts[i].item);
		for (unsigned k = 0; k < other->fact_count && !found; k++)
			found = same_disguised(&base->facts[i], &other->facts[k], d);
		if (!found)
			case_fails(c, 0, "%s: no longer told: %s", d->name,
			           fact_text(&base->facts[i]));
	}
	for (unsigned k = 0; k < other->fact_count; k++) {
		bool found = of_disguise(&other->facts[k], d);
		for (unsigned i = 0; i < base->fact_count && !found; i++)
			found = same_disguised(&base->facts[i], &other->facts[k], d);
		if (!found)
			case_fails(c, 0, "%s: told only so: %s", d->name,
			           fact_text(&other->facts[k]));
	}
}

static bool is_prefix_of_any(const struct run *base, const struct fact *f)
{
	for (unsigned i = 0; i < base->fact_count; i++)
		if (base->facts[i].item.kind == f->item.kind &&
		    base->facts[i].item.value_len > f->item.value_len &&
		    memcmp(base->facts[i].value, f->value, f->item.value_len) == 0)
			return true;
	return false;
}

/* The digest is the fact's identity: equal keys make it comparable between tasks. */
void check_subset(const struct case_file *c, const struct run *base, const struct run *part,
                  const char *variant)
{
	for (unsigned k = 0; k < part->fact_count; k++) {
		bool found = false;
		for (unsigned i = 0; i < base->fact_count && !found; i++)
			found = base->facts[i].item.digest == part->facts[k].item.digest;
		if (!found)
			case_fails(c, 0, "%s: told of a cut frame%s: %s", variant,
			           is_prefix_of_any(base, &part->facts[k]) ? ", a text cut short"
			                                                   : "",
			           fact_text(&part->facts[k]));
	}
}
