/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fan.pml - many senders into one channel, each closing when it is done.
 *
 * The receiver has one word to sleep on and all senders wake it there. It sees the end when the
 * last sender has closed and not before, and by then has had every item of every one, in order.
 *
 * (That lanes get full is channel.pml's.)
 *
 * seeds: EMPTY_FIRST WAKE_LOST CLOSE_SILENT
 */
#define SENDERS  3
#define LANES    SENDERS
#define CHANNELS 1
#define SIZE     1
#define ITEMS(me) ((me) < 2 -> 1 : 0) /* one of them only closes */
#define LANE_CHANNEL(l) 0

#include "lane.pml"

byte done;
byte told_sent[SENDERS];

proctype sender(byte me)
{
	SENDER;
	byte n;

	do
	:: n < ITEMS(me) ->
		channel_send(me, told_sent[me] + 1);
		if
		:: sent == SENT -> told_sent[me]++
		:: else -> assert(false)
		fi;
		n++
	:: else -> break
	od;
	done++;
	channel_close(me)
}

proctype receiver()
{
	RECEIVER(SENDERS);
	byte had[SENDERS];

	do
	:: channel_receive(0, 0, SENDERS);
		if
		:: got == ITEM ->
			had[at]++;
			assert(number == had[at])
		:: got == ENDED -> break
		fi
	od;
	assert(done == SENDERS);
	assert(had[0] == told_sent[0] && had[1] == told_sent[1] && had[2] == told_sent[2]);
	assert(had[0] + had[1] + had[2] == 2)
}

init {
	atomic {
		run receiver();
		run sender(0);
		run sender(1);
		run sender(2)
	}
}
