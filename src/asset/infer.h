/* SPDX-License-Identifier: Apache-2.0 */
/*
 * infer.h - conclusions from a device's facts: its name, its roles, and why.
 *
 * Pure: a list of facts in, conclusions out, by rules that are data (infer.c). The reporter calls
 * it with its table's facts, `havainto why` with those that it read from a report, so both conclude
 * the same.
 */
#pragma once

#include "asset/fact.h"
#include "base/attr.h"

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

/* Bytes of a value: a part of it, where the rules say so ("kitchen" of "kitchen.local"). */
struct words {
	const char *s;
	size_t len;
};

/* Index of the fact that gives the device its name, -1: none; *name is the name in it. */
int infer_name(const struct known *known, size_t count, struct words *name) NONNULL;

#define ROLES_MAX 16u
/* What it does for the network, sorted, each once; returns how many. */
size_t infer_roles(const struct known *known, size_t count, struct words roles[ROLES_MAX]) NONNULL;

/* A step of the reasoning. */
struct because {
	bool against;
	uint8_t weight; /* 0..100 */
	const char *rule;
	int fact; /* index of the evidence, -1: none */
};

/*
 * Why the conclusion `what` ("name", "roles", "role:router", an address) is as it is: the rules for
 * and against, the strongest first. Returns how many (at most cap); 0: there is no such conclusion.
 */
size_t infer_why(const struct known *known, size_t count, const char *what, struct because *out,
                 size_t cap) NONNULL;
