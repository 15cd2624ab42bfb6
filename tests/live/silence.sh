#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A sensor sends nothing on the network that it watches: the kernel's own counters of its end of the
# cable do not move, while frames come in that would provoke an answer, and while the cable goes.
set -eu
. tests/live/lib.sh
live_begin silence

ns_make sensor
ns_make far
veth sensor hv0 far hv1
ns far ip addr add 192.0.2.1/24 dev hv1

sent() {
	ns sensor cat /sys/class/net/hv0/statistics/tx_packets
}

before=$(sent)
sensor_start sensor report -i hv0
arp=ffffffffffff0200000000aa0806000108000604000102000000
send_frames far hv1 20 "${arp}00aac0000207000000000000c0000209"
tcp=ffffffffffff0200000000aa0800450000280001000040060000c0000207c0000209303900160000000100000000
send_frames far hv1 20 "${tcp}500220000000"
ns sensor ip link set hv0 down
ns sensor ip link set hv0 up
until_true counts report "g['source.restarts'] == 1"
send_frames far hv1 20 "${tcp}500220000000"
stop "$sensor"
check "it ended well ($status)" [ "$status" = 0 ]
check "it heard" grep -q '02:00:00:00:00:aa' "$work/report.ndjson"
check "it sent nothing" [ "$(sent)" = "$before" ]
live_end
