#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that check and until_true call
#
# A confined sensor writes captures into files that were opened before: they grow at each mark, while it runs.
set -eu
. tests/live/lib.sh
live_begin notes

arp=ffffffffffff0200000000aa08060001080006040001 # an announcement of 192.0.2.7 by ..:aa
arp=${arp}0200000000aac0000207000000000000c0000207
cut=0180c200000e0200000000bb88cc03ff04 # LLDP whose first field is longer than the frame

# packets FILE - how many the pcapng has
packets() {
	python3 - "$1" <<'END'
import struct, sys
data, at, count = open(sys.argv[1], "rb").read(), 0, 0
while at + 12 <= len(data):
    kind, length = struct.unpack_from("<II", data, at)
    count, at = count + (kind == 6), at + length
print(count)
END
}

has() {
	[ "$(packets "$work/$1")" = "$2" ]
}

ns_make sensor
ns_make far
veth sensor hv0 far hv1
sensor_start sensor run -i hv0 --interval 1 -o "evidence:$work/evidence" --tap "arp=$work/tap" --keep "malformed:2=$work/broken"
send_frames far hv1 5 "$arp" 20
check "the first of five announcements is evidence" until_true has evidence 1
check "arp was given all five" until_true has tap 5
check "nothing is broken" has broken 0
send_frames far hv1 5 "$cut" 20
check "of five broken ones the last two are kept" until_true has broken 2
check "the first of them taught who sent it" until_true has evidence 2
check "the interface has its name" grep -q hv0 "$work/evidence"
stop "$sensor"
check "SIGTERM ends it with 0 (it was $status)" [ "$status" = 0 ]
check "all was written" has tap 5
live_end
