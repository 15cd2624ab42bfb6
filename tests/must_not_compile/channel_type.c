/* SPDX-License-Identifier: Apache-2.0 */
/* must not compile: a fact is sent into a channel of packets (with -DRIGHT: a packet) */
#include "task/channels.h"

#ifdef RIGHT
#define SENT_ITEM struct packet_item
#else
#define SENT_ITEM struct fact_item
#endif

enum sent send_item(struct packet_sender *s, SENT_ITEM **room);

enum sent send_item(struct packet_sender *s, SENT_ITEM **room)
{
	return packet_reserve(s, 8, room);
}
