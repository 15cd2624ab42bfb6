/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread.c - the thread of a task.
 *
 * A thread tells its end on a futex word, because one cannot wait for a pthread with a deadline in
 * a portable way. The list of threads is the main thread's own.
 */
#include "task/thread.h"

#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(HAVAINTO_SANITIZED)
#define THREAD_STACK (8u << 20) /* a sanitizer's frames are larger */
#else
#define THREAD_STACK (1u << 20)
#endif

enum { RUNNING, DONE };

struct thread {
	struct thread *next;
	char name[32];
	enum sandbox_class class;
	void (*run)(void *self);
	void *self;
	pthread_t id;
	_Atomic(uint32_t) state;
	_Atomic(const struct channel *) inbox;
};

int (*thread_sandbox)(enum sandbox_class class);

static struct thread *threads;                 /* started and not joined, the last one first */
static _Thread_local struct thread *thread_me; /* NULL in the main thread */

static void thread_confine(const struct thread *t)
{
	const int err = thread_sandbox == NULL ? 0 : thread_sandbox(t->class);

	if (err == 0)
		return;
	log_line("cannot confine thread %s to the system calls of a %s: %s", t->name,
	         sandbox_class_name(t->class), strerror(-err));
	_exit(1);
}

static void *thread_main(void *arg)
{
	struct thread *const t = arg;
	char shown[16];

	memcpy(shown, t->name, sizeof shown - 1);
	shown[sizeof shown - 1] = 0;
	pthread_setname_np(pthread_self(), shown);
	thread_me = t;
	thread_confine(t);
	t->run(t->self);
	atomic_store_explicit(&t->state, DONE, memory_order_release);
	syscall(SYS_futex, &t->state, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
	return NULL;
}

/* All signals but those that a thread brings upon itself: blocked, these would kill silently. */
static void thread_signals(sigset_t *set)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};

	sigfillset(set);
	for (size_t i = 0; i < COUNT_OF(own); i++)
		sigdelset(set, own[i]);
}

/* The thread inherits the signals that are blocked where it is made: no moment is without. */
static int thread_create(struct thread *t)
{
	pthread_attr_t attr;
	sigset_t blocked, before;

	thread_signals(&blocked);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	pthread_sigmask(SIG_SETMASK, &blocked, &before);
	const int err = pthread_create(&t->id, &attr, thread_main, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return err;
}

struct thread *thread_start(const char *name, enum sandbox_class class, void (*run)(void *self),
                            void *self)
{
	struct thread *const t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	strncpy(t->name, name, sizeof t->name - 1);
	t->class = class;
	t->run = run;
	t->self = self;
	const int err = thread_create(t);
	if (err != 0) {
		log_line("cannot start thread %s: %s", name, strerror(err));
		free(t);
		return NULL;
	}
	t->next = threads;
	threads = t;
	return t;
}

void thread_inbox(const struct channel *inbox)
{
	if (thread_me != NULL)
		atomic_store_explicit(&thread_me->inbox, inbox, memory_order_release);
}

static struct timespec thread_deadline(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	const long ns = t.tv_nsec + ms % 1000 * 1000000L;
	return (struct timespec){t.tv_sec + ms / 1000 + ns / 1000000000L, ns % 1000000000L};
}

/* Has it ended by the deadline (NULL: whenever)? */
static bool thread_ends(struct thread *t, const struct timespec *deadline)
{
	while (atomic_load_explicit(&t->state, memory_order_acquire) != DONE) {
		const long err = syscall(SYS_futex, &t->state, FUTEX_WAIT_BITSET_PRIVATE, RUNNING,
		                         deadline, NULL, FUTEX_BITSET_MATCH_ANY);
		if (err != 0 && errno == ETIMEDOUT)
			return atomic_load_explicit(&t->state, memory_order_acquire) == DONE;
	}
	return true;
}

unsigned thread_join_all(int deadline_ms, void (*late)(const struct thread_late *who, void *self),
                         void *self)
{
	const struct timespec deadline = thread_deadline(deadline_ms);
	unsigned left = 0;

	for (struct thread **at = &threads; *at != NULL;) {
		struct thread *const t = *at;
		if (thread_ends(t, deadline_ms < 0 ? NULL : &deadline)) {
			pthread_join(t->id, NULL);
			*at = t->next;
			free(t);
			continue;
		}
		const struct thread_late who = {
			t->name, atomic_load_explicit(&t->inbox, memory_order_acquire)};
		if (late != NULL)
			late(&who, self);
		left++;
		at = &t->next;
	}
	return left;
}
