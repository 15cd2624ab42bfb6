/* SPDX-License-Identifier: Apache-2.0 */
/*
 * infer.h - conclusions from a device's facts: what it is called, who made it, what model it is,
 * what runs on it, what it does, and why.
 *
 * A list of facts in, conclusions out, by rules that are data (rules.h). Nothing is remembered from
 * one device to the next but which texts match which rules, so the order of devices, of facts and
 * of reports does not matter. The reporter calls it with its table's facts, `havainto why` with
 * those that it read from a report, so both conclude the same.
 */
#pragma once

#include "asset/fact.h"
#include "asset/infer/rules.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A fact as a report holds it: one line. */
struct known {
	enum fact_kind kind;
	bool cut;
	uint8_t view; /* enum view, of an address */
	uint8_t confidence;
	const char *by;
	const uint8_t *value; /* encoded as facts.def says */
	size_t len;
	struct ip ip; /* the address that carried it; family 0: none */
	struct support support;
};

/* Index of the fact that gives the device its name, -1: none; *name is the name in it. */
int infer_name(const struct known *known, size_t count, struct words *name) NONNULL;

/* ---- what rules say ---- */

/*
 * The rules, and a table of the texts met lately with the rules that they match: a text is looked
 * at once, however many devices say it. What was forgotten is found again, at the same answer.
 */
struct infer {
	struct rules rules;
	struct arena memory;
	struct hash_key key;
	struct remembered *remembered;
	struct matched *matched;
	uint32_t last_matched;
	struct claims *claims;  /* of the device at hand */
	uint64_t texts, misses; /* looked up, and not found in the table */
};
/*
 * data: a folder of files that others wrote (recog.h); NULL, or not there: the program's own rules
 * alone. 0, or -errno with `why`.
 */
int infer_init(struct infer *in, const char *data, char why[RULES_WHY]) MUST_CHECK;
void infer_fini(struct infer *in) NONNULL;

struct conclusion {
	enum about about;
	uint8_t confidence; /* 1..99 */
	bool personal;      /* a part of a PERSONAL value stands in it */
	struct words value, version, cpe;
	const struct rule *rule; /* that which counted most; NULL: the MAC's prefix alone */
	int fact;                /* its evidence, -1: the MAC's prefix */
};

#define CONCLUSIONS_MAX 48u
/* Sorted by about, then by value. Of vendor, model, OS and type there is one at most. */
struct conclusions {
	struct conclusion list[CONCLUSIONS_MAX];
	unsigned count;
	char text[8192]; /* what the words are in */
	size_t used;
};
/*
 * maker: the name under which the MAC's prefix is registered, "" where there is none. Words point
 * into *out and into `known`.
 */
void infer_device(struct infer *in, const struct known *known, size_t count, const char *maker,
                  struct conclusions *out) NONNULL;
/*
 * Not 0. Of devices with the same signature the same is concluded, each from facts of its own: they
 * have the same maker, and what rules match was told in the same words by the same observers. Their
 * names and the maker's are one constant each.
 */
uint64_t infer_signature(struct infer *in, const struct known *known, size_t count,
                         const char *maker) NONNULL;
/* The one of that kind, or the first of several; NULL: there is none. */
const struct conclusion *conclusion_of(const struct conclusions *c, enum about about) NONNULL PURE;

/* ---- why ---- */

/* A step of the reasoning. */
struct because {
	bool against;
	uint8_t weight;   /* 0..100 */
	const char *rule; /* what it says, or where it is from; rule_len bytes */
	size_t rule_len;
	struct words id; /* of a rule of data; empty: one of the program's own */
	int fact;        /* index of the evidence, -1: the MAC's prefix */
};

/*
 * Why the conclusion `what` ("name", "vendor", "model", "os", "type", "software", "roles",
 * "role:router", an address) is as it is: the rules for and against, the strongest first. Returns
 * how many (at most cap); 0: there is no such conclusion.
 */
size_t infer_why(struct infer *in, const struct known *known, size_t count, const char *maker,
                 const char *what, struct because *out, size_t cap) NONNULL;
