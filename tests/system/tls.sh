#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Two machines, both this one: a sensor meets a manager, waits, is accepted, reports, is revoked and comes back; browsers get
# HTTPS where the manager listens beyond the machine; what is old is forgotten; devices leave in the words of others.
set -eu
. tests/system/tap
pages=$near:8710
at=$near:8711
place=$work/place state=$work/state
manager=

start() { # start OPTION...
	"$HAVAINTO" manager --state "$place" --sensors "$at" "$@" >"$work/manager.out" 2>"$work/manager.err" &
	manager=$!
	until_true grep -q '^login' "$work/manager.out" || cat "$work/manager.err"
}
stop() {
	status=0
	kill "-${1:-TERM}" "$manager"
	wait "$manager" || status=$?
}
trap 'kill "$manager" 2>/dev/null || true; rm -rf "$work"' EXIT
chmod 755 "$work"
"${HAVAINTO_GENERATE:?}" mix "$work/mix.pcap" 4000 40 7
listen() { # listen [OPTION...] - by the name that it was enrolled under
	run listen -r "$work/mix.pcap" --state "$state" -o "tls:$at" "$@"
}
accepted() {
	"$HAVAINTO" enroll "$at" --state "$state" | grep -q "takes this sensor's reports"
}
devices() { # devices QUERY - how many there are
	"$HAVAINTO" ask --state "$place" "$1" | sed -n 's/^\([0-9]*\) devices*$/\1/p'
}

