#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The captures that `listen` writes. Evidence: reading it gives the same facts, counts and times aside, for
# generated traffic and for every frame of the case files, for one worker and for three. A tap has what its
# observer was given; of broken frames the last ones are kept, and one of them becomes a case that runs.
set -eu
. tests/system/tap

cat >"$work/same.py" <<'END'
import json, sys
def facts(path):
    found = set()
    for line in open(path):
        line = json.loads(line)
        if line["type"] != "device":
            continue
        device = line["device"]
        who = device.get("mac"), device["realm"], device.get("ip")
        found.add((who, device["vendor"], device["mac_kind"]))
        found |= {(who, f["kind"], f["value"], f["by"], f.get("ip"), f.get("grade"), f["confidence"])
                  for f in device["facts"]}
    return found
first, second = facts(sys.argv[1]), facts(sys.argv[2])
assert first, "nothing is known"
assert first == second, f"missing {sorted(map(str, first - second))[:4]}, more {sorted(map(str, second - first))[:4]}"
END

# evidence_of NAME CAPTURE OPTION... - a capture of its evidence says the same
evidence_of() {
	name=$1
	capture=$2
	shift 2
	run listen -r "$capture" -o "file:$work/whole" -o "evidence:$work/evidence.pcapng" --fixed-key "$@"
	is 0 "$name: evidence is written"
	claim "$name: nothing is missed" [ ! -s "$work/err" ]
	run listen -r "$work/evidence.pcapng" -o "file:$work/again" --fixed-key
	is 0 "$name: evidence is read"
	claim "$name: it proves the same" python3 "$work/same.py" "$work/whole" "$work/again"
	claim "$name: it is smaller" [ "$(frames "$work/evidence.pcapng")" -le "$(frames "$capture")" ]
	rm -f "$work/whole" "$work/again"
}

frames() {
	run listen -r "$1" -o -
	grep '"type":"health"' "$work/out" | tail -n 1 | sed 's/.*"captured":\([0-9]*\).*/\1/'
}

"${HAVAINTO_GENERATE:?}" mix "$work/mix.pcap" 20000 150
"$HAVAINTO_GENERATE" devices "$work/devices.pcap" 1500 500
tools/fuzz-seeds "$work/seeds"
python3 - "$work" <<'END'
import glob, struct, sys
captures = [open(path, "rb").read() for path in sorted(glob.glob(sys.argv[1] + "/seeds/fuzz_capture/*"))]
ethernet = [data for data in captures if data[:4] == b"\xd4\xc3\xb2\xa1" and struct.unpack_from("<I", data, 20)[0] == 1]
assert len(ethernet) > 100, len(ethernet)
with open(sys.argv[1] + "/cases.pcap", "wb") as out:
    out.write(ethernet[0][:24] + b"".join(data[24:] for data in ethernet))
END
# A web page asked for in three segments, of which two come in the wrong order; a search (SSDP) in two fragments.
python3 - "$work/web.pcap" <<'END'
import struct, sys
client, server = bytes([192, 0, 2, 7]), bytes([192, 0, 2, 1])
frames = []

def ip(source, to, protocol, payload, number=1, offset=0):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number, offset, 64, protocol, 0, source, to)
    frames.append(bytes([2, 0]) + to + bytes([2, 0]) + source + b"\x08\x00" + head + payload)

def tcp(source, to, ports, seq, ack, flags, payload=b""):
    ip(source, to, 6, struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 8192, 0, 0) + payload)

there, back = (40000, 80), (80, 40000)
tcp(client, server, there, 100, 0, 2)
tcp(server, client, back, 500, 101, 18)
tcp(client, server, there, 101, 501, 16)
ask = b"GET /x HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: notes-test/1.0\r\n\r\n"
for a, b in (0, 20), (40, len(ask)), (20, 40):
    tcp(client, server, there, 101 + a, 501, 24, ask[a:b])
tcp(server, client, back, 501, 101 + len(ask), 24, b"HTTP/1.1 200 OK\r\nServer: notes/2.0\r\nContent-Length: 0\r\n\r\n")
for n in range(50):
    tcp(client, server, there, 101 + len(ask), 560, 16)
search = b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\nUSER-AGENT: notes/1.0 UPnP/1.1 notes/1.0\r\n\r\n"
datagram = struct.pack(">HHHH", 50000, 1900, 8 + len(search), 0) + search
group = bytes([239, 255, 255, 250])
ip(client, group, 17, datagram[:64], 7, 0x2000)
for n in range(9):
    tcp(client, server, there, 101 + len(ask), 560, 16)
ip(client, group, 17, datagram[64:], 7, 8)
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for n, f in enumerate(frames):
        out.write(struct.pack("<IIII", 1700000000, n * 1000, len(f), len(f)) + f)
END
for workers in 1 3; do
	evidence_of "streams and fragments, $workers workers" "$work/web.pcap" --workers $workers
	evidence_of "mix, $workers workers" "$work/mix.pcap" --workers $workers
	evidence_of "devices, $workers workers" "$work/devices.pcap" --workers $workers
	evidence_of "every frame of the cases, $workers workers" "$work/cases.pcap" --workers $workers
