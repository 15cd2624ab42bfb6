/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane.pml - src/task/channel.c as a model: each step that touches what both sides see is a step
 * of its own, all else is left out. Inlines have the names of the functions they stand for.
 *
 * A lane holds SIZE items. What an item says is its number, so that one that is lost, repeated or
 * overwritten is noticed when it is taken. The step in which a receiver gives back (a sixteenth of
 * the lane) is any: the model does it or not, as it likes. Nobody wakes without a reason here, so
 * that a wake-up that is lost is a deadlock. Memory is that of one processor: that a position is
 * seen after the bytes before it is the thread sanitizer's to show (tools/seeded-threads).
 *
 * The model that includes it says LANES, CHANNELS, SIZE and LANE_CHANNEL(l), LEAVES if a receiver
 * may leave, and keeps a lane's reader in the process that receives. Seeds, each of which must be found:
 *	EMPTY_FIRST    lane_look asks for items before it asks for the end
 *	WAKE_LOST      channel_sleep does not look again after it said ASLEEP
 *	ROOM_LOST      sender_wait does not look again after it said ASLEEP
 *	GIVE_LATE      lane_take keeps what a drained lane has to give back
 *	TAIL_FIRST     sender_publish comes before the item is written
 *	SLEEP_FULL     sender_make_room does not publish before it sleeps
 *	CLOSE_SILENT   channel_close wakes nobody
 *	LEAVE_SILENT   channel_leave wakes nobody
 */
#define AWAKE  0
#define ASLEEP 1

mtype = { ITEM, NO_ITEM, ENDED, SENT, FULL, CLOSED };

byte ring[LANES * SIZE];
byte tail[LANES], head[LANES];
bool closed[LANES];
bit room[LANES], sleep[CHANNELS];
bool room_queue[LANES], sleep_queue[CHANNELS]; /* in the kernel: somebody sleeps on the word */
#ifdef LEAVES
bool left[CHANNELS];
#define LEFT(c) left[c]
#else
#define LEFT(c) false
#endif
bool drops; /* the policy of all channels */

inline futex_sleep(word, queue)
{
	atomic {
		if
		:: word == ASLEEP -> queue = true
		:: else
		fi
	}
	!queue
}

inline futex_wake(word, queue)
{
	atomic { old = word; word = AWAKE }
	if
	:: old == ASLEEP -> queue = false
	:: else
	fi
}

/* ---- the sender: locals of its process ---- */

#define SENDER byte s_tail, s_published, s_head_seen; bit old; bool has; mtype sent

inline channel_wake(c)
{
	futex_wake(sleep[c], sleep_queue[c])
}

inline sender_publish(l)
{
	if
	:: s_tail == s_published
	:: else ->
		tail[l] = s_tail;
		s_published = s_tail;
		channel_wake(LANE_CHANNEL(l))
	fi
}

inline sender_has_room(l)
{
	if
	:: s_tail - s_head_seen < SIZE
	:: else -> s_head_seen = head[l]
	fi;
	has = (s_tail - s_head_seen < SIZE)
}

inline sender_wait(l)
{
	do
	:: LEFT(LANE_CHANNEL(l)) -> break
	:: else ->
		sender_has_room(l);
		if
		:: has -> break
		:: else
		fi;
		atomic { old = room[l]; room[l] = ASLEEP }
#ifndef ROOM_LOST
		if
		:: LEFT(LANE_CHANNEL(l)) -> break
		:: else
		fi;
		sender_has_room(l);
		if
		:: has -> break
		:: else
		fi;
#endif
		futex_sleep(room[l], room_queue[l])
	od
}

inline sender_make_room(l)
{
	sender_has_room(l);
	if
	:: has -> sent = SENT
	:: else ->
#ifndef SLEEP_FULL
		sender_publish(l);
#endif
		if
		:: drops -> sent = FULL
		:: else ->
			sender_wait(l);
			if
			:: LEFT(LANE_CHANNEL(l)) -> sent = CLOSED
			:: else -> sent = SENT
			fi
		fi
	fi
}

/* channel_reserve, the item written, channel_commit; and channel_flush now or later. */
inline channel_send(l, number)
{
	if
	:: LEFT(LANE_CHANNEL(l)) -> sent = CLOSED
	:: else -> sender_make_room(l)
	fi;
	if
	:: sent == SENT ->
#ifdef TAIL_FIRST
		s_tail++;
		sender_publish(l);
		ring[l * SIZE + (s_tail - 1) % SIZE] = number
#else
		ring[l * SIZE + s_tail % SIZE] = number;
		s_tail++;
		if
		:: sender_publish(l)
		:: true
		fi
#endif
	:: else
	fi
}

