/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lend.pml - src/task/lend.c as a model: a file that several readers read in blocks, and fill in turns.
 *
 * Each step that touches what more than one sees is a step of its own. A block holds the number of the
 * piece of the file that was read into it. A reader looks at it when it begins and when it is about
 * to give it back: in between it must not have changed, so a block is filled again only after its last
 * reader. Every reader has every piece, in order, up to the last; all end; nobody sleeps for ever
 * (nobody wakes without a reason here). Memory is that of one processor.
 *
 * seeds: ONE_WORD FILL_LENT NO_SECOND_LOOK COUNT_LATE END_FIRST WAKE_LOST BACK_SILENT PUBLISH_SILENT
 *
 *	ONE_WORD        all sleep on the same word
 *	FILL_LENT       the turn is taken though the block was not given back
 *	NO_SECOND_LOOK  who has the turn does not ask whether the end came before it
 *	COUNT_LATE      `filled` is raised before `left` says who has the block
 *	END_FIRST       `filled` is asked before `ended`
 *	WAKE_LOST       nobody looks again after it said ASLEEP
 *	BACK_SILENT     the last to give a block back wakes nobody
 *	PUBLISH_SILENT  who publishes wakes nobody
 */
#ifdef ONE_WORD
#define READERS 3 /* two who sleep, and one who wakes them */
#else
#define READERS 2
#endif
#define BLOCKS  2
#define PIECES  4 /* of the file: each block is filled twice */

#define AWAKE  0
#define ASLEEP 1

mtype = { READ, FILL, NOTHING, ENDED };

byte content[BLOCKS], left[BLOCKS];
byte filled;
bool ended, turn;
#ifdef ONE_WORD
bit sleep[1];
#define WORD(r) 0
#else
bit sleep[READERS];
#define WORD(r) r
#endif
bool asleep[READERS]; /* in the kernel, on the word */
byte position; /* where the file stands: whoever fills goes on there */

inline futex_wake(r)
{
	atomic { old = sleep[WORD(r)]; sleep[WORD(r)] = AWAKE }
	if
#ifdef ONE_WORD
	:: old == ASLEEP -> atomic { asleep[0] = false; asleep[1] = false; asleep[2] = false }
#else
	:: old == ASLEEP -> asleep[r] = false
#endif
	:: else
	fi
}

inline lending_wake()
{
	futex_wake(0);
	futex_wake(1)
}

inline futex_sleep()
{
	atomic {
		if
		:: sleep[WORD(me)] == ASLEEP -> asleep[me] = true
		:: else
		fi
	}
	!asleep[me]
}

inline lending_take_turn()
{
	atomic { held = turn; turn = true }
	if
	:: held -> got = NOTHING
	:: else ->
		next = filled;
		if
#ifdef FILL_LENT
		:: !ended -> got = FILL
#elif defined(NO_SECOND_LOOK)
		:: left[next % BLOCKS] == 0 -> got = FILL
#else
		:: left[next % BLOCKS] == 0 && !ended -> got = FILL
#endif
		:: else ->
			turn = false;
			got = NOTHING
		fi
	fi
}

/* Who is behind may take the turn as well; who is not must try. */
inline lending_look()
{
#ifdef END_FIRST
	behind = (filled != at);
	was_ended = ended;
#else
	was_ended = ended;
	behind = (filled != at);
#endif
	if
	:: !was_ended -> lending_take_turn()
	:: behind || was_ended -> got = NOTHING
	fi;
	if
	:: got == NOTHING && behind -> got = READ
	:: got == NOTHING && !behind && was_ended -> got = ENDED
	:: else
	fi
}

inline lending_next()
{
	do
	:: true ->
		lending_look();
		if
		:: got != NOTHING -> break
		:: else
		fi;
		atomic { sleep[WORD(me)] = ASLEEP }
#ifndef WAKE_LOST
		lending_look();
		if
		:: got != NOTHING -> break
		:: else
		fi;
#endif
		futex_sleep()
	od
}

inline lending_give_back()
{
	atomic { left[at % BLOCKS]--; last = (left[at % BLOCKS] == 0) }
	at++;
#ifndef BACK_SILENT
	if
	:: last -> lending_wake()
	:: else
	fi
#endif
}

inline lending_publish()
{
#ifdef COUNT_LATE
	filled++;
	left[next % BLOCKS] = READERS;
#else
	left[next % BLOCKS] = READERS;
	filled++;
#endif
	if
	:: position == PIECES -> ended = true
	:: else
	fi;
	turn = false;
#ifndef PUBLISH_SILENT
	lending_wake()
#endif
}

proctype reader(byte me)
{
	byte at;
	byte next;
	bool held, was_ended, behind, last;
	bit old;
	mtype got;

	do
	:: lending_next();
		if
		:: got == FILL ->
			assert(position < PIECES);
			position++;
			assert(position == next + 1);
			content[next % BLOCKS] = position;
			lending_publish()
		:: got == READ ->
			assert(content[at % BLOCKS] == at + 1);
			skip; /* it reads */
			assert(content[at % BLOCKS] == at + 1);
			lending_give_back()
		:: got == ENDED -> break
		fi
	od;
	assert(at == PIECES)
}

init {
	atomic {
		run reader(0);
		run reader(1);
#ifdef ONE_WORD
		run reader(2)
#endif
	}
}
