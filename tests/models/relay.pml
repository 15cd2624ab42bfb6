/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay.pml - a record on its way from the spool to the manager, while it goes on changing.
 *
 * The sensor puts the record of one device again and again, each time under the next number, and
 * sends what stands behind the last number that it sent. The connection may break at any time: what
 * was under way is gone both ways, and all that the spool holds is sent again. The manager keeps a
 * record if its number is above the one it has, and acknowledges after that. An acknowledgement
 * deletes the row if its number is not above the acknowledged one.
 *
 * In the end the manager has the last record, and the spool is empty; a row is never deleted whose
 * number the manager has not reached. FORGET_ANY deletes the row whatever its number; ACK_EARLY
 * acknowledges before the record is kept, and may be killed between; SEND_NO_MORE does not send again
 * after a break.
 *
 * seeds: FORGET_ANY ACK_EARLY SEND_NO_MORE
 */
#define PUTS   3
#define BREAKS 2

chan line = [2] of { byte }; /* numbers of records, on their way to the manager */
chan ack = [2] of { byte };  /* and back */

byte put;      /* the number of the last record that was put */
byte row;      /* the number in the spool; 0: it holds none */
byte sent;     /* the last number that was sent by this connection */
byte kept;     /* the manager's */
byte breaks;   /* so often it may still break */
byte epoch;    /* of the connection: the manager's answers are of one */
bool idle;     /* the sensor has nothing more to do */

inline connection_break()
{
	do
	:: nempty(line) -> line?_
	:: nempty(ack) -> ack?_
	:: empty(line) && empty(ack) -> break
	od;
	epoch++;
	breaks++;
#ifndef SEND_NO_MORE
	sent = 0
#endif
}

active proctype sensor()
{
	byte n;

	do
	:: atomic { put < PUTS -> put++; row = put }
	:: atomic { row > sent && nfull(line) -> sent = row; line!row }
	:: atomic {
		nempty(ack) -> ack?n;
		if
#ifdef FORGET_ANY
		:: row != 0 ->
#else
		:: row != 0 && row <= n ->
#endif
			assert(row <= kept);
			row = 0
		:: else
		fi
	}
	:: atomic { breaks < BREAKS -> connection_break() }
	:: put == PUTS && row == 0 -> break
	od;
	idle = true
}

active proctype manager()
{
	byte n, mine;

	do
	:: atomic { nempty(line) -> line?n; mine = epoch };
#ifdef ACK_EARLY
		atomic { len(ack) < 2 -> ack!n };
		if
		:: goto killed /* it acknowledged, and nothing was kept */
		:: true
		fi;
#endif
		atomic {
			if
			:: n > kept -> kept = n
			:: else
			fi
		}
#ifndef ACK_EARLY
		if
		:: atomic { mine == epoch && len(ack) < 2 -> ack!n }
		:: mine != epoch /* the connection is gone: the line is sent again */
		fi;
#endif
killed:
		skip
	:: idle -> break
	od;
	assert(kept == PUTS)
}
