/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counters.c - the names of what is counted.
 */
#include "observe/counters.h"

static const struct counter_info infos[COUNTERS_COUNT] = {
#define COUNTER(symbol, wire, unit, about, advice) {wire, unit, about, advice},
#include "observe/counters.def"
#undef COUNTER
};

static const char *const space_names[SPACES] = {
	[NO_SPACE] = "none",       [LINKTYPE] = "linktype",
	[ETHERTYPE] = "ethertype", [LLC] = "llc",
	[SNAP] = "snap",           [IP_PROTOCOL] = "ip_protocol",
	[UDP_PORT] = "udp_port",   [TCP_PORT] = "tcp_port",
	[UDP_SNIFF] = "udp_sniff", [TCP_SNIFF] = "tcp_sniff",
};

static const char *const verdict_names[VERDICTS] = {
	[LEARNED] = "learned",   [NOTHING] = "nothing",     [MALFORMED] = "malformed",
	[NOT_MINE] = "not_mine", [NEED_MORE] = "need_more",
};

const struct counter_info *counter_info(enum counter counter)
{
	return &infos[counter];
}

const char *space_name(enum space space)
{
	return space_names[space];
}

const char *verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}
