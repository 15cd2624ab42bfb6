#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# show, why, diff and status over reports: of a capture made here, of hostile names, of what is no report.
set -eu
. tests/system/tap

"${HAVAINTO_GENERATE:?}" mix "$work/mix.pcap" 4000 40 7
run listen -r "$work/mix.pcap" -o "file:$work/mix.ndjson"
is 0 'a report'
claim 'all of it went into the file' [ ! -s "$work/out" ]

run show "$work/mix.ndjson"
is 0 'show'
claim 'a row a device' [ "$(wc -l <"$work/out")" = "$(($(grep -c '"type":"device"' "$work/mix.ndjson") + 2))" ]
says '4,000 frames'
cp "$work/out" "$work/table"
"$HAVAINTO" show <"$work/mix.ndjson" >"$work/out"
claim 'standard input is shown as the file' cmp -s "$work/table" "$work/out"
cat "$work/mix.ndjson" "$work/mix.ndjson" >"$work/twice.ndjson"
run show "$work/twice.ndjson"
claim 'the same report twice is the same table' cmp -s "$work/table" "$work/out"
run show --facts "$work/mix.ndjson"
says 'name.host'
run show --json "$work/mix.ndjson"
claim 'show --json is one array of the devices' python3 -c '
import json, sys
devices = json.load(open(sys.argv[1]))
report = [json.loads(line)["device"] for line in open(sys.argv[2]) if "\"type\":\"device\"" in line]
alone = all(d.pop("group") == d.get("mac", d.get("ip")) for d in devices)
for d in devices: d.pop("sensor")
sys.exit(devices != report or not alone)' "$work/out" "$work/mix.ndjson"
run show --csv "$work/mix.ndjson"
claim 'show --csv has a line a device' python3 -c '
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
sys.exit(len(rows) != int(sys.argv[2]) or not all(r["mac"] for r in rows))' \
	"$work/out" "$(grep -c '"type":"device"' "$work/mix.ndjson")"

# Three records, two of them one device: the younger stands behind the older, and says why.
python3 - >"$work/group.ndjson" <<'END'
import json
key = {"kind": "ssh.host_key", "value": "821714aeefc50a11483ecf20d2858a32" * 2, "by": "ssh", "confidence": 90, "count": 1,
       "first_seen": "2026-11-23T05:00:00.000000Z", "frame": 1, "last_seen": "2026-11-23T05:00:00.000000Z"}
for seq, (mac, facts) in enumerate([("02:00:00:00:00:0a", [key]), ("02:00:00:00:00:0b", []), ("02:00:00:00:00:0c", [key])], 1):
    print(json.dumps({"schema": "havainto/1", "type": "device", "sensor": "s", "boot": 1, "seq": seq,
        "time": "2026-11-23T05:00:00.000000Z", "full": False, "device": {"mac": mac, "realm": "", "vendor": "", "mac_kind": "random",
        "name": "", "os": "", "model": "", "roles": [], "first_seen": f"2026-11-23T05:00:0{9 - seq}.000000Z",
        "last_seen": "2026-11-23T05:01:00.000000Z", "packets": 1, "bytes": 60, "facts": facts}}))
END
run show "$work/group.ndjson"
says '+ 02:00:00:00:00:0a'
says '2 devices in 3 records'
run show --facts "$work/group.ndjson"
says 'one with 02:00:00:00:00:0c, by the SSH host key'
run why 02:00:00:00:00:0a identity "$work/group.ndjson"
says 'one device with 02:00:00:00:00:0c'
says 'the SSH host key'
says 'trace -r CAPTURE -n 1'
run show --csv "$work/group.ndjson"
claim 'show --csv names the group' python3 -c '
import csv, sys
groups = {r["mac"][-1]: r["group"][-1] for r in csv.DictReader(open(sys.argv[1], newline=""))}
sys.exit(groups != {"a": "c", "b": "b", "c": "c"})' "$work/out"

