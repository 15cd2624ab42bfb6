#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # functions that check calls
#
# One socket a worker: both directions of two hosts and all fragments come to the same one. Of each of 64
# pairs something is known only where this holds: a server's answer, a request in two fragments of
# IPv4 and one of IPv6, with and without a VLAN tag. By either program that shares out (the classic
# one, and the one that keeps frames back), and as one worker reports it.
set -eu
. tests/live/lib.sh
live_begin fanout
[ -x "$HAVAINTO_SEND" ] || live_skip "bench/send is not built"

pairs=64
capture=$work/pairs.pcap
python3 - "$capture" $pairs >"$work/frames" <<'PYTHON'
import struct, sys
path, pairs = sys.argv[1], int(sys.argv[2])
TCP, UDP, FRAGMENT = 6, 17, 44

def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def ip4(source, target, protocol, payload, more=False, at=0):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), source[3] + 256 * source[2],
                       (0x2000 if more else 0) | at // 8, 64, protocol, 0, source, target)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload

def ip6(source, target, protocol, payload):
    return struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64) + source + target + payload

def piece6(source, target, protocol, payload, at, more):
    head = struct.pack(">BBHI", protocol, 0, at | more, int.from_bytes(source[-2:], "big") + 1)
    return ip6(source, target, FRAGMENT, head + payload)

def tcp(source, target, seq, ack, flags, payload=b""):
    return struct.pack(">HHIIBBHHH", source, target, seq, ack, 5 << 4, flags, 65535, 0, 0) + payload

def udp(source, target, payload):
    return struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload

def ether(target, source, packet, vlan):
    four = packet[0] >> 4 == 4
    tag = struct.pack(">HH", 0x8100, vlan) if vlan else b""
    return target + source + tag + (b"\x08\x00" if four else b"\x86\xdd") + packet

def dhcp(mac, name):
    head = struct.pack(">BBBBIHH4s4s4s4s6s10x64x128xI", 1, 1, 6, 0, 7, 0, 0, b"", b"", b"", b"", mac, 0x63825363)
    return head + bytes([53, 1, 3, 12, len(name)]) + name + bytes(400) + b"\xff"

def dialogue(n, wrap, there, back):
    """Both sides open, the client asks, the server answers; there and back make packets of segments."""
    request = b"GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: Agent/%d\r\nAccept: %s\r\n\r\n" % (n, b"x" * 200)
    port = 30000 + n
    out = [there(tcp(port, 80, 1, 0, 2)), back(tcp(80, port, 5, 2, 18)), there(tcp(port, 80, 2, 6, 16))]
    out += [there(tcp(port, 80, 2, 6, 24, request))]
    out += [back(tcp(80, port, 6, 2 + len(request), 24, b"HTTP/1.1 200 OK\r\nServer: Server/%d\r\nContent-Length: 0\r\n\r\n" % n))]
    return [wrap(packets, client) for packets, client in zip(out, (True, False, True, True, False))]

frames = []
for n in range(pairs):
    vlan = n % 3
    client, server = bytes([2, 0, 0, 1, 0, n]), bytes([2, 0, 0, 2, 0, n])
    a4, b4 = bytes([10, 0, n, 2]), bytes([10, 1, n * 7 % 256, 1])
    a6, b6 = (bytes([0xfd, 0, 0, 0, 0, 0, 0, side, 0, 0, 0, 0, 0, 0, n, side]) for side in (1, 2))

    def wrap(packets, from_client):
        ends = (server, client) if from_client else (client, server)
        return [ether(*ends, packet, vlan) for packet in packets]

    def there6(segment):
        if len(segment) < 100:
            return [ip6(a6, b6, TCP, segment)]
        return [piece6(a6, b6, TCP, segment[at:at + 64], at, at + 64 < len(segment)) for at in range(0, len(segment), 64)]

    asks = udp(68, 67, dhcp(client, b"host-%d" % n))
    cut = 400
    frames += wrap([ip4(a4, b4, UDP, asks[cut:], False, cut), ip4(a4, b4, UDP, asks[:cut], True)], True)
    for packets in dialogue(n, wrap, lambda s: [ip4(a4, b4, TCP, s)], lambda s: [ip4(b4, a4, TCP, s)]):
        frames += packets
    for packets in dialogue(n + pairs, wrap, there6, lambda s: [ip6(b6, a6, TCP, s)]):
        frames += packets
with open(path, "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i, frame in enumerate(frames):
        out.write(struct.pack("<IIII", 1700000000, i, len(frame), len(frame)) + frame)
print(len(frames))
PYTHON
frames=$(cat "$work/frames")

ns_make sensor
ns_make far
veth sensor hv0 far hv1

# play LABEL OPTION... - a whole run over the capture
play() {
	sensor_start sensor "$@" --fixed-key
	ns far "$HAVAINTO_SEND" hv1 "$capture" "$frames" 5000 >"$work/$label.sent"
	until_true heard "$label" "$frames"
	stop "$sensor"
	check "$label: each frame came to one socket" ask "$report" \
		"(lambda g: g['source.received'] + g['source.shed'] == $frames and g['source.kernel_dropped'] == 0)(of('health')[-1]['gauges'])"
}

# every WHAT SIDE EXPRESSION - is it so for device d, of each pair's side (1: client, 2: server), number n?
every() {
	check "$label: $1" ask "$report" \
		"all((lambda text, n: $3)(str(device('02:00:00:0$2:00:%02x' % n)), n) for n in range($pairs))"
}

# What only the meeting of all pieces can tell.
meet() {
	every "the fragments of IPv4 meet" 1 "\"'host-%d'\" % n in text"
	every "so do those of IPv6" 1 "'Agent/%d' % (n + $pairs) in text"
	every "a server's answer meets the request" 2 "'Server/%d' % n in text and 'Server/%d' % (n + $pairs) in text"
}

play one -i hv0 --no-shed
meet
one=$report
for workers in 2 3; do
	play "$workers" -i hv0 --no-shed --workers $workers
	meet
	check "$workers: the report is that of one" same "$one" "$report"
	play "$workers-shed" -i hv0 --workers $workers
	meet
	check "$workers-shed: the report is that of one" same "$one" "$report"
done
live_end
