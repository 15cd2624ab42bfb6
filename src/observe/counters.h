/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counters.h - what a task counts, and the message that carries the counts to the reporter.
 *
 * A COUNTERS item holds totals since the task's start (not increments), so that a lost one does no
 * harm: one struct counters_item, then struct verdict_counts of each observer, struct unclaimed of
 * each unclaimed key, struct coverage_row of each VLAN, struct asked of each address asked for.
 */
#pragma once

#include "observe/observer.h"

enum counter {
#define COUNTER(symbol, wire, unit, about, advice) COUNTER_##symbol,
#include "observe/counters.def"
#undef COUNTER
	COUNTERS_COUNT
};

struct counter_info {
	const char *wire, *unit, *about, *advice;
};
const struct counter_info *counter_info(enum counter counter) PURE;

struct verdict_counts {
	uint64_t verdict[VERDICTS];
	uint64_t truncated; /* MALFORMED, but of a cut packet */
};

/* A key that no observer claims. */
struct unclaimed {
	uint64_t key;
	uint64_t packets;
	uint32_t space; /* enum space */
	uint32_t reserved;
};
enum { UNCLAIMED_MAX = 256 };

/* What was seen of the conversations of a VLAN: see coverage.h. */
struct coverage_row {
	uint64_t tcp, tcp_both;  /* conversations; of these seen of both sides */
	uint64_t udp, udp_both;  /* the same of datagrams, to one receiver */
	uint64_t groups;         /* of datagrams to a group or to all */
	uint64_t bytes, lost;    /* of TCP: seen, and acknowledged but never seen */
	uint32_t vlan, reserved; /* COVERAGE_OTHERS: of all that have no row */
};
enum { COVERAGE_ROWS = 128, COVERAGE_OTHERS = 4096 };

/* An address that somebody asked for (ARP, NDP). */
struct asked {
	struct ip ip;
	uint16_t iface, vlan;
};
enum { ASKED_MAX = 512 };

struct counters_item {
	uint64_t counters[COUNTERS_COUNT];
	uint32_t observers;
	uint32_t unclaimed;
	uint32_t rows;
	uint32_t asked;
};

/* "ethertype", "udp_port" ...: as in case files and in the health line. */
const char *space_name(enum space space) PURE;
const char *verdict_name(enum verdict verdict) PURE;
