/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox_parts.h - the steps of sandbox_enter, a file each: privilege.c, landlock.c, silence.c,
 * and the system calls of threads in sandbox.c. Each gives 0, or a negative errno with `why`.
 */
#pragma once

#include "base/sandbox.h"

#include <seccomp.h>

/*
 * What happens to a forbidden call: the process ends; built to find mistakes, it names the call
 * first.
 */
#ifdef HAVAINTO_SECCOMP_LOG
#define SANDBOX_FORBID SCMP_ACT_TRAP
#else
#define SANDBOX_FORBID SCMP_ACT_KILL_PROCESS
#endif

/*
 * The kernel takes a descriptor, a family or a command as 32 bits: the upper ones must not matter.
 */
#define SANDBOX_IS(arg, value) SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)(value))

/* "WHAT: reason of error". */
int sandbox_refuse(char why[SANDBOX_WHY], int error, const char *format, ...)
	PRINTF(3, 4) MUST_CHECK;

/* For good: the user, the groups and every capability of every set; then no_new_privs. */
int privilege_drop(const struct sandbox_user *user, char why[SANDBOX_WHY]) MUST_CHECK NONNULL;
uint64_t privilege_capabilities(void);

/* Only these paths and ports from now on. Gives the ABI in *abi; 0: the kernel has no Landlock. */
int landlock_restrict(const struct sandbox_plan *plan, int *abi,
                      char why[SANDBOX_WHY]) MUST_CHECK NONNULL;

/* No thread can send on these sockets, or make another way to. */
int silence_enforce(const int *sockets, unsigned count, char why[SANDBOX_WHY]) MUST_CHECK NONNULL;