done
run listen -r "$work/web.pcap" -o - -o "evidence:$work/evidence.pcapng"
says '"http.user_agent","value":"notes-test/1.0"'
says '"ssdp.user_agent","value":"notes/1.0 UPnP/1.1 notes/1.0"'
claim 'of 68 frames 8 prove it' [ "$(frames "$work/evidence.pcapng")" = 8 ]
run listen -r "$work/mix.pcap" -o - --fixed-key
grep -E '"type":"(device|change|end)"' "$work/out" >"$work/plain"
run listen -r "$work/mix.pcap" -o - -o "evidence:$work/e" --tap "http=$work/t" --keep "malformed:3=$work/k" --fixed-key --workers 2
grep -E '"type":"(device|change|end)"' "$work/out" >"$work/noted"
claim 'the report is the same, to the byte' cmp "$work/plain" "$work/noted"

# Packets of a pcapng: link type, length, comment, a line each.
cat >"$work/list.py" <<'END'
import struct, sys
data, at, links = open(sys.argv[1], "rb").read(), 0, []
while at < len(data):
    kind, length = struct.unpack_from("<II", data, at)
    assert struct.unpack_from("<I", data, at + length - 4)[0] == length
    if kind == 1:
        links.append(struct.unpack_from("<H", data, at + 8)[0])
    if kind == 6:
        port, _, _, captured, _ = struct.unpack_from("<5I", data, at + 8)
        begin = at + 28 + (captured + 3) // 4 * 4
        code, size = struct.unpack_from("<HH", data, begin)
        assert code == 1
        print(links[port], captured, data[begin + 4:begin + 4 + size].decode().replace("\n", "; "))
    at += length
END
list() {
	python3 "$work/list.py" "$1" >"$work/out"
}

for task in '' '--task http' '--task tcp=2' '--workers 3'; do
	# shellcheck disable=SC2086 # a list of words
	run listen -r "$work/web.pcap" -o - --tap "http=$work/http.pcapng" --tap "ethernet=$work/all.pcapng" $task
	is 0 "taps${task:+, $task}"
	list "$work/all.pcapng"
	claim 'ethernet is given every frame, as it is' [ "$(grep -c '^1 .*given to ethernet by linktype 1$' "$work/out")" = 68 ]
	list "$work/http.pcapng"
	says 'frame 6: given to http by tcp_port 80'
	sort "$work/out" >"$work/tapped"
	[ -n "$task" ] || cp "$work/tapped" "$work/tapped.first"
	claim 'http is given the same' cmp "$work/tapped.first" "$work/tapped"
	# shellcheck disable=SC2086 # a list of words
	run listen -r "$work/mix.pcap" -o - --tap "dhcp=$work/dhcp.pcapng" --keep "malformed:3=$work/broken.pcapng" $task
	list "$work/broken.pcapng"
	claim 'three broken frames are kept' [ "$(grep -cE '^1 [0-9]+ frame [0-9]+; [a-z0-9_; ]+$' "$work/out")" = 3 ]
	list "$work/dhcp.pcapng"
	says ': given to dhcp by udp_port 67'
done
if command -v tshark >/dev/null; then
	claim 'Wireshark reads what http was given as HTTP' sh -c \
		"tshark -r '$work/http.pcapng' -T fields -e http.request.method 2>/dev/null | grep -q GET"
	claim 'and DHCP' sh -c "tshark -r '$work/dhcp.pcapng' -T fields -e dhcp.hw.mac_addr 2>/dev/null | grep -q :"
fi

# A broken frame becomes a case: bytes, what was read of them, who found it broken.
printf '%s\n' 'frame ffffffffffff 0200000000aa 0806 0001 0800 06 04 0001 0200000000aa c0000207 0000' |
	python3 -c '
import struct, sys
frame = bytes.fromhex("".join(sys.stdin.read().split()[1:]))
open(sys.argv[1], "wb").write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) +
                              struct.pack("<IIII", 1700000000, 0, len(frame), len(frame)) + frame)' "$work/arp.pcap"
run listen -r "$work/arp.pcap" -o - --keep "malformed:16=$work/arp.pcapng"
is 0 'an ARP packet that ends too early'
claim 'becomes a case' sh -c "tools/case '$HAVAINTO' '$work/arp.pcapng' >'$work/arp.case'"
claim 'with its layers' grep -q '# arp' "$work/arp.case"
claim 'and who found it broken' grep -qx 'count   arp.malformed 1' "$work/arp.case"
claim 'that runs' "${HAVAINTO_BUILD:?}/tests/case_runner" "$work/arp.case"

run listen -r "$work/mix.pcap" -o - -o "evidence:$work/mix.pcap"
is 1 'a capture that is read is not written over'
tells 'give each capture a file of its own'
claim 'and is whole' [ "$(wc -c <"$work/mix.pcap")" -gt 1000000 ]
run listen -r "$work/mix.pcap" -o - --tap "dhcp=$work/x" --tap "dns=$work/x"
is 1 'nor are two written into one'
run listen -r "$work/mix.pcap" -o - --tap "dhcp=$work/none/x"
is 1 'a file that cannot be opened'
tells 'No such file or directory'
run listen -r "$work/mix.pcap" -o - --tap ethernet=/dev/full
is 1 'a disk that is full'
tells 'cannot write /dev/full: No space left on device'
done_testing
