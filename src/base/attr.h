/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attr.h - what this compiler can be told about a function. The only file that
 * asks which compiler it is; under Frama-C everything here is empty.
 */
#pragma once

#if defined(__FRAMAC__)
#define MUST_CHECK
#define NONNULL
#define PRINTF(fmt, args)
#define PURE
#define COLD
#define HOT
#define FLATTEN
#define ALWAYS_INLINE inline
#define NOINLINE
#define UNUSED
#define LIKELY(x) (x)
#define UNLIKELY(x) (x)
#define PREFETCH(p) ((void)0)
#define UNINITIALIZED
#else
#define MUST_CHECK __attribute__((warn_unused_result))
#define NONNULL __attribute__((nonnull))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define PURE __attribute__((pure))
#define COLD __attribute__((cold))
#define HOT __attribute__((hot))
#define FLATTEN __attribute__((flatten)) /* all that it calls is put into it */
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline)) /* a rare path: its frame is not its caller's */
#define UNUSED __attribute__((unused))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PREFETCH(p) __builtin_prefetch(p)
/* Of a great array that is written before it is read: the compiler does not zero it each time. */
#define UNINITIALIZED __attribute__((uninitialized))
/* SCOPED(x_freep) struct x *v = ...: v is freed when its scope ends; x_freep takes &v. */
#define SCOPED(freep) __attribute__((cleanup(freep)))
/* Two words that are one value of the processor: what is done to it is done to both. */
#define WORD_PAIR __attribute__((vector_size(16))) uint64_t
#endif

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
