# SPDX-License-Identifier: Apache-2.0
"""report_world.py OUT - a capture of a small network, for the tests of reports.

A host that takes a lease under the name "Aino-secret", one with a hostile name, two that claim one address, a
router with hosts behind it (one of them private), a tagged host, and a link-local neighbour.
"""
import struct
import sys

BROADCAST = b"\xff" * 6
HOST, HOSTILE, ONE, TWO, ROUTER, TAGGED = (bytes((2, 0, 0, 0, 0, n)) for n in (0xAA, 0xBB, 1, 2, 0xFE, 7))
frames = []


def ip(text):
    return bytes(int(n) for n in text.split("."))


def frame(mac, ethertype, payload, to=BROADCAST, tag=b""):
    frames.append(to + mac + tag + struct.pack("!H", ethertype) + payload)


def arp(mac, address, tag=b""):
    frame(mac, 0x0806, struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + ip(address) + bytes(6) + ip(address), tag=tag)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(mac, source, target, protocol, payload, ttl=64, to=BROADCAST):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), len(frames), 0, ttl, protocol, 0) + ip(source) + ip(target)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    frame(mac, 0x0800, head + payload, to)


def udp(source, target, payload):
    return struct.pack("!HHHH", source, target, 8 + len(payload), 0) + payload


def dhcp(mac, kind, name, leased="0.0.0.0"):
    options = b"\x63\x82\x53\x63" + bytes((53, 1, kind)) + bytes((12, len(name))) + name
    options += b"\x37\x03\x01\x03\x06" + b"\xff"
    head = struct.pack("!BBBBIHH", 2 if kind == 5 else 1, 1, 6, 0, 7, 0, 0)
    return head + bytes(4) + ip(leased) + bytes(8) + mac + bytes(10 + 64 + 128) + options


def lease(mac, name, address):
    ipv4(mac, "0.0.0.0", "255.255.255.255", 17, udp(68, 67, dhcp(mac, 3, name)))
    ipv4(ROUTER, "192.0.2.254", "255.255.255.255", 17, udp(67, 68, dhcp(mac, 5, name, address)))


def syn_ack(source, ttl):
    segment = struct.pack("!HHIIBBHHH", 22, 40000, 1, 1, 0x50, 0x12, 1024, 0, 0)
    ipv4(ROUTER, source, "192.0.2.7", 6, segment, ttl, HOST)


arp(ROUTER, "192.0.2.254")
lease(HOST, b"Aino-secret", "192.0.2.7")
lease(HOSTILE, b"\x1b[31m\xff<script>\"\\\x00", "192.0.2.8")
arp(HOST, "192.0.2.7")
arp(ONE, "192.0.2.20")
arp(TWO, "192.0.2.20")
arp(ONE, "192.0.2.20")
arp(TAGGED, "192.0.2.30", b"\x81\x00\x00\x07")
for n in range(1, 40):
    ipv4(ROUTER, f"198.51.100.{n}", "192.0.2.7", 17, udp(53000, 40001, b"x"), 57, HOST)
syn_ack("198.51.100.99", 57)
ipv4(ROUTER, "10.9.8.7", "192.0.2.7", 17, udp(5000, 40001, b"x"), 63, HOST)
ipv4(TWO, "169.254.3.4", "192.0.2.7", 17, udp(5000, 40001, b"x"), 64, HOST)
arp(HOST, "192.0.2.9")

with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for n, f in enumerate(frames):
        out.write(struct.pack("<IIII", 1700000000 + n, n, len(f), len(f)) + f)
