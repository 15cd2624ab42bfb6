#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that check and until_true call
#
# Nothing is lost on the way from a live sensor to its manager: the manager is away, is killed, comes back; the sensor is killed
# while the manager is away, and what it had on disk is sent by its next start. In the end the inventory holds what the sensor's
# own report says. They speak over a unix socket, or over TLS where OVER says so (relay_tls.sh).
set -eu
. tests/live/lib.sh
over=${OVER-unix}
live_begin "relay by $over"

ns_make sensor
ns_make far
veth sensor hv0 far hv1
mkdir "$work/state" "$work/place"
chmod 777 "$work/state" "$work/place"
address=127.0.0.1:8710
sink=unix:$work/place/manager.sock
[ "$over" = unix ] || sink=tls:127.0.0.1:8711

manager_start() {
	start "manager$1" ip netns exec "$(ns_name sensor)" "$HAVAINTO" manager --state "$work/place" --listen "$address" \
		--sensors 127.0.0.1:8711
	manager=$pid
	until_true grep -q '^login' "$work/manager$1.log"
}

# Announcements of COUNT devices from the number FIRST on.
announce() { # announce FIRST COUNT
	ns far python3 - "$1" "$2" <<'PYTHON'
import socket, struct, sys, time
first, count = map(int, sys.argv[1:])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("hv1", 0))
for n in range(first, first + count):
    mac, ip = b"\x02\0\0\0" + struct.pack(">H", n), b"\x0a\0" + struct.pack(">H", n)
    s.send((b"\xff" * 6 + mac + b"\x08\x06" + b"\0\1\x08\0\6\4\0\1" + mac + ip + b"\0" * 6 + ip).ljust(60, b"\0"))
    time.sleep(0.0002)
PYTHON
}

# The inventory is what the sensor's own reports say, and holds at least so many devices.
same() { # same COUNT REPORT...
	least=$1
	shift
	"$HAVAINTO" show --json "$@" >"$work/shown" && "$HAVAINTO" ask --state "$work/place" --json >"$work/asked" || return 1
	python3 - "$least" "$work/shown" "$work/asked" <<'PYTHON'
import json, sys
shown, asked = ({d["mac"]: (d["name"], d["vendor"], d["first_seen"], d["last_seen"], d["packets"]) for d in json.load(open(f)) if d.get("mac")}
                for f in sys.argv[2:])
sys.exit(len(asked) < int(sys.argv[1]) or shown != asked)
PYTHON
}
first=$work/first.ndjson second=$work/second.ndjson

sensor_starts() {
	sensor_start sensor "$1" -i hv0 --sensor relay --interval 0.5 --full-every 1000 --state "$work/state" -o "$sink"
}

# Each line of the first sensor is acknowledged, on its disk, or replaced there by a newer one.
all_is_safe() {
	counts first "g['sink.spooled'] > 300" && ask "$work/first.counts" "(lambda made, g: \
		2 * made == g['sink.lines'] + g['sink.spooled'] + g['sink.coalesced'] + g['sink.expired'])( \
		of('health')[-1]['reporter']['lines'], of('health')[-1]['gauges'])"
}

# The manager is there. Over TLS it does not know the sensor at first: what that learns meanwhile waits, too.
manager_start 1
if [ "$over" = tls ]; then
	rmdir "$work/state" # enroll makes it, for root alone: all of it is opened before the sensor is another
	ns sensor "$HAVAINTO" enroll 127.0.0.1 --state "$work/state" --sensor relay >"$work/met"
fi
sensor_starts first
announce 1 300
if [ "$over" = tls ]; then
	check 'a sensor that is not known is told so' until_true grep -q 'does not know this sensor yet' "$work/first.log"
	"$HAVAINTO" manager accept "$(sed -n 's/.* accept \([0-9a-f]*\) .*/\1/p' "$work/met")" --state "$work/place" >"$work/accepted"
fi
check 'the devices arrive' until_true same 300 "$first"

# It is killed; the sensor goes on, and what it learns waits on the disk.
stop "$manager" KILL
announce 301 300
check 'the report on this machine goes on' until_true ask "$report" \
	"len({l['device']['mac'] for l in of('device')}) >= 600"
until_true all_is_safe
stop "$sensor" KILL
sensor_starts second
announce 601 300
until_true ask "$report" "len({l['device']['mac'] for l in of('device')}) >= 300"
manager_start 2
check 'all that was told while it was away arrives, also what a killed sensor had' until_true same 300 "$first" "$second"

# It is killed in the middle of taking, again and again.
announce 1001 2000 &
talking=$!
for n in 3 4 5; do
	sleep 0.4
	stop "$manager" KILL
	manager_start "$n"
done
wait "$talking"
check 'killed while it takes, it has lost nothing' until_true same 2300 "$first" "$second"
stop "$sensor"
check 'the sensor ends well' [ "$status" = 0 ]

check 'nor at its end' until_true same 2300 "$first" "$second"
stop "$manager"
check 'the manager ends well' [ "$status" = 0 ]
check 'no spool was broken' sh -c "[ -z \"\$(find '$work/state' -name '*.bad')\" ]"
live_end
