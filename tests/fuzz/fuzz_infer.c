/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_infer.c - any bytes as what rules are read from, and as what devices say.
 *
 * The first byte chooses: a file in recog's format, a file of rules, a pattern of which the literals
 * are wanted, or texts of a device, parted by a byte 0, each behind one for its kind.
 *
 * Held to: what is refused has a reason; literals are of the lengths they may have; conclusions stand
 * in their order, and are the same when the facts come the other way round.
 */
#include "sensor.h"

#include "asset/infer/infer.h"
#include "asset/infer/recog.h"

#include <stdlib.h>
#include <string.h>

#define FACTS_MAX 12u

static void read_recog(const uint8_t *data, size_t size)
{
	static struct rules rules;
	char why[RULES_WHY] = "";
	unsigned added = 0;

	HOLDS(rules_init(&rules) == 0);
	if (!recog_read(&rules, "x", (const char *)data, size, &added, why))
		HOLDS(why[0] != '\0');
	HOLDS(added <= rules.count && rules.count <= RULES_MAX);
	rules_fini(&rules);
}

static void read_rules(const uint8_t *data, size_t size)
{
	static struct rules rules;
	char why[RULES_WHY] = "";
	struct hit hits[HITS_MAX];

	HOLDS(rules_init(&rules) == 0);
	if (!rules_read(&rules, "x", (const char *)data, size, NULL, NULL, why))
		HOLDS(why[0] != '\0');
	HOLDS(rules_match(&rules, FACT_HTTP_SERVER, (const char *)data, size < 1024 ? size : 1024,
	                  hits) <= HITS_MAX);
	rules_fini(&rules);
}

static void read_pattern(const uint8_t *data, size_t size)
{
	struct literals literals;

	literals_find((const char *)data, size, &literals);
	HOLDS(literals.count <= LITERALS);
	for (unsigned i = 0; i < literals.count; i++)
		HOLDS(literals.len[i] >= LITERAL_MIN && literals.len[i] <= LITERAL_MAX);
}

/* ---- what devices say ---- */

static size_t facts_of(const uint8_t *data, size_t size, struct known known[FACTS_MAX])
{
	size_t count = 0;

	while (size > 1 && count < FACTS_MAX) {
		const uint8_t *const end = memchr(data + 1, 0, size - 1);
		const size_t len = end == NULL ? size - 1 : (size_t)(end - data) - 1;
		const enum fact_kind kind =
			(enum fact_kind)(1 + (data[0] * 7u + count) % (FACT_KINDS - 1));
		if (len <= FACT_VALUE_MAX && fact_fits(kind, len))
			known[count++] = (struct known){
				.kind = kind, .by = "x", .value = data + 1, .len = len};
		const size_t used = len + 2 < size ? len + 2 : size;
		data += used;
		size -= used;
	}
	return count;
}

static void judge(const struct conclusions *c)
{
	HOLDS(c->count <= CONCLUSIONS_MAX && c->used <= sizeof c->text);
	for (unsigned i = 0; i < c->count; i++) {
		HOLDS(c->list[i].confidence >= 1 && c->list[i].confidence <= 99);
		HOLDS(i == 0 || c->list[i - 1].about <= c->list[i].about);
	}
}

static void conclude(const uint8_t *data, size_t size)
{
	static struct infer infer;
	static bool ready;
	static struct conclusions forth, back;
	struct known known[FACTS_MAX], turned[FACTS_MAX];
	char why[RULES_WHY];

	if (!ready)
		HOLDS(infer_init(&infer, NULL, why) == 0);
	ready = true;
	const size_t count = facts_of(data, size, known);
	for (size_t i = 0; i < count; i++)
		turned[i] = known[count - 1 - i];
	infer_device(&infer, known, count, "Maker", &forth);
	judge(&forth);
	infer_device(&infer, turned, count, "Maker", &back);
	HOLDS(forth.count == back.count);
	for (unsigned i = 0; i < forth.count; i++)
		HOLDS(forth.list[i].about == back.list[i].about &&
		      forth.list[i].confidence == back.list[i].confidence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parts[])(const uint8_t *data, size_t size) = {read_recog, read_rules,
	                                                                  read_pattern, conclude};

	if (size == 0)
		return 0;
	uint8_t *const copy = malloc(size > 1 ? size - 1 : 1); /* a step over its end is seen */
	HOLDS(copy != NULL);
	memcpy(copy, data + 1, size - 1);
	parts[data[0] % COUNT_OF(parts)](copy, size - 1);
	free(copy);
	return 0;
}