# Meeting.
listen
is 1 'a sensor that has met nobody does not start'
tells "havainto enroll $at"
run enroll "$at" --state "$state" --sensor 'two words'
is 1 'a name that is none'
tells 'up to 63 letters'
run enroll "$at" --state "$state" --sensor attic
is 1 'nobody is there'
tells "does \`havainto manager --sensors"
start --listen "$pages"
run enroll "$at" --state "$state" --sensor cellar
is 1 'a certificate that is there is for one name'
tells 'sensor.crt is that of sensor "attic"'
run enroll "$at" --state "$state" --sensor attic --manager 00
is 1 'a fingerprint that is none'
run enroll "$at" --state "$state" --sensor attic --manager "$(printf '%064d' 0)"
is 1 'a manager that is another is not met'
tells 'somebody may stand in between'
run enroll "$at" --state "$state" --sensor attic --manager "$(sed -n 's/^manager  //p' "$work/manager.out")"
is 0 'the one whose fingerprint it printed is'
says "$(sed -n 's/^manager  //p' "$work/manager.out")"
fingerprint=$(sed -n 's/.* accept \([0-9a-f]*\) --name attic$/\1/p' "$work/out")
claim 'it says what the admin must run' [ ${#fingerprint} = 64 ]
claim 'the keys are for their owners alone' [ "$(stat -c %a "$state/sensor.key" "$place/manager.key" | uniq)" = 600 ]
claim 'and openssl sees the same fingerprint' sh -c "! command -v openssl || openssl x509 -in '$state/sensor.crt' -noout -fingerprint -sha256 |
	tr -d : | tr A-F a-f | grep -q '$fingerprint'"
listen
is 1 'who is not accepted reports nothing'
tells "havainto manager accept $fingerprint"
run manager sensors --state "$place"
says "waiting   attic                 $fingerprint"

# Accepted.
run manager accept nonsense --state "$place"
is 2 'what is no fingerprint is not accepted'
run manager accept "$(printf '%064d' 7)" --state "$place"
is 1 'nor one that never came, without a name'
tells 'say --name NAME'
run manager accept "$fingerprint" --state "$place"
is 0 'accepted under the name that it asks for'
run manager accept "$(printf '%064d' 7)" --state "$place" --name attic
is 1 'the name is for one alone'
tells "attic is the name of another, $fingerprint"
run manager sensors --state "$place"
says "accepted  attic                 $fingerprint"
claim 'a running manager follows' until_true accepted
listen
is 0 'it reports'
claim 'and is taken' [ "$(devices sensor:attic)" = 41 ]
listen
claim 'twice is once' [ "$(devices sensor:attic)" = 41 ]
run listen -r "$work/mix.pcap" --sensor cellar --state "$state" -o "tls:$at"
tells 'certificate is that of sensor attic'
claim 'but not as another' [ "$(devices sensor:cellar)" = 0 ]
stop KILL
start --listen "$pages"
listen
is 0 'after the manager was killed it reports again'
claim 'and nothing is lost or doubled' [ "$(devices sensor:attic)" = 41 ]

# Revoked.
run manager revoke nobody --state "$place"
is 1 'nobody of that name'
run manager revoke attic --state "$place"
is 0 'revoked'
claim 'a running manager follows that, too' until_true sh -c "! '$HAVAINTO' enroll '$at' --state '$state' | grep -q 'takes this'"
listen
tells 'does not know this sensor'
claim 'what it reported stays' [ "$(devices sensor:attic)" = 41 ]
run manager accept "$fingerprint" --state "$place" --name attic
is 0 'and it may come back'
stop

# What is old goes.
start --listen "$pages" --retain 30
claim 'devices of years ago are forgotten' until_true sh -c "'$HAVAINTO' ask --state '$place' sensor:attic | grep -q '^0 devices'"
stop
is 0 'the manager ends well'

# Beyond the machine there is no plain HTTP.
port=$(python3 - $((20000 + $$ % 10000)) <<'END'
import contextlib, socket, sys
for port in range(int(sys.argv[1]), 32768):  # the first that is free at every address; from 32768 on the kernel gives them away
    with contextlib.suppress(OSError), socket.socket() as s:
        s.bind(("0.0.0.0", port))
        sys.exit(print(port))
END
)
start --listen "0.0.0.0:$port"
pages=127.0.0.1:$port
claim 'pages are HTTPS, by the certificate whose fingerprint was printed' python3 - "$pages" "$work/manager.out" <<'END'
import hashlib, http.client, re, ssl, sys
said = open(sys.argv[2]).read()
link = re.search(r"^login  https://(?!0\.0\.0\.0)[^/]+:\d+(/\S+)", said, re.M).group(1)
context = ssl._create_unverified_context()
c = http.client.HTTPSConnection(sys.argv[1], timeout=60, context=context)
c.request("GET", link)
r = c.getresponse()
assert r.status == 303 and r.getheader("Set-Cookie").endswith("; Secure"), (r.status, r.getheader("Set-Cookie"))
assert c.sock.version() == "TLSv1.3", c.sock.version()
assert hashlib.sha256(c.sock.getpeercert(True)).hexdigest() in said
r.read()
for n in range(3):
    c.request("GET", "/api/v1/devices", headers={"Cookie": r.getheader("Set-Cookie").split(";")[0]})
    again = c.getresponse()
    assert again.status == 200 and b'"devices"' in again.read()
END
claim 'plain HTTP and older TLS get no answer there' python3 - "$pages" <<'END'
import http.client, ssl, sys
try:
    c = http.client.HTTPConnection(sys.argv[1], timeout=60)
    c.request("GET", "/healthz")
    sys.exit(f"answered {c.getresponse().status}")
except (http.client.HTTPException, OSError): pass
context = ssl._create_unverified_context()
context.maximum_version = ssl.TLSVersion.TLSv1_2
try:
    c = http.client.HTTPSConnection(sys.argv[1], timeout=60, context=context)
    c.request("GET", "/healthz")
    sys.exit("TLS 1.2 was taken")
except OSError: pass
END
claim '200 that stall in the handshake leave it serving' python3 - "$pages" <<'END'
import http.client, socket, ssl, sys
host, port = sys.argv[1].split(":")
slow = [socket.create_connection((host, int(port)), 60, ("127.0.0.9", 0)) for _ in range(200)]
c = http.client.HTTPSConnection(sys.argv[1], timeout=60, context=ssl._create_unverified_context())
c.request("GET", "/healthz")
sys.exit(c.getresponse().status != 200)
END
stop
is 0 'it ends well'
claim 'no key is in what it said' sh -c "! grep -q 'PRIVATE\|$(sed -n 2p "$place/manager.key")' '$work/manager.err' '$work/manager.out'"

# In the words of others.
python3 tests/captures/hostile "$work/hostile.pcap"
for format in ocsf ecs; do
	run listen -r "$work/mix.pcap" --sensor attic -o "$format:-"
	is 0 "$format"
	claim "$format: a line of JSON for each device" [ "$(grep -c '^{.*}$' "$work/out")" = 41 ]
	run listen -r "$work/hostile.pcap" --sensor attic -o "$format:-"
	claim "$format: hostile names are texts of JSON" python3 -c 'import json, sys
lines = open(sys.argv[1], "rb").read().splitlines()
sys.exit(len(lines) < 20 or any(b < 32 or b == 127 for line in lines for b in line) or not all(json.loads(line.decode()) for line in lines))' "$work/out"
done
run listen -r "$work/mix.pcap" -o "ecs:tls:$at"
is 1 'not to a manager'
done_testing
