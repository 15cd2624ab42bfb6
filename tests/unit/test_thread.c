/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_thread.c - tasks end by themselves when their inbox is closed, and who does not is named.
 */
#include "task/thread.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct link {
	struct channel *in;
	struct sender *out;
	uint64_t items;
	char name[16];
	sigset_t blocked;
	size_t stack;
};

/* Passes each item on, and ends when there are no more: the natural end of a task. */
static void link_run(void *arg)
{
	struct link *const me = arg;
	struct item item;
	void *room;

	thread_inbox(me->in);
	while (channel_receive(me->in, &item, -1) != ENDED) {
		me->items++;
		if (me->out == NULL || channel_reserve(me->out, item.len, &room) != SENT)
			continue;
		memcpy(room, item.bytes, item.len);
		channel_commit(me->out);
	}
	if (me->out != NULL)
		channel_close(me->out);
}

static void a_chain_of_tasks_drains_and_ends(void **state)
{
	struct link links[3] = {0};
	void *room;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_non_null(links[i].in = channel_new("chain", 4096, BLOCK, 1));
	struct sender *const first = channel_sender(links[0].in, 0);
	for (unsigned i = 0; i < 3; i++) {
		links[i].out = i < 2 ? channel_sender(links[i + 1].in, 0) : NULL;
		assert_non_null(thread_start("link", SANDBOX_OBSERVER, link_run, &links[i]));
	}
	for (unsigned i = 0; i < 20000; i++) {
		assert_int_equal(channel_reserve(first, i % 100, &room), SENT);
		memset(room, 1, i % 100);
		channel_commit(first);
	}
	channel_close(first);
	assert_int_equal(thread_join_all(-1, NULL, NULL), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(links[i].items, 20000);
		channel_free(links[i].in);
	}
}

static void look_at_thread(void *arg)
{
	struct link *const me = arg;
	pthread_attr_t attr;

	pthread_getname_np(pthread_self(), me->name, sizeof me->name);
	pthread_sigmask(SIG_BLOCK, NULL, &me->blocked);
	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstacksize(&attr, &me->stack);
	pthread_attr_destroy(&attr);
}

static void a_thread_has_a_name_a_bounded_stack_and_no_signals(void **state)
{
	struct link me = {0};
	sigset_t before;

	(void)state;
	assert_non_null(
		thread_start("worker with a long name", SANDBOX_WORKER, look_at_thread, &me));
	assert_int_equal(thread_join_all(10000, NULL, NULL), 0);
	assert_string_equal(me.name, "worker with a l");
	assert_true(me.stack <= 9u << 20);
	assert_true(sigismember(&me.blocked, SIGTERM) == 1 &&
	            sigismember(&me.blocked, SIGINT) == 1);
	assert_true(sigismember(&me.blocked, SIGHUP) == 1 &&
	            sigismember(&me.blocked, SIGSEGV) == 0);
	pthread_sigmask(SIG_BLOCK, NULL, &before);
	assert_true(sigismember(&before, SIGTERM) == 0);
}

struct late {
	unsigned times;
	char name[32];
	uint64_t fill;
};

static void note_late(const struct thread_late *who, void *arg)
{
	struct late *const late = arg;

	late->times++;
	strncpy(late->name, who->name, sizeof late->name - 1);
	late->fill = who->inbox == NULL ? 0 : channel_count(who->inbox).fill;
}

/* Names its inbox, and does not look into it before the gate opens. */
static void stuck_run(void *arg)
{
	struct link *const *const links = arg;
	struct item item;

	thread_inbox(links[0]->in);
	while (channel_receive(links[1]->in, &item, -1) != ENDED)
		;
	link_run(links[0]);
}

static void who_does_not_end_is_named_with_the_fill_of_its_inbox(void **state)
{
	struct link stuck = {.in = channel_new("stuck", 4096, BLOCK, 1)};
	struct link gate = {.in = channel_new("gate", 4096, BLOCK, 1)};
	struct link *links[] = {&stuck, &gate};
	struct link quick = {0};
	struct late late = {0};
	void *room;

	(void)state;
	assert_int_equal(channel_reserve(channel_sender(stuck.in, 0), 24, &room), SENT);
	channel_commit(channel_sender(stuck.in, 0));
	channel_close(channel_sender(stuck.in, 0));
	assert_non_null(thread_start("stuck", SANDBOX_OBSERVER, stuck_run, links));
	assert_non_null(thread_start("quick", SANDBOX_OBSERVER, look_at_thread, &quick));
	assert_int_equal(thread_join_all(200, note_late, &late), 1);
	assert_int_equal(late.times, 1);
	assert_string_equal(late.name, "stuck");
	assert_int_equal(late.fill, 32);
	channel_close(channel_sender(gate.in, 0));
	assert_int_equal(thread_join_all(10000, note_late, &late), 0);
	assert_int_equal(late.times, 1);
	assert_int_equal(stuck.items, 1);
	channel_free(stuck.in);
	channel_free(gate.in);
}

static _Thread_local int confined = -1;

static int confine(enum sandbox_class class)
{
	confined = (int)class;
	return class == SANDBOX_UI ? -EPERM : 0;
}

static void note_class(void *arg)
{
	*(int *)arg = confined;
}

static void a_thread_is_confined_before_it_runs(void **state)
{
	int class = -1;

	(void)state;
	thread_sandbox = confine;
	assert_non_null(thread_start("reporter", SANDBOX_REPORTER, note_class, &class));
	assert_int_equal(thread_join_all(10000, NULL, NULL), 0);
	thread_sandbox = NULL;
	assert_int_equal(class, SANDBOX_REPORTER);
}

static void what_cannot_be_confined_ends_the_program(void **state)
{
	int class = -1, status;
	const pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		thread_sandbox = confine;
		close(STDERR_FILENO);
		if (thread_start("ui", SANDBOX_UI, note_class, &class) != NULL)
			class = (int)thread_join_all(10000, NULL, NULL);
		_exit(class == 0 ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_of_tasks_drains_and_ends),
		cmocka_unit_test(a_thread_has_a_name_a_bounded_stack_and_no_signals),
		cmocka_unit_test(who_does_not_end_is_named_with_the_fill_of_its_inbox),
		cmocka_unit_test(a_thread_is_confined_before_it_runs),
		cmocka_unit_test(what_cannot_be_confined_ends_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
