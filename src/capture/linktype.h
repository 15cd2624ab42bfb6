/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linktype.h - LINKTYPE_ values, the registry at tcpdump.org/linktypes.html: how a frame begins.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

/* Those that havainto reads. */
enum linktype {
	LINKTYPE_NULL = 0, /* BSD loopback: address family in the writer's byte order */
	LINKTYPE_ETHERNET = 1,
	LINKTYPE_IEEE802_5 = 6,
	LINKTYPE_PPP = 9,
	LINKTYPE_FDDI = 10,
	LINKTYPE_RAW_12 = 12, /* raw IP as some systems number it */
	LINKTYPE_RAW_14 = 14, /* so does OpenBSD */
	LINKTYPE_PPP_HDLC = 50,
	LINKTYPE_PPP_ETHER = 51,
	LINKTYPE_RAW = 101,
	LINKTYPE_C_HDLC = 104,
	LINKTYPE_IEEE802_11 = 105,
	LINKTYPE_FRELAY = 107,
	LINKTYPE_LOOP = 108, /* as NULL, but big-endian */
	LINKTYPE_LINUX_SLL = 113,
	LINKTYPE_PRISM = 119,
	LINKTYPE_RADIOTAP = 127,
	LINKTYPE_ARCNET_LINUX = 129,
	LINKTYPE_AVS = 163,
	LINKTYPE_JUNIPER_ETHER = 178,
	LINKTYPE_PPI = 192,
	LINKTYPE_IPV4 = 228,
	LINKTYPE_IPV6 = 229,
	LINKTYPE_NFLOG = 239,
	LINKTYPE_IPOIB = 242,
	LINKTYPE_PKTAP = 258,
	LINKTYPE_LINUX_SLL2 = 276,
	LINKTYPE_DSA_TAG_BRCM = 281,
	LINKTYPE_DSA_TAG_DSA = 284,
	LINKTYPE_DSA_TAG_EDSA = 285,
};

/* "ETHERNET"; "unknown" for a number that the registry does not have. */
const char *linktype_name(uint16_t linktype) PURE;

/* All of them, to prepare something for each. */
extern const uint16_t linktypes_supported[];
extern const unsigned linktypes_supported_count;
