/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.c - compiles claims into tables. See plan.h for what they mean.
 */
#include "observe/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_DEFAULT = 16 * 1024, STREAM_MAX = 64 * 1024 };

/* ---- where a key's chain number stands ---- */

static uint8_t *snap_place(struct plan *plan, uint64_t key)
{
	for (unsigned i = 0; i < plan->snap_count; i++)
		if (plan->snap[i].key == key)
			return &plan->snap[i].chain;
	if (plan->snap_count == SNAP_MAX)
		return NULL;
	plan->snap[plan->snap_count].key = key;
	return &plan->snap[plan->snap_count++].chain;
}

static void plan_tables(struct plan *plan)
{
	plan->tables[LINKTYPE] = (struct key_table){plan->linktype, sizeof plan->linktype};
	plan->tables[ETHERTYPE] = (struct key_table){plan->ethertype, sizeof plan->ethertype};
	plan->tables[LLC] = (struct key_table){plan->llc, sizeof plan->llc};
	plan->tables[IP_PROTOCOL] = (struct key_table){plan->ip_protocol, sizeof plan->ip_protocol};
	plan->tables[UDP_PORT] = (struct key_table){plan->udp_port, sizeof plan->udp_port};
	plan->tables[TCP_PORT] = (struct key_table){plan->tcp_port, sizeof plan->tcp_port};
}

/* NULL: the key is out of the space's range, or the space is full. */
static uint8_t *plan_place(struct plan *plan, enum space space, uint64_t key)
{
	const struct key_table *table = &plan->tables[space];

	if (space == SNAP)
		return snap_place(plan, key);
	return key < table->size ? &table->chain[key] : NULL;
}

/* ---- chains ---- */

static uint8_t chain_number(struct plan *plan, const struct chain *chain)
{
	for (unsigned i = 0; i < plan->chain_count; i++)
		if (memcmp(&plan->chains[i], chain, sizeof *chain) == 0)
			return (uint8_t)i;
	if (plan->chain_count == CHAINS_MAX)
		return 0;
	plan->chains[plan->chain_count] = *chain;
	return (uint8_t)plan->chain_count++;
}

static bool chain_has(const struct chain *chain, unsigned observer)
{
	for (unsigned i = 0; i < chain->count; i++)
		if (chain->observer[i] == observer)
			return true;
	return false;
}

static bool plan_claim(struct plan *plan, unsigned observer, const struct claim *claim)
{
	uint8_t *place = plan_place(plan, claim->space, claim->key);

	if (!place)
		return false;
	struct chain chain = plan->chains[*place];
	if (chain_has(&chain, observer))
		return true;
	if (chain.count == CHAIN_MAX)
		return false;
	chain.observer[chain.count++] = (uint8_t)observer;
	*place = chain_number(plan, &chain);
	return *place != 0;
}

/* ---- sniff patterns: hex bytes, ?? for any, 'text' ---- */

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool pattern_put(struct pattern *p, uint8_t byte, uint8_t mask)
{
	if (p->len == PATTERN_MAX)
		return false;
	p->bytes[p->len] = byte & mask;
	p->mask[p->len++] = mask;
	return true;
}

static bool pattern_parse(const char *text, struct pattern *p)
{
	for (const char *s = text; *s != '\0';) {
		if (*s == ' ') {
			s++;
		} else if (*s == '\'') {
			for (s++; *s != '\0' && *s != '\''; s++)
				if (!pattern_put(p, (uint8_t)*s, 0xff))
					return false;
			if (*s++ != '\'')
				return false;
		} else if (s[0] == '?' && s[1] == '?') {
			if (!pattern_put(p, 0, 0))
				return false;
			s += 2;
		} else {
			const int high = hex_digit(s[0]);
			const int low = high >= 0 ? hex_digit(s[1]) : -1;

			if (low < 0 || !pattern_put(p, (uint8_t)(high << 4 | low), 0xff))
				return false;
			s += 2;
		}
	}
	return p->len > 0;
}

