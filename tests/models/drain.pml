/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drain.pml - natural termination: a signal stops the sources, and all else follows.
 *
 * A source, a worker, the reporter, every lane with room for one item; the signal comes at any
 * time, or not before the end of the file. Every task ends, the reporter last, and has had all that
 * the source had read. STOP_NOW is a worker that ends at the signal instead of its inbox's end;
 * FORGET_CLOSE is one that does not close its lane.
 *
 * seeds: EMPTY_FIRST WAKE_LOST ROOM_LOST SLEEP_FULL STOP_NOW FORGET_CLOSE
 */
#define LANES    2 /* 0: from the source to the worker; 1: from it to the reporter */
#define CHANNELS 2
#define SIZE     1
#define ITEMS    2
#define LANE_CHANNEL(l) (l)

#include "lane.pml"

bool stop;
byte read, ended;

active proctype signal()
{
	if
	:: stop = true
	:: true /* end of file comes first */
	fi
}

active proctype source()
{
	SENDER;

	do
	:: stop || read == ITEMS -> break
	:: else ->
		read++;
		channel_send(0, read);
		assert(sent == SENT)
	od;
	channel_close(0);
	ended++
}

active proctype worker()
{
	SENDER;
	RECEIVER(1);

	do
#ifdef STOP_NOW
	:: stop -> break
#endif
	:: channel_receive(0, 0, 1);
		if
		:: got == ENDED -> break
		:: else -> channel_send(1, number)
		fi
	od;
#ifndef FORGET_CLOSE
	channel_close(1);
#endif
	ended++
}

active proctype reporter()
{
	RECEIVER(1);
	byte had;

	do
	:: channel_receive(1, 1, 1);
		if
		:: got == ENDED -> break
		:: else ->
			had++;
			assert(number == had)
		fi
	od;
	assert(had == read);
	ended == 2
}
