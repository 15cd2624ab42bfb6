/* SPDX-License-Identifier: Apache-2.0 */
/*
 * align.pml - marks over files: a reader, two workers, an observer's own task, the reporter.
 *
 *	reader ==0=> worker 0 ==2=> edge task ==6=> reporter
 *	       ==1=> worker 1 ==3=>           (and 4, 5 from the workers to the reporter)
 *
 * Every lane blocks its sender when it holds one entry, and every receiver is aligned: who has sent a
 * mark is not listened to until all others that are still there have sent theirs. What the model asks:
 * does everything end, however full the lanes are, and is each item received in the interval in which
 * the reader had it? How a lane wakes and sleeps is lane.pml's: here a lane is Spin's own channel.
 *
 * The reader has ITEMS frames an interval at most, for either worker. A worker makes a fact of a frame,
 * or hands it to the edge task, or both. Seeds, each of which must be found:
 *	NOT_ALIGNED   the reporter takes the first mark for all
 *	MARK_LOST     a worker does not pass its mark on to the edge task
 *	MARK_SKIPPED  the edge task passes a mark on only when its number rises, and numbers fall
 *	MARK_EARLY    a worker passes a mark on to the edge task before what was committed
 *
 * seeds: NOT_ALIGNED MARK_LOST MARK_SKIPPED MARK_EARLY
 */
#define LANES 7
#define MARKS 2
#define ITEMS 1

mtype = { ITEM, MARK, ENDED };

chan lane[LANES] = [1] of { mtype, byte, byte }; /* what, its interval, a mark's number */
bool closed[LANES];
byte done;

#ifdef NOT_ALIGNED
#define ALIGNED false
#else
#define ALIGNED true
#endif
#ifdef MARK_SKIPPED
#define NUMBER(interval) (MARKS - (interval))
#else
#define NUMBER(interval) ((interval) + 1)
#endif

/* ---- the receiver: lanes first..first+count-1; locals of its process ---- */

#define RECEIVER(count) bool at_mark[count], ended[count]; \
	byte marked, open = count, k, was_in, number; mtype got

/* channel_turn: the next entry of lane k, which is not at a mark. */
inline lane_take(first)
{
	lane[first + k] ? got, was_in, number;
	if
	:: got == MARK ->
		at_mark[k] = true;
		marked++
	:: else
	fi
}

inline lane_end(first)
{
	ended[k] = true;
	open--;
	got = ENDED
}

#define INDEX(i, count) ((i) % (count)) /* of lanes that a channel has not, some other */
#define LANE_READY(first, i, count) \
	(i < count && !at_mark[INDEX(i, count)] && nempty(lane[(first) + INDEX(i, count)]))
#define LANE_OVER(first, i, count) \
	(i < count && !at_mark[INDEX(i, count)] && !ended[INDEX(i, count)] && \
	 closed[(first) + INDEX(i, count)] && empty(lane[(first) + INDEX(i, count)]))

/* channel_meet: all that are still there have come to the mark; they go on. */
inline channel_meet(count)
{
	marked = 0;
	k = 0;
	do
	:: k < count ->
		at_mark[k] = false;
		k++
	:: else -> break
	od;
	k = 0;
	got = MARK
}

#define MET(aligned) (marked > 0 && (marked == open || !(aligned)))
#define WAITS(aligned) (got != ITEM && !MET(aligned))

inline channel_receive(first, count, aligned)
{
	got = 0;
	do
	:: atomic { got == ITEM -> break }
	:: atomic { got != ITEM && MET(aligned) -> channel_meet(count); break }
	:: atomic { WAITS(aligned) && open == 0 -> got = ENDED; break }
	:: atomic { WAITS(aligned) && LANE_READY(first, 0, count) -> k = 0; lane_take(first) }
	:: atomic { WAITS(aligned) && LANE_READY(first, 1, count) -> k = 1; lane_take(first) }
	:: atomic { WAITS(aligned) && LANE_READY(first, 2, count) -> k = 2; lane_take(first) }
	:: atomic { WAITS(aligned) && LANE_OVER(first, 0, count) -> k = 0; lane_end(first) }
	:: atomic { WAITS(aligned) && LANE_OVER(first, 1, count) -> k = 1; lane_end(first) }
	:: atomic { WAITS(aligned) && LANE_OVER(first, 2, count) -> k = 2; lane_end(first) }
	od
}

/* ---- the tasks ---- */

active proctype reader()
{
	byte interval, items;

	do
	:: items < ITEMS -> lane[0] ! ITEM, interval, 0; items++
	:: items < ITEMS -> lane[1] ! ITEM, interval, 0; items++
	:: interval < MARKS ->
		lane[0] ! MARK, interval, NUMBER(interval);
		lane[1] ! MARK, interval, NUMBER(interval);
		interval++;
		items = 0
	:: interval == MARKS -> break
	od;
	atomic { closed[0] = true; closed[1] = true; done++ }
}

proctype worker(byte me)
{
	RECEIVER(1);
	bool kept; /* committed to the edge task, and not yet sent */

	do
	:: channel_receive(me, 1, true);
		if
		:: got == ITEM -> lane[4 + me] ! ITEM, was_in, 0
		:: got == ITEM -> lane[2 + me] ! ITEM, was_in, 0
		:: got == ITEM -> lane[2 + me] ! ITEM, was_in, 0; lane[4 + me] ! ITEM, was_in, 0
#ifdef MARK_EARLY
		:: got == ITEM && !kept -> kept = true
#endif
		:: got == MARK ->
#ifndef MARK_LOST
			lane[2 + me] ! MARK, was_in, number;
#endif
			if
			:: kept -> lane[2 + me] ! ITEM, was_in, 0; kept = false
			:: else
			fi;
			lane[4 + me] ! MARK, was_in, number
		:: got == ENDED -> break
		fi
	od;
	atomic { closed[2 + me] = true; closed[4 + me] = true; done++ }
}

proctype edge_task()
{
	RECEIVER(2);
	byte passed;

	do
	:: channel_receive(2, 2, true);
		if
		:: got == ITEM -> lane[6] ! ITEM, was_in, 0
		:: got == MARK && number > passed ->
			passed = number;
			lane[6] ! MARK, was_in, number
		:: got == MARK && number <= passed
		:: got == ENDED -> break
		fi
	od;
	atomic { closed[6] = true; done++ }
}

proctype reporter()
{
	RECEIVER(3);
	byte interval;

	do
	:: channel_receive(4, 3, ALIGNED);
		if
		:: got == ITEM -> assert(was_in == interval)
		:: got == MARK -> assert(was_in == interval); interval++
		:: got == ENDED -> break
		fi
	od;
	assert(interval == MARKS);
	done == 4
}

init {
	atomic {
		run worker(0);
		run worker(1);
		run edge_task();
		run reporter()
	}
}
