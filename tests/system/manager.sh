#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A manager from its first start to its end: sensors report to it, are acknowledged, come back after it was killed; it is
# asked from the shell and over HTTP by those who may, and slow or wrong clients leave it serving.
set -eu
. tests/system/tap
address=$near:8710
place=$work/place
manager=

start() {
	"$HAVAINTO" manager --state "$place" --listen "$address" >"$work/manager.out" 2>"$work/manager.err" &
	manager=$!
	until_true grep -q '^login' "$work/manager.out" || cat "$work/manager.err"
}
stop() { # stop [SIGNAL]
	status=0
	kill "-${1:-TERM}" "$manager"
	wait "$manager" || status=$?
}
trap 'kill "$manager" 2>/dev/null || true; rm -rf "$work"' EXIT
chmod 755 "$work"

"${HAVAINTO_GENERATE:?}" mix "$work/mix.pcap" 4000 40 7
start
token=$(sed -n 's/^token  //p' "$work/manager.out")
link=$(sed -n 's/^login  //p' "$work/manager.out")
claim 'the first start makes a token' [ ${#token} = 43 ]
claim 'the token is kept as a hash alone' sh -c "! grep -q '$token' '$place/tokens'"

# A sensor.
run listen -r "$work/mix.pcap" --sensor lab-1 -o "unix:$place/manager.sock" -o "file:$work/mix.ndjson"
is 0 'a sensor reports'
run show --json "$work/mix.ndjson"
cp "$work/out" "$work/shown"
run ask --state "$place" --json
is 0 'ask'
claim 'what was acknowledged is what the report shows' python3 -c '
import json, sys
shown, asked = (json.load(open(name)) for name in sys.argv[1:])
key = lambda d: (d["realm"], d.get("mac", ""), d.get("ip", "") if not d.get("mac") else "")
want = {key(d): (d["name"], d["vendor"], d["packets"], d["first_seen"]) for d in shown}
have = {key(d): (d["name"], d["vendor"], d["packets"], d["first_seen"]) for d in asked}
sys.exit(want != have)' "$work/shown" "$work/out"
run ask --state "$place" role:dhcp-server
says '1 device'
run ask --state "$place" -role:dhcp-server role:dhcp-server
says '0 devices'
run ask --state "$place" --csv role:dhcp-server
claim 'csv has a head and a row' [ "$(wc -l <"$work/out")" = 2 ]
run ask --state "$place" --count role
is 0 'counts by value'
says '         1  dhcp-server'
run ask --state "$place" --count packets
is 2 'numbers are not counted'
run ask --state "$place" --as ocsf role:dhcp-server
is 0 'in the words of others'
says '"class_uid":5001'
run ask --state "$place" --as netbox-addresses role:dhcp-server
says 'address,status,device,interface,is_primary'
run ask --state "$place" --csv --as ecs
is 2 'one form at a time'
run ask --state "$place" foo:bar
is 2 'a field that is none'
tells 'no such field'
run ask --state "$work/nowhere" x
is 1 'no inventory'
tells 'a manager keeps it'

# Over HTTP.
web() { # web METHOD PATH [TOKEN] [BODY] - $status: of the answer, body in $work/out
	python3 - "$address" "$@" >"$work/out" 2>"$work/err" <<'END' || true
import http.client, sys
address, method, path = sys.argv[1:4]
token, body = (sys.argv[4:] + ["", ""])[:2]
c = http.client.HTTPConnection(address, timeout=60)
c.request(method, path, body or None, {"Authorization": "Bearer " + token} if token else {})
r = c.getresponse()
text = r.read().decode()
print(r.status, r.getheader("Content-Type"), r.getheader("Content-Security-Policy", "")[:18])
print(text)
END
	status=$(head -n 1 "$work/out" | cut -d' ' -f1)
}
web GET /healthz
is 200 'healthz asks for no token'
web GET /api/v1/devices
is 401 'devices do'
web GET /api/v1/devices "${token}x"
is 401 'a wrong token is nobody'
web GET '/api/v1/devices?limit=3&sort=mac&facets=role' "$token"
is 200 'devices'
says '"next":"'
says "default-src 'none'"
web GET '/api/v1/devices?q=foo:1' "$token"
is 400 'a wrong query says why'
says 'no such field'
web GET '/api/v1/devices?limit=0' "$token"
is 400 'a limit that is none'
web GET '/api/v1/devices?sort=colour' "$token"
is 400 'a column that is none'
web GET /api/v1/devices/1 "$token"
is 200 'one device'
says '"records":[{'
web GET /api/v1/devices/999999 "$token"
is 404 'no such device'
web PATCH /api/v1/devices/1 "$token" '{"note":"by the door","tags":["lab"],"owner":"Ann"}'
is 200 'a note is kept'
web PATCH /api/v1/devices/1 "$token" '{"tags":["a,b"]}'
is 400 'a tag with a comma is none'
web PATCH /api/v1/devices/1 "$token" 'nonsense'
is 400 'a body that is no JSON'
web GET '/api/v1/devices?q=tag:lab' "$token"
says '"count":1'
web DELETE /api/v1/devices/1 "$token"
is 405 'a method that is none'
web GET /nothing "$token"
is 404 'an address that is none'
# The page itself holds no data and asks for no token; it is kept by browsers, and asked about.
python3 - "$address" >"$work/out" 2>"$work/err" <<'END' || true
import gzip, http.client, sys
def ask(path, **headers):
    c = http.client.HTTPConnection(sys.argv[1], timeout=60)
    c.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    r = c.getresponse()
    return r, r.read()
for path, kind in (("/", "text/html"), ("/app.js", "text/javascript"), ("/app.css", "text/css"), ("/icon.svg", "image/svg+xml")):
    plain, body = ask(path)
    packed, small = ask(path, Accept_Encoding="br;q=1, gzip;q=0.8")
    refused, whole = ask(path, Accept_Encoding="gzip;q=0")
    kept, nothing = ask(path, If_None_Match='"other", ' + plain.getheader("ETag"))
    assert plain.status == 200 and plain.getheader("Content-Type").startswith(kind), path
    assert plain.getheader("Content-Security-Policy").startswith("default-src 'none'; script-src 'self'; style-src 'self'"), path
    assert plain.getheader("Content-Encoding") is None and refused.getheader("Content-Encoding") is None, path
    assert packed.getheader("Content-Encoding") == "gzip" and gzip.decompress(small) == body == whole, path
    assert kept.status == 304 and nothing == b"" and ask(path, If_None_Match='"other"')[0].status == 200, path
assert ask("/app.map")[0].status == 401
c = http.client.HTTPConnection(sys.argv[1], timeout=60)
c.request("HEAD", "/")
assert c.getresponse().status == 200
old, body = ask("/login?token=x", Accept="text/html,*/*")
assert old.status == 401 and b"/app.js" in body
assert ask("/login?token=x")[1].startswith(b'{"error"')
print("the page is given")
END
says 'the page is given'
for path in /api/v1/changes /api/v1/services /api/v1/sensors /api/v1/fields /metrics /api/v1/export.csv /api/v1/export.ndjson; do
	web GET "$path" "$token"
	is 200 "$path"
done
web GET "/$(printf '%08000d' 0)" "$token"
is 404 'a long address'

run manager token reader viewer --state "$place"
is 0 'another token'
reader=$(cat "$work/out")
run manager token 'two words' --state "$place"
is 1 'a name of two words is none'
run manager nonsense --state "$place"
is 2 'what manager does not take'

# Browsers: a link holds good once; a change wants a header that no other page can send.
claim 'a link logs in once, and a change by cookie wants our header' python3 - "$address" "${link#http://*/}" <<'END'
import http.client, sys
def ask(method, path, headers={}, body=None):
    c = http.client.HTTPConnection(sys.argv[1], timeout=60)
    c.request(method, path, body, headers)
    r = c.getresponse()
    r.read()
    return r
first = ask("GET", "/" + sys.argv[2])
cookie = first.getheader("Set-Cookie")
assert first.status == 303 and "HttpOnly" in cookie and "SameSite=Strict" in cookie, (first.status, cookie)
assert ask("GET", "/" + sys.argv[2]).status == 401
mine = {"Cookie": cookie.split(";")[0]}
assert ask("GET", "/api/v1/devices", mine).status == 200
assert ask("PATCH", "/api/v1/devices/1", mine, '{"note":"x"}').status == 403
assert ask("PATCH", "/api/v1/devices/1", dict(mine, **{"X-Havainto": "1"}), '{"note":"x"}').status == 200
assert ask("POST", "/api/v1/logout", dict(mine, **{"X-Havainto": "1"})).status == 204
assert ask("GET", "/api/v1/devices", mine).status == 401
END

# Live events.
claim 'a change is told to who listens, and again to who missed it' python3 - "$address" "$token" "$place/manager.sock" <<'END'
import http.client, json, socket, sys
address, token, path = sys.argv[1:]
def listen(last=None):
    c = http.client.HTTPConnection(address, timeout=60)
    headers = {"Authorization": "Bearer " + token}
    if last: headers["Last-Event-ID"] = last
    c.request("GET", "/api/v1/events", headers=headers)
    return c.getresponse()
def until(r, words):
    seen = b""
    while words not in seen:
        line = r.readline()
        assert line, seen
        seen += line
    return seen
r = listen()
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect(path)
line = {"schema": "havainto/1", "type": "change", "sensor": "lab-2", "boot": 1, "seq": 1, "time": "2026-11-23T05:00:00.000000Z",
        "what": "new", "mac": "02:00:00:00:00:aa", "realm": ""}
s.sendall(json.dumps(line).encode() + b"\n")
answers = s.makefile()
answer = answers.readline() + answers.readline()
assert '"manager":"havainto/1"' in answer and '{"ack":{"boot":1,"seq":1}}' in answer, answer
seen = until(r, b"event: change")
device = dict(line, type="device", seq=2, full=False, device={"mac": "02:00:00:00:00:ab", "realm": "", "facts": []})
del device["what"], device["mac"], device["realm"]
s.sendall(json.dumps(device).encode() + b"\n")
assert b'"more":false' in until(r, b'data: {"ids":[').split(b"\n")[-2], "a device that is new is told by its id"
ident = [l for l in seen.split(b"\n") if l.startswith(b"id: ")][-1][4:].decode()
until(listen(str(int(ident) - 1) if int(ident) > 1 else "0"), b"event: change")
END

# Sensors that are none.
claim 'a line that is none is refused, and the rest taken' python3 - "$place/manager.sock" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect(sys.argv[1])
s.sendall(b'nonsense\n{"schema":"havainto/1","type":"bye","sensor":"lab-3","boot":1,"seq":7}\n')
f = s.makefile()
lines = [f.readline() for _ in range(3)]
assert "refused" in lines[1] and '{"ack":{"boot":1,"seq":7}}' in lines[2], lines
END
claim 'a line without an end is cut off' python3 - "$place/manager.sock" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect(sys.argv[1])
try:
    for _ in range(64): s.sendall(b"x" * 65536)
    while s.recv(4096): pass
except (BrokenPipeError, ConnectionResetError): pass
END
claim '200 slow clients of HTTP leave it serving' python3 - "$address" "$token" <<'END'
import http.client, socket, sys, time
host, port = sys.argv[1].split(":")
slow = []
for _ in range(200):
    s = socket.create_connection((host, int(port)))
    try: s.sendall(b"GET /api/v1/devices HTTP/1.1\r\nHost: x\r\nX: ")
    except OSError: pass
    slow.append(s)
# its own address has as many connections as it may: they must go before another is let in
for s in slow[:190]: s.close()
ends = time.monotonic() + 60
while time.monotonic() < ends:
    try:
        c = http.client.HTTPConnection(sys.argv[1], timeout=60)
        c.request("GET", "/healthz")
        sys.exit(c.getresponse().status != 200)
    except (OSError, http.client.HTTPException): time.sleep(0.1)
sys.exit(1)
END
web GET /api/v1/devices "$token"
is 200 'and it answers'

# Killed and started again: what was acknowledged is there; the sensor's next report goes to the new one.
run ask --state "$place" --json
python3 -c 'import json,sys; [print(d["mac"], d["ip"], d["packets"]) for d in json.load(open(sys.argv[1]))]' "$work/out" | sort >"$work/before"
stop KILL
start
run ask --state "$place" --json
python3 -c 'import json,sys; [print(d["mac"], d["ip"], d["packets"]) for d in json.load(open(sys.argv[1]))]' "$work/out" | sort >"$work/after"
claim 'killed, it has lost nothing' cmp "$work/before" "$work/after"
web GET /api/v1/devices "$reader"
is 200 'the token that was made meanwhile is known'
web PATCH /api/v1/devices/1 "$reader" '{"note":"x"}'
is 403 'but a viewer writes nothing'
run listen -r "$work/mix.pcap" --sensor lab-1 -o "unix:$place/manager.sock"
is 0 'a sensor reports again'
run ask --state "$place"
claim 'and nothing is doubled' grep -q "^$(wc -l <"$work/before") devices" "$work/out"

# A browser's session outlives the manager's process, as a hash; one that was ended does not.
session() { # session COOKIE - prints the status that it gets
	python3 - "$address" "$1" <<'END'
import http.client, sys
c = http.client.HTTPConnection(sys.argv[1], timeout=60)
c.request("GET", "/api/v1/devices?limit=1", headers={"Cookie": sys.argv[2]})
print(c.getresponse().status)
END
}
cookie=$(python3 - "$address" "$(sed -n 's|^login  http://[^/]*||p' "$work/manager.out")" <<'END'
import http.client, sys
c = http.client.HTTPConnection(sys.argv[1], timeout=60)
c.request("GET", sys.argv[2])
print(c.getresponse().getheader("Set-Cookie").split(";")[0])
END
)
claim 'a browser is logged in' [ "$(session "$cookie")" = 200 ]
stop KILL
start
claim 'and still is when the manager was started again' [ "$(session "$cookie")" = 200 ]
claim 'its session is kept as a hash alone' sh -c "! grep -q '${cookie#havainto=}' '$place/sessions'"
claim 'another is nobody' [ "$(session "${cookie}x")" = 401 ]
stop
is 0 'SIGTERM ends it well'
claim 'without a word of trouble' sh -c "! grep -v 'sensors report to\|no sensor was sent away' '$work/manager.err'"
done_testing
