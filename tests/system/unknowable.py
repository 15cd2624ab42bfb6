#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""unknowable.py make FILE - a capture of hosts that nobody can know, and of one that says what it is.
unknowable.py judge REPORT - is nothing concluded of the former, and the latter's system?

a hundred MACs      of the local kind, drawn at random: ARP, ICMP, UDP of no service's port, bytes of no protocol
00:1b:21:00:00:01   the same with a prefix that Intel has registered: it made the interface, and no more is known
10.20.0.N           far hosts behind the gateway 02:00:00:00:01:00, which answer the same
02:00:00:00:02:00   asks for a lease as Windows does: something is concluded where something is said
"""
import json
import random
import struct
import sys

chance = random.Random(53)
HOSTS, FAR = 100, 50
GATEWAY = bytes.fromhex("020000000100")
MAKER = bytes.fromhex("001b21000001")
TALKER = bytes.fromhex("020000000200")
ALL = b"\xff" * 6


def text(mac):
    return ":".join(f"{b:02x}" for b in mac)


def total(data):
    words = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while words >> 16:
        words = (words & 0xffff) + (words >> 16)
    return words ^ 0xffff


def ipv4(source, target, protocol, ttl, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), chance.randrange(65536), 0, ttl, protocol, 0, source, target)
    return head[:10] + struct.pack("!H", total(head)) + head[12:] + payload


def udp(ports, payload):
    return struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload


def echo(kind):
    body = struct.pack("!BBHHH", kind, 0, 0, chance.randrange(65536), 1) + chance.randbytes(chance.choice((16, 32, 48, 56)))
    return body[:2] + struct.pack("!H", total(body)) + body[4:]


def talk(mac, ip, to_mac, to_ip, ttl):
    """An echo and a datagram there."""
    ports = chance.randrange(40000, 49000), chance.randrange(40000, 49000)
    for protocol, payload in ((1, echo(8)), (17, udp(ports, chance.randbytes(chance.randrange(1, 200))))):
        yield to_mac + mac + b"\x08\x00" + ipv4(ip, to_ip, protocol, ttl, payload)


def unknown(mac, n):
    """ARP, then to its neighbour and to a far host, which answers."""
    ip, gateway, far = bytes([10, 9, 0, n]), bytes([10, 9, 0, 254]), bytes([10, 20, 0, n % FAR])
    ttl = chance.choice((32, 64, 128, 255))
    arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + ip + bytes(6)
    yield ALL + mac + b"\x08\x06" + arp + ip
    yield ALL + mac + b"\x08\x06" + arp + gateway
    yield from talk(mac, ip, GATEWAY, far, ttl)
    yield from talk(GATEWAY, far, mac, ip, chance.randrange(30, 250))


def talker():
    options = b"\x63\x82\x53\x63\x35\x01\x01\x3c\x08MSFT 5.0\x37\x0d" + bytes((1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 252, 43)) + b"\xff"
    message = struct.pack("!BBBBIHH16s", 1, 1, 6, 0, 7, 0, 0, bytes(16)) + TALKER + bytes(10 + 64 + 128) + options
    yield ALL + TALKER + b"\x08\x00" + ipv4(bytes(4), b"\xff" * 4, 17, 128, udp((68, 67), message))


def make(path):
    frames = [f for n in range(1, HOSTS + 1) for f in unknown(bytes([chance.randrange(64) << 2 | 2]) + chance.randbytes(5), n)]
    frames += [*unknown(MAKER, HOSTS + 1), *talker()]
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, frame in enumerate(frames):
            out.write(struct.pack("<IIII", 1700000000 + i // 20, i % 20 * 50000, len(frame), len(frame)) + frame)


def claims(device):
    """Whatever is said of what it is; that the gateway routes was seen."""
    routes = device.get("mac") == text(GATEWAY)
    found = {f"{key}={device[key]}" for key in ("os", "model", "type") if device.get(key)}
    found |= {f"{c['about']}={c['value']}" for c in device.get("concluded", ()) if c["about"] != "vendor"}
    found |= {f"vendor={c['value']} {c['confidence']}" for c in device.get("concluded", ()) if c["about"] == "vendor"}
    return {f for f in found if not (routes and f in ("type=router", "role=router"))}


def judge(path):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    devices = {d.get("mac") or d["ip"]: d for d in (m["device"] for m in lines if m["type"] == "device")}
    wrong = []
    for name, device in devices.items():
        said = claims(device)
        if name == text(TALKER):
            wrong += [] if device.get("os", "").startswith("Windows") else [f"{name}: not its system: {said}"]
        elif name == text(MAKER):
            wrong += [f"{name}: {f}" for f in said - {"vendor=Intel 45"}]
            wrong += [] if "Intel" in device.get("vendor", "") else [f"{name}: not its maker"]
        else:
            wrong += [f"{name}: {f}" for f in said]
            wrong += [f"{name}: the vendor {device['vendor']}"] if device.get("vendor") else []
    if len(devices) != HOSTS + FAR + 3:
        wrong.append(f"{len(devices)} devices")
    print("\n".join(wrong), end="")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(make(sys.argv[2]) if sys.argv[1] == "make" else judge(sys.argv[2]))
