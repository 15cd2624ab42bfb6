/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query.h - the search language of the inventory: one line of words, parsed into conditions that
 * all must hold. `havainto ask`, the API and the page speak it.
 *
 *	kitchen                  some term of the device holds the text, upper or lower case
 *	"front door"             the same with a space in it
 *	os:linux                 a field holds the text: vendor, name, os, model, any kind of fact
 *	os:="Debian 12"          it is the text, whole
 *	service:tcp/22           fields of whole words are equal: service, role, type, vlan, mac, ip, subnet ...
 *	role:printer,camera      one of these; in quotes where it has a space or a comma: os:="a b","c, d"
 *	name:lab-*               * stands for anything
 *	ip:10.0.0.0/8            an address in the network
 *	packets:>1000            a number: >N >=N <N <=N N..M
 *	last_seen:<1h            an age: s m h d w; or a time: >=2026-11-20, 2026-11-20..2026-11-21
 *	-role:router             not
 *
 * A query is foreign: bounded in length and in conditions, refused with the place and the reason.
 */
#pragma once

#include "base/attr.h"
#include "net/ip.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUERY_TEXT 1024
#define QUERY_CONDITIONS 24u
#define QUERY_VALUES 16u /* between commas */
#define QUERY_WHY 256

enum match {
	MATCH_TEXT, /* any term holds it */
	MATCH_HOLDS,
	MATCH_EQUAL,
	MATCH_PATTERN, /* with '*' */
	MATCH_NET,
	MATCH_RANGE, /* low <= number or time (ns) <= high */
};

struct query_value {
	enum match match;
	const char *text; /* in the query's buffer */
	struct ip net;
	unsigned prefix; /* bits of net */
	uint64_t low, high;
};

/* One of the values matches; or, with `not`, none. */
struct condition {
	bool negated;
	const char *field; /* NULL: any term */
	unsigned count;
	struct query_value values[QUERY_VALUES];
};

struct query {
	unsigned count;
	struct condition conditions[QUERY_CONDITIONS];
	char text[QUERY_TEXT];
};

/*
 * now_ns: what ages are reckoned from. False: why names the word and what is wrong with it, and the
 * nearest field where there is none of that name.
 */
bool query_parse(const char *text, uint64_t now_ns, struct query *out,
                 char why[QUERY_WHY]) MUST_CHECK NONNULL;
/* The i-th field that people search by, for completion; NULL: no more. Kinds of facts come last. */
const char *query_field(unsigned i) PURE;
/* Is it one whose values are texts, so that they can be counted? */
bool query_is_field(const char *name) PURE NONNULL;
/* "10.0.0.0/8": match, net and prefix of *v. False: it is none. */
bool query_read_net(const char *text, struct query_value *v) MUST_CHECK NONNULL;
/* Is it in the network? False for texts that are no address. */
bool query_in_net(const char *address, const struct ip *net, unsigned prefix) NONNULL;
