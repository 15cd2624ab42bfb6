#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that until_true calls
#
# run: a capture is shown and kept, the manager answers until it is told to end; both processes end with it.
set -eu
. tests/system/tap
address=$near:8710
place=$work/place
trap 'kill "$both" 2>/dev/null || true; rm -rf "$work"' EXIT
chmod 755 "$work"

start() { # start WORDS ARGUMENT... - until its output has the words, or it ended
	words=$1
	shift
	"$HAVAINTO" run "$@" --state "$place" --listen "$address" >"$work/run.out" 2>"$work/run.err" </dev/null &
	both=$!
	until_true said_or_ended
}
said_or_ended() {
	grep -q "$words" "$work/run.out" || has_ended "$both"
}
stop() {
	status=0
	kill "-$1" "$both"
	wait "$both" || status=$?
}
nobody_is_left() {
	! pgrep -f "run $work/mix.pcap"
}

"${HAVAINTO_GENERATE:?}" mix "$work/mix.pcap" 4000 40 7
start '^token' "$work/mix.pcap"
claim 'the devices are shown' grep -q '4,000 frames' "$work/run.out"
run ask --state "$place" role:dhcp-server
says '1 device'
claim 'the printed token is good' python3 - "$address" "$(sed -n 's/^token  //p' "$work/run.out")" <<'END'
import http.client, json, sys
c = http.client.HTTPConnection(sys.argv[1], timeout=60)
c.request("GET", "/api/v1/devices?q=role:dhcp-server", headers={"Authorization": "Bearer " + sys.argv[2]})
sys.exit(json.load(c.getresponse())["count"] != 1)
END
claim 'the printed link logs in' python3 - "$address" "$(sed -n 's/^login  http:..[^/]*//p' "$work/run.out")" <<'END'
import http.client, sys
c = http.client.HTTPConnection(sys.argv[1], timeout=60)
c.request("GET", sys.argv[2])
sys.exit(c.getresponse().status != 303)
END
stop INT
is 0 'SIGINT ends it well'
claim 'nobody is left' nobody_is_left
run ask --state "$place" role:dhcp-server
says '1 device'
start '^token' "$work/mix.pcap"
run ask --state "$place"
claim 'read again, nothing is doubled' grep -q "^$(sed -n 's/^\([0-9,]* devices\), .*/\1/p' "$work/run.out")" "$work/out"
stop KILL
claim 'a manager that was killed leaves no sensor behind' until_true nobody_is_left
start '^token' "$work/mix.pcap"
claim 'and the next one starts' grep -q '^token' "$work/run.out"
stop TERM
is 0 'SIGTERM ends it well'
run run "$work/nothing.pcap" --state "$place" --listen "$address"
is 2 'what is neither a capture nor an interface'
tells 'is neither a capture nor an interface'
printf nonsense >"$work/bad.pcap"
run run "$work/bad.pcap" --state "$place" --listen "$address"
is 1 'a file that is no capture ends both'
run run "$work/mix.pcap" --state "$place" --listen nonsense
is 1 'an address that is none'
tells 'use ADDRESS:PORT'
done_testing
