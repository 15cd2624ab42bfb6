#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# update-data: a folder of fingerprints is taken into use whole or not at all, and changes what is concluded; and why vendor, model, os.
set -eu
. tests/system/tap

new=$work/new
data=$work/data
mkdir "$new"
cat >"$new/http_servers.xml" <<'EOF'
<?xml version='1.0'?>
<fingerprints matches="http_header.server" protocol="http">
  <fingerprint pattern="^Weather/(\d+)$">
    <description>a weather station</description>
    <example service.version="3">Weather/3</example>
    <param pos="0" name="service.product" value="Weather"/>
    <param pos="1" name="service.version"/>
    <param pos="0" name="hw.vendor" value="Acme"/>
  </fingerprint>
</fingerprints>
EOF
run update-data --data "$data" "$new"
is 0 'a folder is taken into use'
says '1 fingerprints of 1 files'
claim 'it is there' cmp -s "$new/http_servers.xml" "$data/http_servers.xml"
claim 'and nothing beside it' [ ! -e "$data.new" ] && [ ! -e "$data.old" ]

echo '<html>' >"$new/other.xml"
run update-data --data "$data" "$new"
is 1 'a broken file refuses the whole folder'
tells 'other.xml:1'
claim 'what was in use stays' [ ! -e "$data/other.xml" ] && [ -e "$data/http_servers.xml" ]

sed 's/Weather\/(/Weather\/((/' "$new/http_servers.xml" >"$new/other.xml"
run update-data --data "$data" "$new"
is 1 'so does a pattern that does not compile'
tells 'not a pattern'
rm "$new/other.xml"
run update-data --data "$data" "$work/nowhere"
is 1 'a folder that is not there'
tells 'cannot read'
run update-data --data "$data" "$work/empty-$$"
is 1 'or holds nothing'

python3 - "$work/weather.pcap" <<'EOF'
import struct, sys
def frame(source, target, flags, seq, ack, body=b""):
    mac = lambda n: bytes([2, 0, 0, 0, 0, n])
    tcp = struct.pack(">HHIIBBHHH", 80 if source == 7 else 4000, 4000 if source == 7 else 80, seq, ack, 5 << 4, flags, 8192, 0, 0) + body
    ip = struct.pack(">BBHHHBBH4B4B", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, 192, 0, 2, source, 192, 0, 2, target)
    return mac(target) + mac(source) + b"\x08\x00" + ip + tcp
frames = [frame(9, 7, 2, 1, 0), frame(7, 9, 18, 1, 2), frame(9, 7, 16, 2, 2), frame(9, 7, 24, 2, 2, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    frame(7, 9, 24, 2, 28, b"HTTP/1.1 200 OK\r\nServer: Weather/3\r\nContent-Length: 0\r\n\r\n")]
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i, f in enumerate(frames):
        out.write(struct.pack("<IIII", 1700000000 + i, 0, len(f), len(f)) + f)
EOF
run listen -r "$work/weather.pcap" -o - --data "$work/none"
claim 'without it nobody knows the station' [ "$(grep -c '"value":"Weather"' "$work/out")" = 0 ]
run listen -r "$work/weather.pcap" -o "file:$work/weather.ndjson" --data "$data"
is 0 'with it'
claim 'its program is concluded' grep -q '"about":"software","value":"Weather","version":"3"' "$work/weather.ndjson"
run why --data "$data" 02:00:00:00:00:07 vendor "$work/weather.ndjson"
is 0 'and why says by what'
says 'recog:http_servers.xml:1'
run why --data "$data" 02:00:00:00:00:07 software:Weather "$work/weather.ndjson"
is 0 'of a program too'
run why --data "$data" 02:00:00:00:00:07 role:web-server "$work/weather.ndjson"
is 0 'of a role, by a rule of our own'
says 'http-server: '
run why --data "$work/none" 02:00:00:00:00:07 colour "$work/weather.ndjson"
is 2 'of what there is not'
done_testing
