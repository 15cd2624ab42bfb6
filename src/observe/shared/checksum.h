/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checksum.h - the checksum of the internet protocols (RFC 1071), where it is asked for because it
 * is what tells a message from other bytes.
 */
#pragma once

#include "observe/observer.h"

/* Do the 16-bit words, the checksum among them, add up to all ones? A last odd byte counts as one with a 0. */
static inline bool checksum_holds(struct cur words)
{
	uint32_t sum = 0;

	while (cur_more(&words))
		sum += cur_left(&words) == 1 ? cur_u8(&words) * 256u : cur_be16(&words);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}
