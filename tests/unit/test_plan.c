/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_plan.c - claims compiled into tables: chains, patterns, ranks and edges, and what does not
 * fit.
 */
#include "observe/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum verdict nothing_stream(struct task *t, struct packet *p, struct cur *in,
                                   const struct stream *s, void *state)
{
	(void)t, (void)p, (void)in, (void)s, (void)state;
	return NOTHING;
}

static const struct observer link_observer = {.name = "link",
                                              .claims = CLAIMS({LINKTYPE, 1, NULL})};
static const struct observer two = {
	.name = "two", .claims = CLAIMS({ETHERTYPE, 0x0800, NULL}, {ETHERTYPE, 0x86dd, NULL})};
static const struct observer also = {.name = "also",
                                     .claims = CLAIMS({ETHERTYPE, 0x0800, NULL},
                                                      {ETHERTYPE, 0x0800, NULL},
                                                      {SNAP, 0x00000c2000, NULL})};
static const struct observer ip = {.name = "ip", .claims = CLAIMS({IP_PROTOCOL, 6, NULL})};
static const struct observer wide = {
	.name = "wide",
	.claims = CLAIMS({UDP_PORT, 65535, NULL}, {TCP_SNIFF, 0, "16 03 ?? 'ab'"}),
	.stream_bytes = 64 * 1024,
	.stream = nothing_stream};
static const struct observer low_and_high = {
	.name = "low-and-high", .claims = CLAIMS({UDP_PORT, 9, NULL}, {IP_PROTOCOL, 50, NULL})};
static const struct observer *const registry[] = {&also,         &ip,  &link_observer,
                                                  &low_and_high, &two, &wide};
enum { ALSO, IP, LINK, LOW_AND_HIGH, TWO, WIDE };

static char why[300];

static struct plan *make(const struct edge_choice *edges, unsigned count)
{
	why[0] = '\0';
	return plan_new(registry, COUNT_OF(registry), edges, count, why, sizeof why);
}

static bool refused(const struct observer *o)
{
	const struct observer *const one[] = {o};

	why[0] = '\0';
	struct plan *plan = plan_new(one, 1, NULL, 0, why, sizeof why);
	plan_free(plan);
	return !plan && why[0] != '\0';
}

static bool chain_is(const struct chain *chain, unsigned count, unsigned first, unsigned second)
{
	return chain->count == count && (count < 1 || chain->observer[0] == first) &&
	       (count < 2 || chain->observer[1] == second);
}

static void each_key_has_all_its_claimants_once(void **state)
{
	struct plan *plan = make(NULL, 0);

	(void)state;
	assert_non_null(plan);
	assert_true(chain_is(plan_chain(plan, ETHERTYPE, 0x0800), 2, ALSO, TWO));
	assert_true(chain_is(plan_chain(plan, ETHERTYPE, 0x86dd), 1, TWO, 0));
	assert_true(chain_is(plan_chain(plan, SNAP, 0x00000c2000), 1, ALSO, 0));
	assert_true(chain_is(plan_chain(plan, LINKTYPE, 1), 1, LINK, 0));
	assert_true(chain_is(plan_chain(plan, UDP_PORT, 65535), 1, WIDE, 0));
	plan_free(plan);
}

static void what_nobody_claims_has_an_empty_chain_whatever_the_key(void **state)
{
	struct plan *plan = make(NULL, 0);

	(void)state;
	for (unsigned space = NO_SPACE; space < SPACES; space++) {
		assert_int_equal(plan_chain(plan, (enum space)space, UINT64_MAX)->count, 0);
		assert_int_equal(plan_chain(plan, (enum space)space, 65536)->count, 0);
	}
	assert_int_equal(plan_chain(plan, ETHERTYPE, 0x0801)->count, 0);
	plan_free(plan);
}

static void patterns_match_under_their_mask(void **state)
{
	struct plan *plan = make(NULL, 0);

	(void)state;
	assert_int_equal(plan->tcp_sniff.count, 1);
	const struct pattern *p = &plan->tcp_sniff.list[0];
	assert_int_equal(pattern_match(p,
	                               (const uint8_t *)"\x16\x03\x01"
	                                                "ab",
	                               5),
	                 MATCH_YES);
	assert_int_equal(pattern_match(p,
	                               (const uint8_t *)"\x16\x03\xff"
	                                                "abc",
	                               6),
	                 MATCH_YES);
	assert_int_equal(pattern_match(p,
	                               (const uint8_t *)"\x16\x03\x01"
	                                                "aB",
	                               5),
	                 MATCH_NO);
	assert_int_equal(pattern_match(p, (const uint8_t *)"\x16\x03", 2), MATCH_MAYBE);
	assert_int_equal(pattern_match(p, (const uint8_t *)"\x17", 1), MATCH_NO);
	assert_int_equal(pattern_match(p, (const uint8_t *)"", 0), MATCH_MAYBE);
	plan_free(plan);
}

/* The two tables of first bytes leave out a pattern only where it does not match. */
static void no_pattern_that_may_match_is_left_out(void **state)
{
	struct plan *plan = make(NULL, 0);
	const struct pattern *p = &plan->tcp_sniff.list[0];

	(void)state;
	for (unsigned n = 0; n < 3 * 65536; n++) {
		const uint8_t bytes[2] = {(uint8_t)n, (uint8_t)(n >> 8)};
		const bool possible = patterns_possible(&plan->tcp_sniff, bytes, n >> 16) == 1;

		assert_int_equal(possible, pattern_match(p, bytes, n >> 16) == MATCH_MAYBE);
	}
	plan_free(plan);
}

