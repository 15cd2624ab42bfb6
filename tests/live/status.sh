#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that check and until_true call
#
# A running sensor says how it is, and the table that moves shows what comes over a cable: names that
# would like to be something else included.
set -eu
. tests/live/lib.sh
live_begin status

ns_make sensor
ns_make far
veth sensor hv0 far hv1
socket=$work/status.sock

# A DHCP request of ..:aa whose host name is ESC[2J, and an announcement of ..:bb.
hostile=ffffffffffff0200000000aa0800
hostile=${hostile}4500012c000040004011 # IPv4, UDP
hostile=${hostile}39c200000000ffffffff0044004301180000
hostile=${hostile}01010600deadbeef0000000000000000000000000000000000000000
hostile=${hostile}0200000000aa00000000000000000000$(printf '%0384d' 0)63825363
hostile=${hostile}3501030c041b5b324aff
arp=ffffffffffff0200000000bb08060001080006040001
arp=${arp}0200000000bbc0000208000000000000c0000208

asks() {
	"$HAVAINTO" status --status "$socket" >"$work/answer" 2>&1
}

says() {
	asks && grep -qE "$1" "$work/answer"
}

start sensor ip netns exec "$(ns_name sensor)" "$HAVAINTO" listen -i hv0 -o "file:$work/report" --status "$socket" --state "$work/state"
sensor=$pid
until_true asks
send_frames far hv1 7 "$arp"
check "it has seen the frames" until_true says 'captured 7'
check "the accounts are in order" says 'OK .* 7 frames the kernel saw = 7 received'
check "nothing is broken" sh -c "! grep -q BROKEN '$work/answer'"
if has_sandbox; then
	check "each of its threads is confined" \
		[ "$(grep -c 'OK .*capabilities none, no new privileges 1, seccomp filter' "$work/answer")" -ge 3 ]
	check "root it is not" sh -c "! grep -q 'uid 0,' '$work/answer'"
fi
check "who is not root may ask too" setpriv --reuid 65534 --clear-groups "$HAVAINTO" status --status "$socket"
"$HAVAINTO" status --status "$socket" --json >"$work/json"
check "as JSON it is the health line and the sandbox's" \
	ask "$work/json" "[line['type'] for line in lines] == ['health', 'sandbox']"
start second ip netns exec "$(ns_name sensor)" "$HAVAINTO" listen -i hv0 -o - --status "$socket"
status=0
wait "$pid" || status=$?
check "a second sensor at the same socket is refused ($status)" [ "$status" = 1 ]
check "saying why" grep -q 'another sensor answers there' "$work/second.log"
stop "$sensor"
check "SIGTERM ends it with 0 (it was $status)" [ "$status" = 0 ]
status=0
"$HAVAINTO" status --status "$socket" >"$work/answer" 2>&1 || status=$?
check "nobody answers then ($status)" [ "$status" = 1 ]
boots() {
	ask "$work/report" "{line['boot'] for line in lines} == $1"
}
check "the first start has the number 1" boots '{1}'
start again ip netns exec "$(ns_name sensor)" "$HAVAINTO" listen -i hv0 -o "file:$work/report" --status "$socket" --state "$work/state"
sensor=$pid
check "a dead socket is replaced" until_true asks
stop "$sensor"
check "the second start has the number 2" boots '{1, 2}'

# The table that moves.
(until_true asks && send_frames far hv1 5 "$hostile" && send_frames far hv1 5 "$arp") &
sender=$!
status=0
ip netns exec "$(ns_name sensor)" python3 tests/system/cli_pty.py --size 100x20 \
	'wait:02:00:00:00:00:aa wait:192.0.2.8 key:6 sleep:0.3 key:g key:\r wait:Esc_back sleep:1.5 key:q' \
	"$HAVAINTO" listen -i hv0 --status "$socket" >"$work/shown" 2>"$work/shown.log" || status=$?
wait "$sender" || true
check "the table shows devices as they come, q ends it with 0 (it was $status)" [ "$status" = 0 ]
check "a hostile name is shown, escaped" grep -qF '\x1b[2J' "$work/shown"
check "and clears no screen: that is done once, by us" [ "$(grep -oF "$(printf '\033')[2J" "$work/shown" | wc -l)" = 1 ]
check "the terminal has its screen back" sh -c "tail -c 300 '$work/shown' | grep -qF '[?1049l'"
live_end
