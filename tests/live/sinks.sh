#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that check and until_true call
#
# Reports leave the sandbox by TCP and by a unix socket, also after the receiver was away, and a file
# is begun anew on SIGHUP.
set -eu
. tests/live/lib.sh
live_begin sinks

cat >"$work/receiver.py" <<'PYTHON'
# receiver.py tcp|unix ADDRESS OUT - appends what comes to OUT
import os, socket, sys
kind, address, out = sys.argv[1:]
if kind == "tcp":
    s = socket.create_server(("127.0.0.1", int(address)))
else:
    s = socket.socket(socket.AF_UNIX)
    if os.path.exists(address):
        os.unlink(address)
    s.bind(address)
    os.chmod(address, 0o666)
    s.listen(1)
while True:
    connection, _ = s.accept()
    with open(out, "ab", buffering=0) as f:
        while data := connection.recv(65536):
            f.write(data)
PYTHON

arp=ffffffffffff0200000000aa08060001080006040001
arp=${arp}0200000000aac0000207000000000000c0000207
late=ffffffffffff0200000000cc08060001080006040001
late=${late}0200000000ccc0000209000000000000c0000209

ns_make sensor
ns_make far
veth sensor hv0 far hv1
mkdir "$work/reports"
chmod 777 "$work/reports"

receive() {
	start "$1" ip netns exec "$(ns_name sensor)" python3 "$work/receiver.py" "$1" "$2" "$work/$1.ndjson"
}

hears() {
	grep -q "$2" "$work/$1.ndjson"
}

# Has the kernel told the sensor that nobody is at the other end of TCP?
hung_up() {
	! ns sensor grep -q "$(printf ':%04X 01 ' 7001)" /proc/net/tcp
}

receive unix "$work/socket"
unix=$pid
receive tcp 7001
tcp=$pid
start sensor ip netns exec "$(ns_name sensor)" "$HAVAINTO" listen -i hv0 --interval 1 \
	-o tcp:127.0.0.1:7001 -o "unix:$work/socket" -o "file:$work/reports/file.ndjson"
sensor=$pid
for sink in unix tcp; do
	check "hello comes by $sink" until_true hears "$sink" '"type":"hello"'
done
send_frames far hv1 5 "$arp"
for sink in unix tcp; do
	check "a device comes by $sink" until_true hears "$sink" 02:00:00:00:00:aa
done

stop "$tcp" KILL
stop "$unix" KILL
until_true hung_up
send_frames far hv1 5 "$late"
until_true grep -q 02:00:00:00:00:cc "$work/reports/file.ndjson"
receive unix "$work/socket"
receive tcp 7001
for sink in unix tcp; do
	check "$sink is connected again, and told" until_true hears "$sink" 02:00:00:00:00:cc
done

mv "$work/reports/file.ndjson" "$work/reports/old.ndjson"
kill -HUP "$sensor"
check "a file that was moved away is begun anew on SIGHUP" until_true \
	test -s "$work/reports/file.ndjson"
stop "$sensor"
check "SIGTERM ends it with 0 (it was $status)" [ "$status" = 0 ]
for sink in unix tcp; do
	check "bye comes by $sink" until_true hears "$sink" '"type":"bye"'
done
live_end