/* Notes for every value of the byte at a place whether the pattern may begin so. */
static void pattern_fits(struct patterns *patterns, const struct pattern *pattern, unsigned place)
{
	const uint8_t mask = pattern->mask[pattern_place[place]];
	const uint8_t wanted = pattern->bytes[pattern_place[place]];
	const uint64_t bit = UINT64_C(1) << patterns->count;

	if (mask == 0xff) {
		patterns->fits[place][wanted] |= bit;
		return;
	}
	for (unsigned byte = 0; byte < 256; byte++)
		if ((byte & mask) == wanted)
			patterns->fits[place][byte] |= bit;
}

static bool plan_sniff(struct patterns *patterns, unsigned observer, const char *text)
{
	struct pattern pattern = {.observer = (uint8_t)observer};

	if (patterns->count == PATTERNS_MAX || !text || !pattern_parse(text, &pattern))
		return false;
	if (pattern.len > patterns->longest)
		patterns->longest = pattern.len;
	while (pattern.from < pattern.len && pattern.mask[pattern.from] == 0)
		pattern.from++;
	for (unsigned i = 0; i < PATTERN_PLACES; i++)
		pattern_fits(patterns, &pattern, i);
	patterns->list[patterns->count++] = pattern;
	return true;
}

/* Eight bytes from `at` on. */
static bool pattern_differs(const struct pattern *pattern, const uint8_t *bytes, unsigned at)
{
	uint64_t is, wanted, mask;

	memcpy(&is, bytes + at, sizeof is);
	memcpy(&wanted, pattern->bytes + at, sizeof wanted);
	memcpy(&mask, pattern->mask + at, sizeof mask);
	return (is & mask) != wanted;
}

/* Eight bytes at a time. */
NOINLINE bool patterns_match_any(const struct patterns *patterns, uint64_t possible,
                                 const uint8_t *bytes, uint32_t len)
{
	uint8_t start[PATTERN_MAX] = {0};
	uint64_t is[2], wanted[2], mask[2];

	if (len < sizeof start) {
		memcpy(start, bytes, len);
		bytes = start;
	}
	memcpy(is, bytes, sizeof is);
	for (; possible != 0; possible &= possible - 1) {
		const struct pattern *p = &patterns->list[__builtin_ctzll(possible)];

		memcpy(wanted, p->bytes, sizeof wanted);
		memcpy(mask, p->mask, sizeof mask);
		if ((((is[0] & mask[0]) ^ wanted[0]) | ((is[1] & mask[1]) ^ wanted[1])) == 0 &&
		    p->len <= len)
			return true;
	}
	return false;
}

int pattern_match(const struct pattern *pattern, const uint8_t *bytes, uint32_t len)
{
	if (LIKELY(len >= PATTERN_MAX)) /* all of them, also those that may be any */
		return pattern_differs(pattern, bytes, 0) || pattern_differs(pattern, bytes, 8)
		               ? MATCH_NO
		               : MATCH_YES;
	for (unsigned i = pattern->from; i < pattern->len && i < len; i++)
		if ((bytes[i] & pattern->mask[i]) != pattern->bytes[i])
			return MATCH_NO;
	return len >= pattern->len ? MATCH_YES : MATCH_MAYBE;
}

/* The first byte behind the very first that is fixed, as begins[] has it. */
static uint16_t pattern_begins(const struct pattern *p)
{
	for (unsigned i = 1; i < p->len; i++)
		if (p->mask[i] == 0xff)
			return (uint16_t)(i << 8 | p->bytes[i]);
	return BEGINS_ANY;
}

/*
 * Patterns whose first byte may be any are left out: what they are for, QUIC, is told from bulk by
 * its first three bits already.
 */
void plan_udp_begins(const struct plan *plan, uint16_t begins[256])
{
	memset(begins, 0, 256 * sizeof *begins);
	for (unsigned i = 0; i < plan->udp_sniff.count; i++) {
		const struct pattern *p = &plan->udp_sniff.list[i];
		uint16_t *so = &begins[p->bytes[0]];

		if (p->from > 0 || p->mask[0] != 0xff)
			continue;
		*so = *so == 0 || *so == pattern_begins(p) ? pattern_begins(p) : BEGINS_ANY;
	}
}

/* ---- the plan ---- */

