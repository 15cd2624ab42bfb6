#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that check calls
#
# What a running sensor says of how much it sees stays right where the kernel keeps most of it back:
# what was counted there is neither seen nor lost, and what is lost before it still shows.
set -eu
. tests/live/lib.sh
live_begin coverage
[ -x "$HAVAINTO_SEND" ] || live_skip "bench/send is not built"

python3 tests/system/coverage.py "$work"
ns_make sensor
ns_make far
veth sensor hv0 far hv1

# play CAPTURE - once, to a sensor of its own
play() {
	sensor_start sensor "$1" -i hv0
	ns far "$HAVAINTO_SEND" hv1 "$work/$1.pcap" "$(frames "$work/$1.pcap")" 2000 >"$work/$1.sent"
	until_true heard "$1" "$(frames "$work/$1.pcap")"
	"$HAVAINTO" coverage --status "$work/$1.sock" >"$work/$1.asked"
	stop "$sensor"
	check "$1: it ended with 0 (it was $status)" [ "$status" = 0 ]
}

frames() {
	python3 -c '
import struct, sys
data, at, count = open(sys.argv[1], "rb").read(), 24, 0
while at < len(data):
    at, count = at + 16 + struct.unpack_from("<I", data, at + 8)[0], count + 1
print(count)' "$1"
}

# row EXPRESSION - of r, the row of untagged frames at the end, and g, the gauges
row() {
	ask "$report" "(lambda h: (lambda r, g: $1)(h['coverage'][0], h['gauges']))(of('health')[-1])"
}

play whole
check "whole: the kernel kept most of it back" row 'g["source.shed"] > 1000'
check "whole: nothing is lost" row 'r["tcp_bytes_lost"] == 0 and r["tcp_bytes"] > 0 and r["tcp"] == 60 and r["tcp_one_way"] == 0'
check "whole: the running sensor says the same" grep -q '^  0 of 60 TCP conversations seen one way only' "$work/whole.asked"
play tenth
check "tenth: a tenth of what was judged is lost" row '5 < 100 * r["tcp_bytes_lost"] / (r["tcp_bytes"] + r["tcp_bytes_lost"]) < 15'
check "tenth: the running sensor says so" grep -q 'frames are lost before the sensor' "$work/tenth.asked"
play one_way
check "one way: all conversations" row 'r["tcp"] == r["tcp_one_way"] == 60'
live_end
