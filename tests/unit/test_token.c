/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_token.c - who shows a token is known by it, and who guesses learns nothing from how long he
 * waits.
 *
 * The latter is shown without a clock, which a busy machine would bend: a child asks whose a guess
 * is, and its parent steps it from instruction to instruction. For guesses of the same length, of
 * which none, half, or all but the last letter is right, the child must walk the very same path:
 * the same instructions in the same order, so no shorter and no longer. A comparison that ends at
 * the first letter that differs is stepped too, to show that this would be seen.
 */
#include "manager/token.h"

#include "base/clock.h"
#include "base/hash.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct bed {
	char folder[64], token[TOKEN_TEXT], session[TOKEN_TEXT], why[256];
	struct tokens *tokens;
};

static int start(void **state)
{
	struct bed *const b = calloc(1, sizeof *b);
	char link[TOKEN_TEXT];

	if (b == NULL)
		return -1;
	snprintf(b->folder, sizeof b->folder, "/tmp/test_token.XXXXXX");
	if (mkdtemp(b->folder) == NULL)
		return -1;
	b->tokens = tokens_open(b->folder, b->why, sizeof b->why);
	if (b->tokens == NULL ||
	    !tokens_make(b->tokens, "one", ROLE_VIEWER, b->token, b->why, sizeof b->why) ||
	    !tokens_make_link(b->tokens, ROLE_OPERATOR, 0, link) ||
	    !tokens_use_link(b->tokens, link, 0, b->session))
		return -1;
	*state = b;
	return 0;
}

static int stop(void **state)
{
	struct bed *const b = *state;
	char path[128];

	tokens_free(b->tokens);
	snprintf(path, sizeof path, "%s/tokens", b->folder);
	unlink(path);
	rmdir(b->folder);
	free(b);
	return 0;
}

/* ---- what holds ---- */

static void a_token_is_known_and_nothing_else_is(void **state)
{
	const struct bed *const b = *state;
	char guess[TOKEN_TEXT + 1];

	assert_int_equal(tokens_role(b->tokens, b->token), ROLE_VIEWER);
	assert_int_equal(tokens_role(b->tokens, b->session), ROLE_NONE);
	assert_int_equal(tokens_role(b->tokens, ""), ROLE_NONE);
	for (size_t len = 0; len < TOKEN_TEXT - 1; len++) {
		snprintf(guess, sizeof guess, "%.*s", (int)len, b->token);
		assert_int_equal(tokens_role(b->tokens, guess), ROLE_NONE);
	}
	snprintf(guess, sizeof guess, "%s=", b->token);
	assert_int_equal(tokens_role(b->tokens, guess), ROLE_NONE);
}

static void the_file_holds_no_token_and_is_enough_to_know_it(void **state)
{
	struct bed *const b = *state;
	char path[128], line[256];

	snprintf(path, sizeof path, "%s/tokens", b->folder);
	FILE *const in = fopen(path, "r");
	assert_non_null(in);
	assert_non_null(fgets(line, sizeof line, in));
	fclose(in);
	assert_null(strstr(line, b->token));

	tokens_free(b->tokens);
	b->tokens = tokens_open(b->folder, b->why, sizeof b->why);
	assert_non_null(b->tokens);
	assert_int_equal(tokens_role(b->tokens, b->token), ROLE_VIEWER);
}

static void a_link_is_good_once_and_its_session_for_half_a_day(void **state)
{
	struct bed *const b = *state;
	char link[TOKEN_TEXT], session[TOKEN_TEXT];
	const uint64_t half_a_day = 12 * 3600 * CLOCK_SECOND;

	assert_true(tokens_make_link(b->tokens, ROLE_ADMIN, 0, link));
	assert_false(tokens_use_link(b->tokens, link, 600 * CLOCK_SECOND, session));
	assert_true(tokens_use_link(b->tokens, link, 600 * CLOCK_SECOND - 1, session));
	assert_false(tokens_use_link(b->tokens, link, 0, session));
	assert_int_equal(tokens_session(b->tokens, b->session, half_a_day - 1), ROLE_OPERATOR);
	assert_int_equal(tokens_session(b->tokens, b->session, half_a_day), ROLE_NONE);
	tokens_end_session(b->tokens, b->session);
	assert_int_equal(tokens_session(b->tokens, b->session, 1), ROLE_NONE);
}

