#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A manager under load: sensors report, again and again and all at once, while readers search, page, export, listen to events and
# write notes, and clients break off. Run under the address and the thread sanitizer, of which none may have a word to say.
set -eu
. tests/system/tap
address=$near:8710
place=$work/place
manager=
trap 'kill "$manager" 2>/dev/null || true; rm -rf "$work"' EXIT
chmod 755 "$work"

"${HAVAINTO_GENERATE:?}" mix "$work/mix.pcap" 3000 60 7
"$HAVAINTO" manager --state "$place" --listen "$address" >"$work/manager.out" 2>"$work/manager.err" &
manager=$!
until_true grep -q '^login' "$work/manager.out"
token=$(sed -n 's/^token  //p' "$work/manager.out")

# Sensors: four at once, three times each.
for n in 1 2 3 4; do
	for _ in 1 2 3; do
		"$HAVAINTO" listen -r "$work/mix.pcap" --sensor "lab-$n" --interval 1 -o "unix:$place/manager.sock" 2>>"$work/sensors.err" ||
			echo "ended with $?" >>"$work/sensors.err"
	done &
	echo $! >>"$work/sensors"
done

cat >"$work/readers.py" <<'PYTHON'
import contextlib, http.client, itertools, json, os, random, socket, sys, threading, time
address, token, stop = sys.argv[1:]
bearer, counts, wrong = {"Authorization": "Bearer " + token}, {}, []
deadline = time.monotonic() + 240
LEAST, KINDS = 3, 12  # of each kind of reading so many at least

def ended():
    return time.monotonic() > deadline or os.path.exists(stop) and len(counts) == KINDS and min(counts.values()) >= LEAST

def ask(method, path, body=None):
    """None: there were too many of us at once, and this one was sent away."""
    c = http.client.HTTPConnection(address, timeout=120)
    try:
        c.request(method, path, body, bearer)
        r = c.getresponse()
        return r.status, r.read()
    except (ConnectionError, http.client.RemoteDisconnected):
        time.sleep(0.1)
        return None, b""
    finally:
        c.close()

def over(paths):
    for path in itertools.cycle(paths):
        if ended():
            return
        status, text = ask("GET", path)
        counts[path] = counts.get(path, 0) + (status is not None)
        if status not in (200, None):
            wrong.append((path, status, text[:200]))

def write():
    for n in itertools.count():
        if ended():
            return
        status, text = ask("PATCH", f"/api/v1/devices/{1 + n % 50}", json.dumps({"note": f"n {n}", "tags": ["t%d" % (n % 3)]}))
        if status not in (200, 404, None):
            wrong.append(("PATCH", status, text[:200]))
        counts["PATCH"] = counts.get("PATCH", 0) + (status is not None)

def listen():
    while not ended():
        c = http.client.HTTPConnection(address, timeout=1)
        try:
            c.request("GET", "/api/v1/events", headers=bearer)
            r = c.getresponse()
            for _ in range(20):
                r.readline()
        except (OSError, http.client.HTTPException):
            pass
        c.close()
        counts["events"] = counts.get("events", 0) + 1

def break_off():
    while not ended():
        with contextlib.suppress(OSError), socket.create_connection(address.split(":")) as s:
            s.sendall(random.choice((b"GET /api/v1/export.ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token.encode() + b"\r\n\r\n", b"GET", b"\x16\x03")))
        counts["broken"] = counts.get("broken", 0) + 1
        time.sleep(0.1)

threads = [threading.Thread(target=over, args=(paths,)) for paths in (
    ["/api/v1/devices?limit=20", "/api/v1/devices?q=role:dhcp-server&facets=role,vendor", "/api/v1/devices?q=lab&sort=packets"],
    ["/api/v1/export.csv", "/api/v1/export.ndjson"], ["/metrics", "/api/v1/sensors", "/api/v1/changes", "/healthz"])]
threads += [threading.Thread(target=f) for f in (write, listen, break_off)]
for t in threads: t.start()
for t in threads: t.join()
print(counts)
sys.exit(f"{wrong[:5]}" if wrong or len(counts) < KINDS or min(counts.values()) < LEAST else 0)
PYTHON
python3 "$work/readers.py" "$address" "$token" "$work/stop" >"$work/readers.out" 2>&1 &
readers=$!
while read -r one; do wait "$one" || true; done <"$work/sensors"
touch "$work/stop"
status=0
wait "$readers" || status=$?
cat "$work/readers.out"
claim 'every reader was answered, again and again' [ "$status" = 0 ]
claim 'every sensor was acknowledged, and ended well' [ ! -s "$work/sensors.err" ]
run ask --state "$place" --json
claim 'each device is seen by four sensors, and is one' python3 -c '
import json, sys
devices = json.load(open(sys.argv[1]))
keys = [(d["realm"], d["mac"], d["ip"] if not d["mac"] else "") for d in devices]
sys.exit(not devices or len(set(keys)) != len(keys) or any(d["sensors"] != 4 for d in devices))' "$work/out"
status=0
kill "$manager"
wait "$manager" || status=$?
is 0 'the manager ends well'
cp "$work/manager.err" "$work/err"
grep -h -A 25 'Sanitizer\|runtime error' "$work/manager.err" "$work/sensors.err" | sed 's/^/# /' || true
claim 'no sanitizer said a word' sh -c "! grep -n 'Sanitizer\|runtime error' '$work/manager.err' '$work/sensors.err'"
done_testing
