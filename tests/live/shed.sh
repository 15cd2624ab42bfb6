#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that check calls
#
# What the kernel keeps back changes nothing in the report but when something was seen last: one
# capture is played to a sensor that reads everything and to sensors for which the kernel keeps
# back what it may. Not with a filter, nor where it is refused.
set -eu
. tests/live/lib.sh
live_begin shed setpriv
[ -x "$HAVAINTO_SEND" ] || live_skip "bench/send is not built"

packets=120000
rate=60000
capture=$work/mix.pcap
"$HAVAINTO_GENERATE" mix "$capture" $packets 300 7

ns_make sensor
ns_make far
veth sensor hv0 far hv1

within=''
listen() {
	sensor_start sensor "$@" --fixed-key
}

# play LABEL OPTION... - a whole run over the capture
play() {
	listen "$@"
	ns far "$HAVAINTO_SEND" hv1 "$capture" $packets $rate >"$work/$label.sent"
	until_true heard "$label" $packets
	stop "$sensor"
	check "$label: it ended with 0 (it was $status)" [ "$status" = 0 ]
	check "$label: the accounts are in order" "$HAVAINTO" status "$report"
}

# gauge EXPRESSION - of g, the gauges at the end
gauge() {
	ask "$report" "(lambda g: $1)(of('health')[-1]['gauges'])"
}

play all -i hv0 --no-shed
check "--no-shed: every frame is read" gauge "g['source.received'] == $packets and g['source.shedding'] == 0"
everything=$report

listen probe -i hv0
stop "$sensor"
gauge "g['source.shedding'] == 1" || live_skip "this kernel keeps nothing back"

play kept -i hv0
check "a third at least was kept back" gauge "g['source.shed'] > $packets / 3"
check "every frame came to the filter" gauge "g['source.looked_at'] == $packets"
check "nothing was lost" gauge "g['source.kernel_dropped'] == 0"
check "the report is the same" same "$everything" "$report"

play workers -i hv0 --workers 2
check "two sockets keep back what is theirs" gauge "g['source.shedding'] == 2 and g['source.shed'] > $packets / 3"
check "each frame came to one filter" gauge "g['source.looked_at'] == $packets"
check "the report of two workers is the same" same "$everything" "$report"

play task -i hv0 --task tls=1 --ring 128
check "with an observer's own task some is kept back" gauge "g['source.shed'] > 0"
check "and the report is the same" same "$everything" "$report"

play filter -i hv0 -f "greater 1"
check "with a filter nothing is kept back" gauge "g['source.shedding'] == 0 and g['source.received'] == $packets"
check "and the report is the same" same "$everything" "$report"

within='setpriv --bounding-set=-bpf,-sys_admin'
play refused -i hv0
check "where bpf() is refused that is said" grep -q 'hv0: the kernel keeps no frames back' "$work/refused.log"
check "and every frame is read" gauge "g['source.shedding'] == 0 and g['source.received'] == $packets"
check "and the report is the same" same "$everything" "$report"
live_end
