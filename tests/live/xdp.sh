#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that check calls
#
# Frames by AF_XDP: `-i xdp:hv0` reports what the packet socket's ring does, says how it has its frames,
# is confined, takes them from the host only as long as it runs, and ends as it should.
set -eu
. tests/live/lib.sh
live_begin xdp
[ -x "$HAVAINTO_SEND" ] || live_skip "bench/send is not built"

packets=30000
capture=$work/mix.pcap
"$HAVAINTO_GENERATE" mix "$capture" $packets 200 5

ns_make sensor
ns_make far
veth sensor hv0 far hv1
ns sensor ip address add 192.0.2.1/24 dev hv0
ns far ip address add 192.0.2.2/24 dev hv1

# gauge EXPRESSION - of g, the gauges at the end
gauge() {
	ask "$report" "(lambda g: $1)(of('health')[-1]['gauges'])"
}

# play LABEL OPTION... - a whole run over the capture
play() {
	sensor_start sensor "$@" --fixed-key
	[ "$label" != xdp ] || while_it_runs
	ns far "$HAVAINTO_SEND" hv1 "$capture" $packets 20000 >"$work/$label.sent"
	until_true heard "$label" $packets
	stop "$sensor"
	check "$label: SIGTERM ends it with 0 (it was $status)" [ "$status" = 0 ]
	check "$label: the accounts are in order" "$HAVAINTO" status "$report"
}

has_program() {
	ns sensor ip link show hv0 | grep -q 'xdp'
}

# Of every thread: not root, no capability, a filter.
all_confined() {
	for task in "/proc/$sensor/task"/*; do
		[ "$(grep -cE '^(CapEff:.0+|NoNewPrivs:.1|Seccomp:.2)$' "$task/status")" = 3 ] || return 1
	done
}

while_it_runs() {
	check "a program is on the interface" has_program
	check "the log says that the host is without its frames" grep -q 'takes its frames from this host' "$work/$label.log"
	if has_sandbox; then
		check "every thread is confined" all_confined
	fi
	check "nothing reaches the host" host_is_silent
}

# Does the host hear who asks for its address?
host_answers() {
	ns far ip neigh flush dev hv1
	ns far python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("192.0.2.1", 9))'
	until_true answer_is_known
	ns far ip neigh show 192.0.2.1 | grep -q lladdr
}

# It came, or the kernel asked three times and gave up.
answer_is_known() {
	ns far ip neigh show 192.0.2.1 | grep -q 'lladdr\|FAILED'
}

host_is_silent() {
	! host_answers
}

check "two workers are refused" sh -c "! ip netns exec $(ns_name sensor) $HAVAINTO listen -i xdp:hv0 --workers 2 -o - 2>$work/refused"
check "and it says why" grep -q 'use --workers 1' "$work/refused"
check "an interface that is not there is refused" sh -c \
	"! ip netns exec $(ns_name sensor) $HAVAINTO listen -i xdp:hv9 -o - 2>$work/refused && grep -q 'no such interface' $work/refused"
check "loopback is no Ethernet" sh -c \
	"! ip netns exec $(ns_name sensor) $HAVAINTO listen -i xdp:lo -o - 2>$work/refused && grep -q 'Ethernet alone' $work/refused"

check "the host answers" host_answers
play xdp -i xdp:hv0
check "health says that frames are copied, or not" gauge "g['source.xdp_copy'] + g['source.xdp_zero_copy'] >= 1"
check "nothing was lost" gauge "g['source.kernel_dropped'] == 0"
check "every frame was read" gauge "g['source.received'] >= $packets"
check "the program is gone" sh -c "! ip netns exec $(ns_name sensor) ip link show hv0 | grep -q xdp"
check "and the host has its frames again" host_answers

# Without what the two ends themselves say.
ends='not host 192.0.2.1 and not host 192.0.2.2'
play ring -i hv0 --no-shed -f "$ends"
ring=$report
play filtered -i xdp:hv0 -f "$ends"
check "the report is that of the ring" same "$ring" "$report"
live_end
