/* SPDX-License-Identifier: Apache-2.0 */
/*
 * infer.c - what concluding costs: infer MODE N, from the project's folder.
 *
 *	start       nothing but the making of the rules, N times
 *	new         N texts that were never met, each of a device of its own
 *	met         the same N times over, when all were met before
 *	device      N devices of a dozen facts each, their texts met before
 *
 * The texts are the examples of data/rules; a number behind each makes it new.
 */
#include "asset/infer/infer.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXTS_MAX 4096u
#define FACTS 12u

struct sample {
	enum fact_kind kind;
	char value[512];
	size_t len;
};

static struct sample texts[TEXTS_MAX];
static unsigned text_count;

static void keep(void *to, const struct rule_example *example)
{
	const enum fact_kind kind = (enum fact_kind)example->rule->kinds[0];

	(void)to;
	if (text_count == TEXTS_MAX || kind == FACT_OUI || example->text.len > 400 ||
	    fact_info(kind)->value != VALUE_TEXT)
		return;
	struct sample *const t = &texts[text_count++];
	t->kind = kind;
	t->len = example->text.len;
	memcpy(t->value, example->text.s, t->len);
}

static void read_examples(const char *name)
{
	static struct rules rules;
	static char text[1 << 20];
	char path[512], why[RULES_WHY];

	snprintf(path, sizeof path, "data/rules/%s", name);
	FILE *const file = fopen(path, "rb");
	const size_t len = file == NULL ? 0 : fread(text, 1, sizeof text, file);
	if (file == NULL || rules_init(&rules) < 0 ||
	    !rules_read(&rules, name, text, len, keep, NULL, why)) {
		fprintf(stderr, "infer: cannot read %s: run it in the project's folder\n", path);
		exit(1);
	}
	fclose(file);
	rules_fini(&rules);
}

static int is_rules(const struct dirent *entry)
{
	return strstr(entry->d_name, ".rules") != NULL;
}

static void read_all(void)
{
	struct dirent **names;
	const int count = scandir("data/rules", &names, is_rules, alphasort);

	for (int i = 0; i < count; i++)
		read_examples(names[i]->d_name);
	if (text_count == 0) {
		fprintf(stderr,
		        "infer: no examples in data/rules: run it in the project's folder\n");
		exit(1);
	}
}

static struct known fact_of(const struct sample *t)
{
	return (struct known){
		.kind = t->kind, .by = "x", .value = (const uint8_t *)t->value, .len = t->len};
}

static void conclude(struct infer *in, const struct known *known, size_t count)
{
	static struct conclusions all;

	infer_device(in, known, count, "", &all);
}

static void run_new(struct infer *in, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct sample t = texts[i % text_count];
		t.len += (size_t)snprintf(t.value + t.len, 32, " %u", i);
		const struct known known = fact_of(&t);
		conclude(in, &known, 1);
	}
}

static void run_met(struct infer *in, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct known known = fact_of(&texts[i % text_count]);
		conclude(in, &known, 1);
	}
}

static void run_devices(struct infer *in, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct known known[FACTS];
		for (unsigned k = 0; k < FACTS; k++)
			known[k] = fact_of(&texts[(i * 7 + k * 61) % text_count]);
		conclude(in, known, FACTS);
	}
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int start(struct infer *in)
{
	char why[RULES_WHY];
	const int error = infer_init(in, NULL, why);

	if (error < 0)
		fprintf(stderr, "infer: %s\n", why);
	return error;
}

static int run_start(unsigned n)
{
	static struct infer in;
	const double begun = now_ns();

	for (unsigned i = 0; i < n; i++) {
		if (start(&in) < 0)
			return 1;
		infer_fini(&in);
	}
	printf("%.0f\n", (now_ns() - begun) / n);
	return 0;
}

int main(int argc, char **argv)
{
	static struct infer in;
	static const struct {
		const char *mode;
		void (*run)(struct infer *in, unsigned n);
	} modes[] = {{"new", run_new}, {"met", run_met}, {"device", run_devices}};
	const unsigned n = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

	if (n > 0 && strcmp(argv[1], "start") == 0)
		return run_start(n);
	read_all();
	for (size_t i = 0; n > 0 && i < sizeof modes / sizeof modes[0]; i++) {
		if (strcmp(argv[1], modes[i].mode) != 0)
			continue;
		if (start(&in) < 0)
			return 1;
		run_met(&in, text_count); /* patterns are compiled, texts met */
		const double begun = now_ns();
		modes[i].run(&in, n);
		printf("%.0f\n", (now_ns() - begun) / n);
		return 0;
	}
	fprintf(stderr, "usage: infer start|new|met|device N\n");
	return 2;
}