run why 10.0.0.1 roles "$work/mix.ndjson"
is 0 'why by address'
says 'role dhcp-server, told by dhcp'
frame=$(sed -n 's/.*trace -r CAPTURE -n \([0-9]*\)$/\1/p' "$work/out" | head -n 1)
run trace -r "$work/mix.pcap" -n "$frame"
is 0 'the frame that why names is there'
says 'role dhcp-server'
run trace -r "$work/mix.pcap" -n 999999
is 1 'a frame that is not there ends with 1'
name=$(sed -n 's/.*"name":"\(host-[0-9]*\)".*/\1/p' "$work/mix.ndjson" | head -n 1)
run why "$name" name "$work/mix.ndjson"
is 0 'why by name'
says "name.host $name"
run why nobody name "$work/mix.ndjson"
is 1 'why of nobody'
tells 'no device of the report is "nobody"'

run diff "$work/mix.ndjson" "$work/mix.ndjson"
is 0 'a report does not differ from itself'
claim 'and nothing is said' [ ! -s "$work/out" ]
run listen -r "$work/mix.pcap" -f 'not host 10.0.0.9' -o "file:$work/less.ndjson" --sensor other
run diff "$work/less.ndjson" "$work/mix.ndjson"
is 1 'reports that differ end with 1'
says '    + address.ipv4 10.0.0.9'
run diff "$work/mix.ndjson" "$work/none"
is 2 'a report that is not there ends with 2'

run status "$work/mix.ndjson"
is 0 'the accounts of the report are in order'
claim 'nothing is broken' sh -c "! grep -q BROKEN '$work/out'"
sed 's/"source.received":[0-9]*/"source.received":17/' "$work/mix.ndjson" >"$work/broken.ndjson"
run status "$work/broken.ndjson"
is 1 'accounts that are not end with 1'
says 'BROKEN  17 frames received'
run listen -r "$work/mix.pcap" -o "file:$work/tiny.ndjson" --workers 3 --task tls --max-devices 16 --max-addresses 16 \
	--max-facts 64 --max-places 20 --max-far 2 --flow-memory 16K --stream-memory 64K --fragment-memory 16K \
	--novelty-memory 16K --value-memory 64K
is 0 'with tiny caps the run ends well'
run status "$work/tiny.ndjson"
is 0 'and the counts still add up'
claim 'caps were hit, and counted' sh -c "! grep -q '\"refused\":0,\"evicted\":0' '$work/tiny.ndjson'"

# Names that would like to be something else.
python3 - "$work/hostile.ndjson" <<'END'
import json, sys
names = ["\x1b[2J\x1b]0;pwned\x07", "a\nb\r\tc", "\u202egpj.exe", "=cmd|' /C calc'!A0", "+1", "@x", "-2", "\x9b31m", "q\"uo,te",
         "\u0000nul", "x" * 5000, "\u53a8\u623f", "\x7f", "\\x1b", "\t=1", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]
with open(sys.argv[1], "w") as out:
    for i, name in enumerate(names):
        t = "2026-11-23T05:00:00.000000Z"
        fact = {"kind": "name.host", "value": name, "by": "dhcp", "confidence": 90, "first_seen": t, "frame": 1, "last_seen": t, "count": 1}
        device = {"mac": "02:00:00:00:00:%02x" % i, "realm": name, "vendor": name, "mac_kind": "random", "name": name, "os": name, "model": name,
                  "roles": [name], "first_seen": t, "last_seen": t, "packets": 1, "bytes": 1, "facts": [fact]}
        line = {"schema": "havainto/1", "type": "device", "sensor": "s" + name, "boot": 0, "seq": i, "time": t, "full": True, "device": device}
        out.write(json.dumps(line, ensure_ascii=i % 2 == 0) + "\n")
