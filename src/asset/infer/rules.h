/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - what a text on the network says of the device that sent it: rules that are data.
 *
 * A rule names the kinds of facts that it reads, a pattern, and what a match says: attributes with
 * a value, a version and a CPE name, in which $1 to $5 stand for groups of the pattern, each with a
 * weight of 1 to 99: how often, of a hundred such texts, it is so. data/rules/README tells the
 * format of ours. Rules of a list (user agents, recog) are in the order of that list, and of those
 * that match a text only the first speaks; ours all speak.
 *
 * Nothing is done for what is not met. The rules that are a part of the program have their numbers
 * from the start, but are read when the first text of a kind that they are about comes; a pattern
 * is compiled when a text first has its literals (literal.h): most never are. All this goes into
 * memory of a fixed size, and what was read does not change.
 */
#pragma once

#include "asset/fact.h"
#include "asset/infer/literal.h"
#include "base/arena.h"
#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a text. */
struct words {
	const char *s;
	size_t len;
};

enum about { VENDOR, MODEL, OS, TYPE, ROLE, SOFTWARE, ABOUTS };
/* "vendor", "model" ... */
const char *about_name(enum about about) PURE;

enum rule_list { OUR_RULES, AGENT_PROGRAMS, AGENT_SYSTEMS, AGENT_DEVICES, FIRST_RECOG_LIST };

#define RULES_MAX 6144u
#define RULE_KINDS 8u
#define RULE_SAYS 6u
#define RULE_GROUPS 5u /* $1 to $5 */

/* The kind that stands for the name under which the MAC's prefix is registered. */
#define FACT_OUI FACT_NONE

struct says {
	uint8_t about; /* enum about */
	uint8_t weight;
	struct words value, version, cpe; /* with $1 .. $5; version and cpe may be empty */
};

struct rule {
	struct words id, source, pattern;
	uint16_t kinds[RULE_KINDS];
	uint8_t kind_count, says_count;
	uint8_t list; /* enum rule_list, or a later list */
	bool caseless;
	bool behind_dash; /* it reads what stands behind the second "-": of "SSH-2.0-x" the x */
	struct says says[RULE_SAYS];
	void *code;           /* compiled; NULL: not yet */
	bool broken;          /* it does not compile, or there is no room for it */
	uint8_t first_letter; /* of every match, in whatever case; 0: not one alone, or not known */
};

/* A kind of thing that is also another: Debian is a Linux, a camera is an IoT device. */
struct family {
	struct words child, parent;
};

#define FAMILIES_MAX 256u
#define KIND_SLOTS (FACT_KINDS + 1u)

struct sieve;
struct sieve_literal;
struct beginning;

struct rules {
	struct arena memory; /* rules, and their patterns compiled */
	struct arena tables; /* sieves and beginnings */
	struct rule *rule;
	unsigned count;
	unsigned own; /* of the program: they have the first numbers */
	struct family family[FAMILIES_MAX];
	unsigned family_count;
	uint16_t family_slot[4 *
	                     FAMILIES_MAX]; /* 1 + its index, found by the child's hash; 0: none */
	uint8_t lists;                      /* in use */
	uint16_t own_kinds[UINT8_MAX];      /* kinds as rules_text.h numbers them */
	bool is_read[FACT_KINDS];           /* does any rule read this kind? */
	struct sieve *sieve[FACT_KINDS];    /* NULL: no text of this kind was met yet */
	struct sieve_literal *literals;
	unsigned literal_count;
	struct beginning *beginnings;
	void *pcre, *matching, *limits;   /* of the pattern machine */
	uint64_t tried, broken, given_up; /* patterns tried, not usable, ended by a limit */
};

#define RULES_WHY 256

/* An example of a rule file: what the test must find. NULL where nobody asks. */
struct rule_example {
	unsigned line;
	const struct rule *rule;
	struct words text;   /* as it stands in the file: \n, \r, \t and \\ are escapes */
	struct words expect; /* "model=DCS-935L; os=Linux|2.6", "" or "nothing" */
};
typedef void rule_example_fn(void *to, const struct rule_example *example);

/* Memory for RULES_MAX rules, with none in it. 0, or -errno. */
int rules_init(struct rules *r) MUST_CHECK NONNULL;
void rules_fini(struct rules *r) NONNULL;
/* Adds the rules of a text, which must outlive them. False: `why` says where and what is wrong. */
bool rules_read(struct rules *r, const char *name, const char *text, size_t len,
                rule_example_fn *each, void *to, char why[RULES_WHY]) MUST_CHECK;
/* Adds those that are a part of the program, data/rules, before all others; each waits to be read. */
void rules_add_own(struct rules *r) NONNULL;
/* Reads those of them that read this kind, where that was not done yet. */
void rules_read_waiting(struct rules *r, enum fact_kind kind) NONNULL;
/* Does the rule of that number read the kind? It need not have been read itself. */
bool rule_reads(const struct rules *r, unsigned number, enum fact_kind kind) NONNULL PURE;
/* Adds an empty rule to fill in, before any text is matched; NULL: there is no room. */
struct rule *rules_add(struct rules *r) NONNULL;
/* Its kinds are filled in: from now on they are read. */
void rules_added(struct rules *r, const struct rule *rule) NONNULL;

/* Is x the same as y, or a kind of it? Case does not count. */
bool rules_is_a(const struct rules *r, struct words x, struct words y) NONNULL PURE;

/* A group of a match: bytes of the text. */
struct group {
	uint16_t at, len;
};
#define HITS_MAX 8u
/* A rule that matches a text, with the groups $0 to $5. */
struct hit {
	uint16_t rule;
	struct group group[RULE_GROUPS + 1];
};
/* The rules that match, in their order, at most HITS_MAX; how many. */
unsigned rules_match(struct rules *r, enum fact_kind kind, const char *text, size_t len,
                     struct hit hits[HITS_MAX]) NONNULL;
/* Writes the words with groups in place of $1 to $5, spaces at the ends left out; returns its length. */
size_t rules_expand(struct words words, const struct hit *hit, const char *text, char *out,
                    size_t cap) NONNULL;
