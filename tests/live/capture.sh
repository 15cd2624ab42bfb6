#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that check and until_true call
#
# Frames on a cable become a device of the report, while the program is confined; the interface goes
# down, vanishes, comes back; the program ends under load. Once with the ring, once with libpcap.
set -eu
. tests/live/lib.sh
live_begin capture

arp=ffffffffffff0200000000aa08060001080006040001 # an announcement of 192.0.2.7 by ..:aa
arp=${arp}0200000000aac0000207000000000000c0000207
tagged=ffffffffffff0200000000bb8100000508060001080006040001 # of 192.0.2.8 by ..:bb, in VLAN 5
tagged=${tagged}0200000000bbc0000208000000000000c0000208
late=ffffffffffff0200000000cc08060001080006040001
late=${late}0200000000ccc0000209000000000000c0000209
noise=ffffffffffff0200000000dd88b5

listen() {
	sensor_start sensor "$@" --interval 1
	until_true threads_are_up
}

threads_are_up() {
	[ "$(find "/proc/$sensor/task" -mindepth 1 -maxdepth 1 | wc -l)" -ge 3 ]
}

# Of every thread: not root, no capability, no new privileges, a filter.
all_confined() {
	for task in "/proc/$sensor/task"/*; do
		grep -qE '^Uid:.[1-9][0-9]*.[1-9][0-9]*.[1-9][0-9]*' "$task/status" || return 1
		[ "$(grep -cE '^(Cap(Inh|Prm|Eff|Bnd|Amb):.0+|NoNewPrivs:.1|Seccomp:.2)$' "$task/status")" = 7 ] ||
			return 1
	done
}

# Received by the kernel's filter = given + dropped: a number of `health`.
counts_agree() {
	ask "$report" "(lambda g: g['source.kernel_seen'] == g['source.received'] + g['source.kernel_dropped'])(of('health')[-1]['gauges'])"
}

ends_in_time() {
	begin=$(tests/calm)
	stop "$sensor"
	took=$(($(tests/calm) - begin))
	check "$1: SIGTERM ends it with 0 (it was $status)" [ "$status" = 0 ]
	check "$1: in under 5 s ($took ms)" [ "$took" -lt 5000 ]
	check "$1: the last line is bye" ask "$report" "lines[-1]['type'] == 'bye'"
	check "$1: seen = received + dropped" counts_agree
}

ns_make sensor
ns_make far
veth sensor hv0 far hv1

listen ring -i hv0
check "hello names the interface" ask "$report" \
	"[i['name'] for i in of('hello')[0]['interfaces']] == ['hv0']"
if has_sandbox; then
	check "every thread is confined while frames flow" all_confined
fi
send_frames far hv1 5 "$arp"
send_frames far hv1 5 "$tagged"
check "a device is new within 2 s" within 2 ask "$report" \
	"any(c['what'] == 'new' and c['mac'] == '02:00:00:00:00:aa' for c in of('change'))"
check "its address is known" until_true ask "$report" \
	"facts('02:00:00:00:00:aa', 'address.ipv4') == ['192.0.2.7']"
check "a VLAN tag that the kernel took out is known" until_true ask "$report" \
	"[str(v) for v in facts('02:00:00:00:00:bb', 'vlan')] == ['5']"

ns sensor ip link set hv0 down
ns sensor ip link set hv0 up
until_true counts ring "g['source.restarts'] == 1"
ns sensor ip link del hv0
veth sensor hv0 far hv1
until_true counts ring "g['source.restarts'] == 2"
send_frames far hv1 5 "$late"
check "heard again after down, up, deleted and made anew" until_true ask "$report" \
	"facts('02:00:00:00:00:cc', 'address.ipv4') == ['192.0.2.9']"
check "and that was counted" until_true ask "$report" \
	"of('health')[-1]['gauges']['source.restarts'] == 2"

(send_frames far hv1 200000 "$noise") & # under load; ends by itself
load=$!
until_true heard ring 1000
ends_in_time "ring under load"
wait "$load"

listen shares -i hv0 --workers 3
send_frames far hv1 300 "$arp"
check "three workers share an interface, each frame is counted once" until_true ask "$report" \
	"of('health')[-1]['gauges']['source.received'] == 300"
ends_in_time "three workers"

listen filter -i hv0 -f "vlan 5"
send_frames far hv1 5 "$arp"
send_frames far hv1 7 "$tagged"
check "a filter for a VLAN passes its frames alone" until_true ask "$report" \
	"of('health')[-1]['gauges']['source.received'] == 7"
ends_in_time "a filter"

ns_make other
veth sensor hv2 other hv3
listen two -i hv0 -i hv2
send_frames far hv1 5 "$arp"
send_frames other hv3 5 "$late"
check "two interfaces are heard" until_true ask "$report" \
	"device('02:00:00:00:00:aa') and device('02:00:00:00:00:cc')"
ends_in_time "two interfaces"

listen pcap -i hv0 --libpcap
send_frames far hv1 5 "$tagged"
check "libpcap hears, and keeps the tag" until_true ask "$report" \
	"[str(v) for v in facts('02:00:00:00:00:bb', 'vlan')] == ['5']"
if has_sandbox; then
	check "confined with libpcap too" all_confined
fi
ends_in_time "libpcap"

check "an interface that is not there is said" sh -c \
	"'$HAVAINTO' listen -i eth77 -o - 2>&1 | grep -qF 'cannot listen on eth77: no such interface (see \"ip link\")'"
live_end
