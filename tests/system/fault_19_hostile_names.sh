#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Devices give themselves names that attack whoever shows them (tests/captures/hostile): one capture through every exit. What comes
# out is compared with tests/golden/hostile, and looked at for what no exit may let through. GOLDEN=write makes the files anew:
# read the difference before it is committed.
set -eu
. tests/system/tap
golden=tests/golden/hostile
address=$near:8710
place=$work/place
chmod 755 "$work"
trap 'kill "$manager" $evil 2>/dev/null || true; rm -rf "$work"' EXIT
manager='' evil=''

# An exit's text, but for what differs from run to run.
is_golden() { # is_golden NAME FILE
	[ "${GOLDEN-}" != write ] || cp "$2" "$golden/$1"
	claim "$1 is what it was" diff -u "$golden/$1" "$2"
}

# Nothing in it but plain text: no controls (ends of lines aside), no marks that turn or hide text, no broken UTF-8.
is_plain() {
	claim "$1: nothing that moves a cursor, or turns or hides text" python3 - "$2" <<'END'
import sys, unicodedata
text = open(sys.argv[1], "rb").read().decode("utf-8", "strict")
bad = [(n, hex(ord(c))) for n, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1) for c in line if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")]
sys.exit(f"{bad[:10]}" if bad else 0)
END
}

web() { # web PATH FILE
	python3 - "$address" "$token" "$1" >"$2" <<'END'
import http.client, sys
c = http.client.HTTPConnection(sys.argv[1], timeout=60)
c.request("GET", sys.argv[3], headers={"Authorization": "Bearer " + sys.argv[2]})
r = c.getresponse()
text = r.read()
assert r.status == 200 and r.getheader("X-Content-Type-Options") == "nosniff", (r.status, text)
sys.stdout.buffer.write(text)
END
}

python3 tests/captures/hostile "$work/hostile.pcap"
"$HAVAINTO" manager --state "$place" --listen "$address" >"$work/manager.out" 2>"$work/manager.err" &
manager=$!
until_true grep -q '^login' "$work/manager.out"
token=$(sed -n 's/^token  //p' "$work/manager.out")
run listen -r "$work/hostile.pcap" --sensor 'se\{n}<b>' -o "unix:$place/manager.sock" -o "file:$work/report"
is 0 'a sensor reports them'

# The terminal.
for how in table facts csv; do
	case $how in table) run show "$work/report" ;; *) run show "--$how" "$work/report" ;; esac
	is 0 "show $how"
	# whom all talked to is told more than it may keep: which of it, is left to chance
	sed '/^02:00:00:00:fe:fe  *web-server$/,$d; /^02:00:00:00:fe:fe$/,$d' "$work/out" >"$work/shown"
	is_golden "show.$how" "$work/shown"
	is_plain "show $how" "$work/out"
done
for how in table csv; do
	case $how in table) run ask --state "$place" ;; *) run ask --state "$place" --csv ;; esac
	is 0 "ask $how"
	is_golden "ask.$how" "$work/out"
	is_plain "ask $how" "$work/out"
done

# What programs read.
for format in csv ndjson netbox ocsf ecs; do
	web "/api/v1/export.$format" "$work/$format.all"
	sed -E 's/"(time|timestamp|created|@timestamp)":("[^"]*"|[0-9]+)/"\1":0/g; s/"ingested":"[^"]*"/"ingested":0/g' "$work/$format.all" >"$work/$format"
	is_golden "export.$format" "$work/$format"
done
is_plain 'export.csv' "$work/csv"
is_plain 'export.netbox' "$work/netbox"
claim 'no cell of a spreadsheet is a formula' python3 - "$work/csv" "$work/netbox" <<'END'
import csv, sys
cells = [cell for name in sys.argv[1:] for row in csv.reader(open(name, newline="", encoding="utf-8"), strict=True) for cell in row]
sys.exit(not cells or any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for cell in cells))
END
claim 'each line of JSON is one object, valid UTF-8, and has no raw control' python3 - "$work/report" "$work/ndjson" "$work/ocsf" "$work/ecs" <<'END'
import json, sys
for name in sys.argv[1:]:
    lines = open(name, "rb").read().decode("utf-8", "strict").split("\n")[:-1]
    assert lines and all(isinstance(json.loads(line), dict) and not any(ord(c) < 32 for c in line) for line in lines), name
END
web /metrics "$work/metrics.all"
grep 'sensor' "$work/metrics.all" | sed -E 's/ [0-9.e+-]+$/ N/' >"$work/metrics"
is_golden metrics "$work/metrics"
is_plain metrics "$work/metrics.all"
claim 'each line of the metrics is one' python3 - "$work/metrics.all" <<'END'
import re, sys
label = r'[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"'
line = re.compile(r'(#.*|[a-z_][a-z0-9_:]*(\{' + label + '(,' + label + r')*,?\})? [-+0-9.eE]+|)')
bad = [l for l in open(sys.argv[1], encoding="utf-8").read().split("\n") if not line.fullmatch(l)]
sys.exit("\n".join(bad) or 0)
END

# A log is lines: what a manager says goes into the sensor's.
python3 - "$work/evil.sock" <<'END' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1] + ".soon")
os.chmod(sys.argv[1] + ".soon", 0o666)
s.listen(1)
os.rename(sys.argv[1] + ".soon", sys.argv[1])
c, _ = s.accept()
c.sendall(b'{"manager":"havainto/1"}\n{"refused":{"why":"\x1b[2J\x07\r\tx\x00y\xe2\x80\xae\x9b31m\xff\xc2\x85<script>%s%n"}}\n')
seen = b""
while not b'"bye"' in seen:
    got = c.recv(65536)
    if not got: break
    seen += got
c.sendall(b'{"ack":{"boot":9223372036854775807,"seq":1}}\n')
while c.recv(65536): pass
END
evil=$!
until_true [ -S "$work/evil.sock" ]
run listen -r "$work/hostile.pcap" --sensor lab -o "unix:$work/evil.sock" -o "file:$work/nothing"
sed "s|$work|WORK|" "$work/err" >"$work/log"
is_golden log "$work/log"
is_plain log "$work/log"
kill "$manager" "$evil" 2>/dev/null || true
wait "$manager" || true
is_plain "the manager's log" "$work/manager.err"
done_testing
