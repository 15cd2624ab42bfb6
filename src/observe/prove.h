/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prove.h - what an observer's file says at its end, so that its parsers are proved.
 *
 *	PROVE(arp_parse, struct arp)
 *		bool arp_parse(struct cur *in, struct arp *out)
 *	PROVE_WITH(shard_parse, struct shard, uint16_t)
 *		bool shard_parse(struct cur *in, uint16_t any, struct shard *out)
 *	PROVE_NOTHING("it forwards and reads no byte")
 *		an observer without a parser, and why
 *
 * In the program this only bounds the parsed struct, which is zeroed for each packet. For
 * Frama-C (__FRAMAC__) it becomes an entry point, prove_arp_parse, that calls the parser with any
 * bytes, of any length, from any offset, and with any value of the further argument. Eva then
 * shows that none of these reads out of bounds or what was never written, overflows, or loses
 * bits in a conversion. `./dev prove` finds these lines by itself.
 */
#pragma once

#include "base/cursor.h"

#define PARSED_MAX 1024

#ifndef __FRAMAC__

#define PROVE(parse, type) _Static_assert(sizeof(type) <= PARSED_MAX, #type " is zeroed too often");
#define PROVE_WITH(parse, type, any) PROVE(parse, type)
#define PROVE_NOTHING(why) _Static_assert(sizeof(why) > 1, "why is nothing proved?");

#else

/* A volatile has any value at each read. */
static volatile uint8_t prove_any_byte;
static volatile uint32_t prove_any_number;
static uint8_t prove_bytes[CUR_MAX];

/* The buffer ends where the longest window ends: one byte too far is out of bounds. And the
 * entry is at any offset: at 0 of a big buffer an over-read would stay inside. */
static struct cur prove_input(void)
{
	for (uint32_t i = 0; i < CUR_MAX; i++)
		prove_bytes[i] = prove_any_byte;
	uint32_t len = prove_any_number;
	if (len > CUR_MAX)
		len = CUR_MAX;
	struct cur in = cur_make(prove_bytes, len);
	cur_seek(&in, prove_any_number);
	return in;
}

#define PROVE(parse, type)                     \
	void prove_##parse(void)               \
	{                                      \
		struct cur in = prove_input(); \
		type out = {0};                \
		parse(&in, &out);              \
	}
#define PROVE_WITH(parse, type, any_type)      \
	void prove_##parse(void)               \
	{                                      \
		static volatile any_type any;  \
		struct cur in = prove_input(); \
		type out = {0};                \
		parse(&in, any, &out);         \
	}
#define PROVE_NOTHING(why)

#endif