static bool plan_add(struct plan *plan, unsigned index)
{
	const struct observer *o = plan->observers[index];

	plan->rank[index] = SPACES;
	plan->edge_of[index] = -1;
	plan->stream_limit[index] = o->stream_bytes ? o->stream_bytes : STREAM_DEFAULT;
	if (plan->stream_limit[index] > STREAM_MAX || o->flow_state_size > FLOW_STATE_MAX)
		return false;
	if (o->stream && plan->stream_limit[index] > plan->stream_wants)
		plan->stream_wants = plan->stream_limit[index];
	for (const struct claim *c = o->claims; c->space != NO_SPACE; c++) {
		const bool ok =
			c->space == UDP_SNIFF   ? plan_sniff(&plan->udp_sniff, index, c->pattern)
			: c->space == TCP_SNIFF ? plan_sniff(&plan->tcp_sniff, index, c->pattern)
						: plan_claim(plan, index, c);
		if (!ok)
			return false;
		/* the rank is that of the layer below: link, IP protocols, transport */
		const uint8_t rank = c->space < IP_PROTOCOL ? 0 : c->space == IP_PROTOCOL ? 1 : 2;
		if (rank < plan->rank[index])
			plan->rank[index] = rank;
	}
	return true;
}

static int plan_index(const struct plan *plan, const char *name)
{
	for (unsigned i = 0; i < plan->observer_count; i++)
		if (strcmp(plan->observers[i]->name, name) == 0)
			return (int)i;
	return -1;
}

static bool plan_edge(struct plan *plan, const struct edge_choice *choice, char *why,
                      size_t why_len)
{
	const int index = plan_index(plan, choice->observer);

	if (index < 0) {
		snprintf(
			why, why_len,
			"--task %s: there is no observer of that name (see \"havainto observers\")",
			choice->observer);
		return false;
	}
	if (plan->edge_of[index] >= 0 || plan->edge_count == EDGES_MAX || choice->tasks == 0 ||
	    choice->tasks > 64) {
		snprintf(why, why_len,
		         "--task %s: each observer once, 1 to 64 tasks, %d observers at most",
		         choice->observer, EDGES_MAX);
		return false;
	}
	plan->edge_of[index] = (int8_t)plan->edge_count;
	plan->edge_observer[plan->edge_count] = (uint8_t)index;
	plan->edges[plan->edge_count] = *choice;
	plan->edges[plan->edge_count++].observer = plan->observers[index]->name;
	return true;
}

struct plan *plan_new(const struct observer *const *registry, unsigned count,
                      const struct edge_choice *edges, unsigned edge_count, char *why,
                      size_t why_len)
{
	struct plan *plan = calloc(1, sizeof *plan);

	if (!plan) {
		snprintf(why, why_len, "no memory for the plan");
		return NULL;
	}
	plan->observers = registry ? registry : observers;
	plan->observer_count = registry ? count : observer_count;
	plan->chain_count = 1;
	plan_tables(plan);
	bool ok = plan->observer_count <= OBSERVERS_MAX;
	if (!ok)
		snprintf(why, why_len, "more than %d observers do not fit the plan", OBSERVERS_MAX);
	for (unsigned i = 0; ok && i < plan->observer_count; i++) {
		ok = plan_add(plan, i);
		if (!ok)
			snprintf(why, why_len, "observer %s: a claim that does not fit the plan",
			         plan->observers[i]->name);
	}
	for (unsigned i = 0; ok && i < edge_count; i++)
		ok = plan_edge(plan, &edges[i], why, why_len);
	if (ok)
		return plan;
	plan_free(plan);
	return NULL;
}

void plan_free(struct plan *plan)
{
	free(plan);
}

const struct observer *plan_observer(const struct plan *plan, unsigned index)
{
	return plan->observers[index];
}

unsigned plan_observers(const struct plan *plan)
{
	return plan->observer_count;
}

int observer_index(const char *name)
{
	const struct plan all = {.observers = observers, .observer_count = observer_count};

	return plan_index(&all, name);
}

uint8_t plan_snap(const struct plan *plan, uint64_t key)
{
	for (unsigned i = 0; i < plan->snap_count; i++)
		if (plan->snap[i].key == key)
			return plan->snap[i].chain;
	return 0;
}

int plan_hands_over(const struct plan *plan, int at, unsigned observer)
{
	const int edge = plan->edge_of[observer];

	if (edge < 0 || edge == at)
		return -1;
	if (at < 0)
		return edge;
	return plan->rank[observer] > plan->rank[plan->edge_observer[at]] ? edge : -1;
}
