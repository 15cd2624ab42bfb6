#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317,SC2217 # functions that claim and until_true call; sleep holds a pipe open
#
# listen: where its report goes, how it is ended, what a configuration changes, what leaves under --privacy.
set -eu
. tests/system/tap
pty="python3 tests/system/cli_pty.py"
chmod 755 "$work"
mkdir "$work/logs"
chmod 777 "$work/logs" # of whoever root becomes
"${HAVAINTO_GENERATE:?}" mix "$work/mix.pcap" 3000 40 7

# on_terminal STEPS ARGUMENT... - the program on a terminal
on_terminal() {
	steps=$1
	shift
	status=0
	$pty "$steps" "$HAVAINTO" "$@" >"$work/out" 2>"$work/err" || status=$?
}

is_report() {
	[ "$(head -c 45 "$1")" = '{"schema":"havainto/1","type":"hello","sensor' ] && tail -n 1 "$1" | grep -q '"type":"bye"'
}

# ---- where the report goes

run listen -r "$work/mix.pcap"
is 0 'into a pipe'
claim 'goes the report' is_report "$work/out"
claim 'and nothing else is said' [ ! -s "$work/err" ]
on_terminal '' listen -r "$work/mix.pcap"
is 0 'on a terminal'
says 'ADDRESS'
says '3,000 frames'
claim 'no JSON' sh -c "! grep -q schema '$work/out'"
on_terminal '' listen -r "$work/mix.pcap" -o -
claim 'with -o - the report goes to the terminal' grep -q '"type":"bye"' "$work/out"
on_terminal '' listen -r "$work/mix.pcap" -o "file:$work/a"
claim 'with -o file: it goes there' is_report "$work/a"
claim 'and nowhere else' sh -c "! grep -q -e ADDRESS -e schema '$work/out'"
status=0
NO_COLOR=1 $pty '' "$HAVAINTO" listen -r "$work/mix.pcap" >"$work/out" 2>"$work/err" || status=$?
claim 'NO_COLOR is honoured' sh -c "! grep -q '$(printf '\033')\[1m' '$work/out'"
"$HAVAINTO_GENERATE" devices "$work/devices.pcap" 6000 2000
on_terminal '' listen -r "$work/devices.pcap"
is 0 'many devices on a terminal'
says '2,000 devices'
run listen -r "$work/mix.pcap" -o - -o "file:$work/b"
claim 'two sinks get the same' cmp -s "$work/out" "$work/b"
run listen -r "$work/mix.pcap" -o - --sensor lab-7
says '"sensor":"lab-7"'
run listen -r "$work/mix.pcap" -o -
says "\"sensor\":\"$(uname -n)\""
run listen -r "$work/mix.pcap" -o - --interval 0.01 --full-every 2
claim 'an interval gives several reports' [ "$(grep -c '"type":"health"' "$work/out")" -gt 1 ]
"$HAVAINTO" listen -r - -o - <"$work/mix.pcap" >"$work/out" 2>"$work/err"
claim 'standard input is read' is_report "$work/out"
{ "$HAVAINTO" listen -r "$work/devices.pcap" -o - 2>"$work/err" || echo $? >"$work/status"; } | head -n 1 >"$work/out"
claim 'a reader that ends is a sink that failed' [ "$(cat "$work/status")" = 1 ]
tells 'its reader ended'
run listen -r "$work/mix.pcap" -o "file:$work/no/such/folder"
is 1 'a file that cannot be made ends with 1'

# ---- how it is ended

# piped ARGUMENT... - listens to a pipe that stays open; $pid, and fd 9 holds it open
piped() {
	rm -f "$work/pipe" "$work/out" "$work/err"
	mkfifo "$work/pipe"
	"$HAVAINTO" listen -r - "$@" <"$work/pipe" >"$work/out" 2>"$work/err" &
	pid=$!
	exec 9>"$work/pipe"
	cat "$work/mix.pcap" >&9
}

# reading - its signals are handled, and all that there is was read
reading() {
	takes_signals "$pid" && [ "$(unread "$work/pipe")" = 0 ]
}

# has_heard - no signal waits for the program to look at it
has_heard() {
	! grep -q '^S.*Pnd:.*[1-9a-f]' "/proc/$pid/status"
}

# ended [SIGNAL...] - sends them and waits
ended() {
	for signal in "$@"; do
		kill "-$signal" "$pid"
	done
	status=0
	wait "$pid" || status=$?
	exec 9>&-
}

piped -o -
until_true reading
kill -TERM "$pid"
claim 'SIGTERM ends it in under 5 seconds' within 5 has_ended "$pid"
ended
is 0 'with 0'
claim 'with its last report' is_report "$work/out"
says '"captured":3000'

piped -o "file:$work/logs/log" --interval 0.01
claim 'reports come while it runs' until_true grep -q '"type":"health"' "$work/logs/log"
mv "$work/logs/log" "$work/logs/log.1"
kill -HUP "$pid"
until_true has_heard
ended TERM
is 0 'SIGHUP ends nothing'
claim 'files are opened anew' grep -q '"type":"bye"' "$work/logs/log"
claim 'what was written stays where it was' grep -q '"type":"hello"' "$work/logs/log.1"