inline channel_close(l)
{
	sender_publish(l);
	closed[l] = true;
#ifndef CLOSE_SILENT
	channel_wake(LANE_CHANNEL(l))
#endif
}

/* ---- the receiver: locals of its process, lanes first..first+count-1 ---- */

#define RECEIVER(LANES_OF_IT) byte r_head[LANES_OF_IT], r_given[LANES_OF_IT], r_tail_seen[LANES_OF_IT]; \
	bool r_ended[LANES_OF_IT], was_closed, ready; \
	byte at, i, held, open = LANES_OF_IT, number; bit r_old; mtype got

inline lane_give(first, k)
{
	if
	:: r_given[k] == r_head[k]
	:: else ->
		r_given[k] = r_head[k];
		head[first + k] = r_head[k];
		if
		:: !drops && r_tail_seen[k] - r_head[k] <= SIZE / 2 ->
			atomic { r_old = room[first + k]; room[first + k] = AWAKE }
			if
			:: r_old == ASLEEP -> room_queue[first + k] = false
			:: else
			fi
		:: else
		fi
	fi
}

inline lane_look(first, k)
{
#ifdef EMPTY_FIRST
	r_tail_seen[k] = tail[first + k];
	was_closed = closed[first + k];
#else
	was_closed = closed[first + k];
	r_tail_seen[k] = tail[first + k];
#endif
}

inline lane_take(first, k)
{
	if
	:: r_head[k] != r_tail_seen[k] ->
		number = ring[(first + k) * SIZE + r_head[k] % SIZE];
		held = 1;
		got = ITEM
	:: else ->
#ifndef GIVE_LATE
		lane_give(first, k);
#endif
		got = NO_ITEM
	fi
}

inline lane_visit(first, k)
{
	if
	:: r_ended[k] -> got = NO_ITEM
	:: else ->
		lane_look(first, k);
		lane_take(first, k);
		if
		:: got == NO_ITEM && was_closed ->
			r_ended[k] = true;
			open--
		:: else
		fi
	fi
}

inline channel_next(first, count)
{
	lane_take(first, at);
	i = 0;
	do
	:: got == NO_ITEM && i < count ->
		at = (at + 1) % count;
		lane_visit(first, at);
		i++
	:: else -> break
	od;
	i = 0;
	if
	:: got == NO_ITEM && open == 0 -> got = ENDED
	:: else
	fi
}

inline channel_is_ready(first, count)
{
	ready = false;
	i = 0;
	do
	:: i < count && !r_ended[i] && !ready ->
		if
		:: closed[first + i] -> ready = true
		:: else
		fi;
		if
		:: tail[first + i] != r_head[i] -> ready = true
		:: else
		fi;
		i++
	:: i < count && (r_ended[i] || ready) -> i++
	:: i >= count -> break
	od;
	i = 0
}

inline channel_sleep(c, first, count)
{
#ifdef WAKE_LOST
	channel_is_ready(first, count);
	atomic { r_old = sleep[c]; sleep[c] = ASLEEP }
#else
	atomic { r_old = sleep[c]; sleep[c] = ASLEEP }
	channel_is_ready(first, count);
#endif
	if
	:: ready
	:: else -> futex_sleep(sleep[c], sleep_queue[c])
	fi;
	atomic { r_old = sleep[c]; sleep[c] = AWAKE }
}

/* Gives back what was held (or later, while there is more), and takes the next. */
inline channel_receive(c, first, count)
{
	r_head[at] = r_head[at] + held;
	held = 0;
	if
	:: lane_give(first, at)
	:: true
	fi;
	channel_next(first, count);
	do
	:: got == NO_ITEM ->
		channel_sleep(c, first, count);
		channel_next(first, count)
	:: else -> break
	od
}

#ifdef LEAVES
inline channel_leave(c, first, count)
{
	left[c] = true;
	i = 0;
	do
	:: i < count ->
#ifndef LEAVE_SILENT
		atomic { r_old = room[first + i]; room[first + i] = AWAKE }
		if
		:: r_old == ASLEEP -> room_queue[first + i] = false
		:: else
		fi;
#endif
		i++
	:: else -> break
	od
}
#endif