/* ---- the path of a guess ---- */

typedef enum role asked(const struct bed *b, const char *guess);

static enum role as_token(const struct bed *b, const char *guess)
{
	return tokens_role(b->tokens, guess);
}

/* As it must not be done. */
static enum role letter_by_letter(const struct bed *b, const char *guess)
{
	const volatile char *right = b->token;

	while (*guess != '\0' && *guess == *right) {
		guess++;
		right++;
	}
	return *guess == *right ? ROLE_VIEWER : ROLE_NONE;
}

struct path {
	unsigned long steps;
	uint64_t hash; /* of where each step was */
};

/* Steps a stopped child to where it stops itself again. */
static struct path path_to_stop(pid_t child)
{
	const struct hash_key key = hash_key_fixed();
	struct path path = {0};
	siginfo_t at;
	int status;

	for (;;) {
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSTOPPED(status));
		if (WSTOPSIG(status) == SIGSTOP)
			return path;
		assert_int_equal(WSTOPSIG(status), SIGTRAP);
		assert_int_equal(ptrace(PTRACE_GETSIGINFO, child, NULL, &at), 0);
		path.hash = hash_words(&key, (uint64_t[]){path.hash, (uintptr_t)at.si_addr}, 2);
		path.steps++;
	}
}

/* False: no process may be stepped here. The child is a copy of this very moment, for each guess. */
static bool path_of(const struct bed *b, asked *ask, const char *guess, struct path *out)
{
	int status;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(77);
		raise(SIGSTOP);
		const enum role role = ask(b, guess);
		raise(SIGSTOP);
		_exit(role == ROLE_NONE ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return false;
	*out = path_to_stop(child);
	assert_int_equal(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return true;
}

/* Of guesses that have none, half, and all but the last of its letters in common with the token. */
static bool paths_of(const struct bed *b, asked *ask, struct path paths[3])
{
	const char *const right = b->token;
	const size_t common[] = {0, TOKEN_TEXT / 2, TOKEN_TEXT - 2};
	char guess[TOKEN_TEXT];

	assert_int_equal(ask(b, right), ROLE_VIEWER); /* and what is done only once is done */
	for (unsigned i = 0; i < 3; i++) {
		memcpy(guess, right, sizeof guess);
		for (size_t at = common[i]; at < TOKEN_TEXT - 1; at++)
			guess[at] = right[at] == 'A' ? 'B' : 'A';
		if (!path_of(b, ask, guess, &paths[i]))
			return false;
	}
	return true;
}

/* Sessions are found by the same function, in a longer list. */
static void a_refusal_takes_as_long_however_much_of_the_token_was_right(void **state)
{
	const struct bed *const b = *state;
	struct path paths[3];

	if (!paths_of(b, as_token, paths))
		skip();
	assert_true(paths[0].steps > 64); /* the hash alone has as many rounds */
	for (unsigned i = 1; i < 3; i++) {
		assert_int_equal(paths[i].steps, paths[0].steps);
		assert_int_equal(paths[i].hash, paths[0].hash);
	}
}

static void a_comparison_letter_by_letter_would_be_seen(void **state)
{
	const struct bed *const b = *state;
	struct path paths[3];

	if (!paths_of(b, letter_by_letter, paths))
		skip();
	assert_true(paths[0].steps < paths[1].steps && paths[1].steps < paths[2].steps);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_token_is_known_and_nothing_else_is),
		T(the_file_holds_no_token_and_is_enough_to_know_it),
		T(a_link_is_good_once_and_its_session_for_half_a_day),
		T(a_refusal_takes_as_long_however_much_of_the_token_was_right),
		T(a_comparison_letter_by_letter_would_be_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