static void the_longest_stream_decides_what_tasks_keep(void **state)
{
	struct plan *plan = make(NULL, 0);

	(void)state;
	assert_int_equal(plan->stream_limit[WIDE], 64 * 1024);
	assert_int_equal(plan->stream_wants, 64 * 1024);
	plan_free(plan);
}

static void claims_that_do_not_fit_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "1", "1g", "'abc", "?", "16 0", "ABCDEF", "'seventeen letters'", NULL};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(bad); i++) {
		const struct observer o = {.name = "bad", .claims = CLAIMS({TCP_SNIFF, 0, bad[i]})};

		if (!refused(&o))
			fail_msg("pattern \"%s\" was taken", bad[i] ? bad[i] : "(none)");
	}
	assert_true(refused(
		&(struct observer){.name = "x", .claims = CLAIMS({UDP_PORT, 65536, NULL})}));
	assert_true(refused(
		&(struct observer){.name = "x", .claims = CLAIMS({IP_PROTOCOL, 256, NULL})}));
	assert_true(refused(&(struct observer){.name = "x",
	                                       .claims = CLAIMS({LINKTYPE, 1, NULL}),
	                                       .stream_bytes = 64 * 1024 + 1}));
	assert_true(refused(&(struct observer){.name = "x",
	                                       .claims = CLAIMS({LINKTYPE, 1, NULL}),
	                                       .flow_state_size = FLOW_STATE_MAX + 1}));
}

static void a_ninth_claimant_of_a_key_is_refused(void **state)
{
	const struct observer one = {.name = "one", .claims = CLAIMS({UDP_PORT, 5, NULL})};
	const struct observer *many[CHAIN_MAX + 1];

	(void)state;
	for (unsigned i = 0; i < CHAIN_MAX + 1; i++)
		many[i] = &one;
	struct plan *plan = plan_new(many, CHAIN_MAX, NULL, 0, why, sizeof why);
	assert_non_null(plan);
	plan_free(plan);
	why[0] = '\0';
	assert_null(plan_new(many, CHAIN_MAX + 1, NULL, 0, why, sizeof why));
	assert_non_null(strstr(why, "one"));
}

static void edges_that_make_no_sense_are_refused_with_their_name(void **state)
{
	static const struct edge_choice none[] = {{"no-such", 1}};
	static const struct edge_choice twice[] = {{"ip", 1}, {"ip", 2}};
	static const struct edge_choice zero[] = {{"ip", 0}};
	static const struct edge_choice many[] = {{"ip", 65}};

	(void)state;
	assert_null(make(none, 1));
	assert_non_null(strstr(why, "no-such"));
	assert_null(make(twice, 2));
	assert_null(make(zero, 1));
	assert_null(make(many, 1));
	assert_non_null(strstr(why, "ip"));
}

/* Of any two edges at most one hands over to the other: channels form no cycle. */
static void edges_go_upwards_only(void **state)
{
	static const struct edge_choice edges[] = {
		{"wide", 1}, {"two", 1}, {"ip", 1}, {"low-and-high", 1}, {"link", 1}};
	struct plan *plan = make(edges, 5);

	(void)state;
	assert_non_null(plan);
	for (int a = 0; a < 5; a++) {
		assert_int_equal(plan_hands_over(plan, -1, plan->edge_observer[a]), a);
		for (int b = 0; b < 5; b++)
			assert_true(plan_hands_over(plan, a, plan->edge_observer[b]) < 0 ||
			            plan_hands_over(plan, b, plan->edge_observer[a]) < 0);
	}
	assert_int_equal(plan_hands_over(plan, 1, IP), 2);            /* link to IP protocols */
	assert_int_equal(plan_hands_over(plan, 2, WIDE), 0);          /* to transport */
	assert_int_equal(plan_hands_over(plan, 0, WIDE), -1);         /* it runs here */
	assert_int_equal(plan_hands_over(plan, 2, LOW_AND_HIGH), -1); /* by its lowest claim */
	assert_int_equal(plan_hands_over(plan, -1, ALSO), -1);
	plan_free(plan);
}

static void the_program_s_own_registry_is_a_plan(void **state)
{
	struct plan *plan = plan_new(NULL, 0, NULL, 0, why, sizeof why);

	(void)state;
	assert_non_null(plan);
	assert_int_equal(plan_observers(plan), observer_count);
	for (unsigned i = 0; i < observer_count; i++)
		assert_int_equal(observer_index(observers[i]->name), i);
	assert_int_equal(observer_index("no-such"), -1);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_has_all_its_claimants_once),
		cmocka_unit_test(what_nobody_claims_has_an_empty_chain_whatever_the_key),
		cmocka_unit_test(patterns_match_under_their_mask),
		cmocka_unit_test(no_pattern_that_may_match_is_left_out),
		cmocka_unit_test(the_longest_stream_decides_what_tasks_keep),
		cmocka_unit_test(claims_that_do_not_fit_are_refused),
		cmocka_unit_test(a_ninth_claimant_of_a_key_is_refused),
		cmocka_unit_test(edges_that_make_no_sense_are_refused_with_their_name),
		cmocka_unit_test(edges_go_upwards_only),
		cmocka_unit_test(the_program_s_own_registry_is_a_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
