/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h - places at which bpftrace, perf or gdb can look on while the program runs (USDT).
 *
 * PROBE2(name, a, b) is one nop, and a note in the binary (section .note.stapsdt) that says where the
 * nop is, what the probe is called and in which registers a and b are then; `readelf -n` shows it.
 * Whoever traces puts a breakpoint there; nobody else pays more than the nop. A probe stands on paths
 * that are rare anyway: something new was told, something was broken or dropped, an interval ended. Where
 * even its arguments would cost something, a semaphore says whether somebody looks: PROBE_IS_ON(name),
 * with PROBE_SEMAPHORE(name) once in the file; who looks counts it up (the kernel, for bpftrace and perf).
 *
 * Arguments are numbers or pointers of at most 64 bits. doc/probes.md tells of each what it has. The note's
 * form is that of SystemTap's sys/sdt.h, as https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation
 * tells it; made here, it is in every build. On machines that are neither x86-64 nor arm64 a probe is nothing.
 */
#pragma once

#include <stdint.h>

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(__FRAMAC__)

/* clang-format off */
#define PROBE_NOTE(name, semaphore, arguments)                                          \
	"990:	nop\n"                                                                  \
	"	.pushsection .note.stapsdt, \"\", \"note\"\n"                           \
	"	.balign 4\n"                                                            \
	"	.4byte 992f-991f, 994f-993f, 3\n"    /* lengths of name and body, type */ \
	"991:	.asciz \"stapsdt\"\n"                                                   \
	"992:	.balign 4\n"                                                            \
	"993:	.8byte 990b, _.stapsdt.base, " semaphore "\n" /* where; for prelink; 0: none */ \
	"	.asciz \"havainto\"\n"                                                  \
	"	.asciz \"" #name "\"\n"                                                 \
	"	.asciz \"" arguments "\"\n"                                             \
	"994:	.balign 4\n"                                                            \
	"	.popsection\n"                                                          \
	"	.ifndef _.stapsdt.base\n"                                               \
	"	.pushsection .stapsdt.base, \"aG\", \"progbits\", .stapsdt.base, comdat\n" \
	"	.weak _.stapsdt.base\n"                                                 \
	"	.hidden _.stapsdt.base\n"                                               \
	"_.stapsdt.base: .space 1\n"                                                    \
	"	.size _.stapsdt.base, 1\n"                                              \
	"	.popsection\n"                                                          \
	"	.endif\n"
/* clang-format on */

#define PROBE_VALUE(x) "nr"((uint64_t)(x))
#define PROBE2(name, a, b) \
	__asm__ volatile(PROBE_NOTE(name, "0", "8@%0 8@%1") : : PROBE_VALUE(a), PROBE_VALUE(b))
#define PROBE_SEMAPHORE(name)                                 \
	extern volatile uint16_t havainto_##name##_semaphore; \
	__attribute__((section(".probes"), used,              \
	               visibility("hidden"))) volatile uint16_t havainto_##name##_semaphore
#define PROBE_IS_ON(name) (havainto_##name##_semaphore != 0)
/* Has a semaphore. */
#define PROBE5(name, a, b, c, d, e)                                                          \
	__asm__ volatile(                                                                    \
		PROBE_NOTE(name, "havainto_" #name "_semaphore", "8@%0 8@%1 8@%2 8@%3 8@%4") \
		:                                                                            \
		: PROBE_VALUE(a), PROBE_VALUE(b), PROBE_VALUE(c), PROBE_VALUE(d), PROBE_VALUE(e))

#else

#define PROBE2(name, a, b) ((void)(a), (void)(b))
#define PROBE_SEMAPHORE(name) struct probe_##name
#define PROBE_IS_ON(name) false
#define PROBE5(name, a, b, c, d, e) ((void)(a), (void)(b), (void)(c), (void)(d), (void)(e))

#endif

/* A pointer for a probe. */
#define PROBE_POINTER(p) ((uintptr_t)(const void *)(p))