# A report that nobody takes: the reporter waits for its reader, and the run with it.
# stuck - such a run in $pid, its messages in $work/err
stuck() {
	rm -f "$work/stuck"
	mkfifo "$work/stuck"
	sleep 600 <"$work/stuck" &
	reader=$!
	"$HAVAINTO" listen -r "$work/devices.pcap" -o - >"$work/stuck" 2>"$work/err" &
	pid=$!
	until_true is_stuck
}
is_stuck() {
	[ "$(unread "$work/stuck")" -gt 32768 ]
}
stuck
kill -TERM "$pid"
until_true has_heard
ended TERM
is 130 'a second signal ends it at once'
kill "$reader"
stuck
ended INT TERM 2>/dev/null || true
kill "$reader" 2>/dev/null || true
claim 'also when both are there already' [ "$status" = 130 ]
stuck
kill -TERM "$pid"
claim 'who does not end is left behind within 5 seconds and a little' within 6 has_ended "$pid"
ended
is 1 'with 1'
tells 'task reporter 0 has not ended; its inbox holds'
kill "$reader"

# ---- the configuration

cat >"$work/havainto.conf" <<END
# ours
sensor = from-file
output = file:$work/configured
interval = 0.01
END
run listen --config "$work/havainto.conf" -r "$work/mix.pcap"
is 0 'a configuration is read'
claim 'its output is used' grep -q '"sensor":"from-file"' "$work/configured"
run listen --config "$work/havainto.conf" -r "$work/mix.pcap" -o - --sensor line
says '"sensor":"line"'
printf 'sensor = a\nintervall = 5\n' >"$work/wrong.conf"
run listen --config "$work/wrong.conf" -r "$work/mix.pcap"
is 2 'a wrong configuration is refused whole'
tells 'wrong.conf:2: there is no option "intervall"; is it "interval"?'
run listen --config "$work/none.conf" -r "$work/mix.pcap"
is 2 'one that is not there too'
tells 'none.conf: No such file'
chmod 644 "$work/havainto.conf"
piped --config "$work/havainto.conf"
until_true reading
printf 'sensor = other\nworkers = 0\n' >"$work/havainto.conf"
kill -HUP "$pid"
until_true grep -q 'the old configuration stays' "$work/err"
printf 'sensor = other\n' >"$work/havainto.conf"
kill -HUP "$pid"
until_true grep -q 'at the next start' "$work/err"
ended TERM
is 0 'SIGHUP reads it again'
tells 'havainto.conf:2: workers: "0" is not a number from 1 to 32; the old configuration stays'
tells 'sensor is another now: it takes effect at the next start'

# ---- what leaves

run listen -r "$work/mix.pcap" -o - --privacy hashed --state "$work/state"
is 0 'personal values as hashes'
claim 'no name leaves' sh -c "! grep -qE 'host-[0-9]|www[0-9]+\.example' '$work/out'"
# health counts what tables did, whose key is another in each run
grep -v '"type":"health"' "$work/out" >"$work/hashed"
run listen -r "$work/mix.pcap" -o - --privacy hashed --state "$work/state"
grep -v '"type":"health"' "$work/out" >"$work/hashed.again"
claim 'the same hashes in every run with the same state' cmp -s "$work/hashed" "$work/hashed.again"
run listen -r "$work/mix.pcap" -o - --privacy hashed
grep -v '"type":"health"' "$work/out" >"$work/hashed.again"
claim 'others without it' sh -c "! cmp -s '$work/hashed' '$work/hashed.again'"
run show --facts "$work/hashed"
claim 'no name is shown either' sh -c "! grep -qE 'host-[0-9]|www[0-9]+\.example' '$work/out'"
on_terminal '' listen -r "$work/mix.pcap" --privacy hashed
claim 'nor in the table' sh -c "! grep -qE 'host-[0-9]' '$work/out'"

# ---- the table that moves

table() { # table CLAIM STATUS STEPS ARGUMENT...
	what=$1
	wanted=$2
	shift 2
	on_terminal "$@"
	is "$wanted" "$what"
	claim 'the screen is given back' sh -c "tail -c 200 '$work/out' | grep -q '$(printf '\033')\[?1049l'"
}
table 'keys, and q' 0 'wait:END_OF_CAPTURE key:6 wait:PACKETS key:j key:\r wait:Esc_back key:\x1b wait:1-7 key:/kit wait:/kit key:\x1b key:? wait:Any_key key:x size:40x10 wait:1-7 size:100x30 wait:1-7 key:q' \
	listen --live -r "$work/mix.pcap"
table 'many devices' 0 'wait:END_OF_CAPTURE key:3 wait:NAME▾ key:6 wait:PACKETS▾ key:q' listen --live -r "$work/devices.pcap"
table 'SIGTERM' 0 'wait:END_OF_CAPTURE term' listen --live -r "$work/mix.pcap"
table 'Ctrl-C' 0 'wait:END_OF_CAPTURE key:\x03' listen --live -r "$work/mix.pcap"
on_terminal 'wait:END_OF_CAPTURE key:q' listen --live -r "$work/mix.pcap" -o "file:$work/c"
claim 'a file gets the report meanwhile' is_report "$work/c"
on_terminal '' listen --live -r "$work/mix.pcap" -o -
is 2 '--live and -o - at once'
done_testing
