/* SPDX-License-Identifier: Apache-2.0 */
/* must not compile: what a channel of facts gives is read as a packet (with -DRIGHT: as a fact) */
#include "task/channels.h"

#ifdef RIGHT
#define READ_ITEM struct fact_item
#else
#define READ_ITEM struct packet_item
#endif

const READ_ITEM *receive_item(const struct fact_received *r);

const READ_ITEM *receive_item(const struct fact_received *r)
{
	return r->item;
}
