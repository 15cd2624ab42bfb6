/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.pml - one sender and one receiver, that may leave at any time.
 *
 * Nobody sleeps for ever; what is received is what was sent, in order and unharmed; when the
 * receiver sees the end it has had all; sent + dropped is what was tried.
 *
 * seeds: EMPTY_FIRST WAKE_LOST ROOM_LOST GIVE_LATE TAIL_FIRST SLEEP_FULL CLOSE_SILENT LEAVE_SILENT
 */
#define LANES    1
#define CHANNELS 1
#define SIZE     2
#define ITEMS    6
#define LANE_CHANNEL(l) 0
#define LEAVES

#include "lane.pml"

byte taken_in, dropped, taken_out;
bool told_closed, sender_done;

proctype sender()
{
	SENDER;
	byte n;

	do
	:: n < ITEMS && sent != CLOSED ->
		channel_send(0, taken_in + 1);
		if
		:: sent == SENT -> taken_in++
		:: sent == FULL -> dropped++
		:: else -> told_closed = true
		fi;
		n++
	:: else -> break
	od;
	channel_close(0);
	assert(told_closed || taken_in + dropped == ITEMS);
	assert(drops || dropped == 0);
	sender_done = true
}

proctype receiver()
{
	RECEIVER(1);

	do
	:: true ->
		channel_receive(0, 0, 1);
		if
		:: got == ITEM ->
			taken_out++;
			assert(number == taken_out)
		:: got == ENDED ->
			assert(taken_out == taken_in);
			break
		fi
	:: true ->
		channel_leave(0, 0, 1);
		break
	od;
	sender_done;
	assert(!told_closed || left[0])
}

init {
	atomic {
		if
		:: drops = true
		:: drops = false
		fi;
		run sender();
		run receiver()
	}
}
