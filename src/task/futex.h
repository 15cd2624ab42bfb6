/* SPDX-License-Identifier: Apache-2.0 */
/*
 * futex.h - sleeping on a word, for the edges between tasks. A word is one sleeper's own.
 *
 * Who goes to sleep exchanges ASLEEP into the word and then looks once more; who made a change
 * exchanges AWAKE into it after the change, and wakes the sleeper if ASLEEP came out. One exchange
 * comes first: if the change's, the sleeper's exchange acquires the change and the second look sees
 * it; if the sleeper's, it is woken. So each write to such a word is a read-modify-write: a plain
 * store would break that chain. So would a second sleeper: by his ASLEEP the first one, who was
 * woken between his two looks, would sleep on (tests/models/lend.pml, seed ONE_WORD).
 */
#pragma once

#include <linux/futex.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { AWAKE, ASLEEP };

/* Before the second look. */
static inline void futex_lie_down(_Atomic(uint32_t) *word)
{
	atomic_exchange_explicit(word, ASLEEP, memory_order_acq_rel);
}

/* Sleeps while the word says ASLEEP. False when the deadline (monotonic; NULL: none) is over. */
static inline bool futex_sleep(_Atomic(uint32_t) *word, const struct timespec *deadline)
{
	const long err = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, ASLEEP, deadline, NULL,
	                         FUTEX_BITSET_MATCH_ANY);

	return err == 0 || errno != ETIMEDOUT;
}

/* Wakes who sleeps on the word; says whether anybody did. */
static inline bool futex_wake(_Atomic(uint32_t) *word)
{
	if (atomic_exchange_explicit(word, AWAKE, memory_order_acq_rel) == AWAKE)
		return false;
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	return true;
}