END
for how in '' --facts --csv --json; do
	run show $how "$work/hostile.ndjson"
	is 0 "hostile names, show $how"
	claim "show $how lets no control byte out" is_clean "$work/out"
done
run show --csv "$work/hostile.ndjson"
claim 'no cell is a formula' python3 -c '
import csv, sys
rows = list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8")))
sys.exit(any(cell[:1] in tuple("=+-@") for row in rows[1:] for cell in row))' "$work/out"
run why 02:00:00:00:00:00 name "$work/hostile.ndjson"
claim 'why lets no control byte out' is_clean "$work/out"
: >"$work/empty.ndjson"
run diff "$work/empty.ndjson" "$work/hostile.ndjson"
is 1 'diff of hostile names'
claim 'diff lets no control byte out' is_clean "$work/out"
run show "$work/empty.ndjson"
is 0 'an empty report has no devices'
says '0 devices'

# Values that no sensor writes: a service of no transport, an address of three bytes, hex that is none.
python3 - "$work/values.ndjson" <<'END'
import json, sys
t = "2026-11-23T05:00:00.000000Z"
facts = [{"kind": kind, "value": "tcp/80", "raw": raw, "by": "tcp", "confidence": 90, "first_seen": t, "frame": 1, "last_seen": t, "count": 1}
         for kind, raw in (("service", "000050"), ("service", "ff0050"), ("service", "060050"), ("address.ipv4", "c00002"), ("name.host", "zz"))]
device = {"mac": "02:00:00:00:00:01", "mac_kind": "random", "first_seen": t, "last_seen": t, "packets": 1, "bytes": 1, "facts": facts}
line = {"schema": "havainto/1", "type": "device", "sensor": "s", "boot": 0, "seq": 0, "time": t, "full": True, "device": device}
print(json.dumps(line), file=open(sys.argv[1], "w"))
END
for how in '' --facts --csv --json; do
	run show $how "$work/values.ndjson"
	is 0 "values that no sensor writes, show $how"
done
run show --facts "$work/values.ndjson"
says 'tcp/80'
for what in service name type roles; do
	run why 02:00:00:00:00:01 $what "$work/values.ndjson"
	claim "why $what of values that no sensor writes" [ "$status" -le 1 ]
done
run diff "$work/empty.ndjson" "$work/values.ndjson"
is 1 'diff of a service of no transport'

# What is no report.
refused() { # refused WORDS TEXT
	printf '%b' "$2" >"$work/bad"
	run show "$work/bad"
	is 1 "refused: $1"
	tells "$1"
}
refused 'bad:1: no report' 'nonsense\n'
refused 'bad:1: no report: not an object' '[]\n'
refused 'bad:2: its schema is "havainto/2", not havainto/1' '{"schema":"havainto/1","type":"x","sensor":"s","boot":1,"seq":1}\n{"schema":"havainto/2"}\n'
refused 'bad:1: its schema is ""' '{}\n'
refused 'bad:1: no report' '{"schema":"havainto/1","schema":"havainto/1"}\n'
refused 'bad:1: a device line without its device' '{"schema":"havainto/1","type":"device","sensor":"s"}\n'
refused 'bad:1: a line without the name of its sensor' '{"schema":"havainto/1","type":"hello","boot":1,"seq":1}\n'
refused 'bad:1: a line whose seq is no whole number' '{"schema":"havainto/1","type":"hello","sensor":"s","boot":1,"seq":-1}\n'
head -c 1100000 /dev/zero | tr '\0' x >"$work/bad"
run show "$work/bad"
tells 'bad:1: longer than'
run show "$work/mix.pcap"
is 1 'a capture is no report'
run show "$work"
is 1 'a folder is no report'
printf '{"schema":"havainto/1","type":"x","sensor":"s","boot":1,"seq":1}\n{"schema":"hav' >"$work/torn"
run show "$work/torn"
is 0 'a last line that is not whole is left out'
tells 'the last line (2) is not whole'
done_testing
