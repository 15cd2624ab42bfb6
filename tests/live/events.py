#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""events.py INTERFACE REPORT - a network's hosts, what happens to them, and what a sensor says of it."""
import json
import socket
import struct
import subprocess
import sys
import threading
import time

ALARMS = {"rogue-dhcp", "rogue-ra", "arp-spoofing", "address-duplicate", "address-moved", "gateway-changed",
          "gone", "back", "joined", "split", "name-changed"}
TOLD_WITHIN_S = 5
LOOKING_S = 0.5  # what it takes to see it in the report
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((sys.argv[1], 0))
failed = False


def mac(n):
    return bytes([2, 0, 0, 0, 0, n])


def mac_text(n):
    return mac(n).hex(":")


def ip(n):
    return bytes([192, 0, 2, n])


def total(data):
    data += bytes(len(data) % 2)
    n = sum(struct.unpack(f"!{len(data) // 2}H", data))
    n = (n & 0xffff) + (n >> 16)
    return ((n & 0xffff) + (n >> 16)) ^ 0xffff


def send(source, target, ethertype, payload):
    wire.send((target + mac(source) + struct.pack("!H", ethertype) + payload).ljust(60, b"\0"))


def arp(source, op, sender_ip, target_ip, target=b"\xff" * 6):
    send(source, target, 0x0806, struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + mac(source) + ip(sender_ip) + bytes(6) + ip(target_ip))


def udp(source, from_ip, to_ip, ports, payload, target=b"\xff" * 6):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 1, 0, 64, 17, 0, from_ip, to_ip)
    head = head[:10] + struct.pack("!H", total(head)) + head[12:]
    send(source, target, 0x0800, head + struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload)


def bootp(op, client, given, options):
    fixed = struct.pack("!BBBBIHH4s4s4s4s", op, 1, 6, 0, 7, 0, 0, bytes(4), given, bytes(4), bytes(4))
    return fixed + mac(client) + bytes(10 + 64 + 128) + bytes.fromhex("63825363") + options + b"\xff"


def option(code, value):
    return bytes([code, len(value)]) + value


def lease(server, own, client, given, message=5):
    options = (option(53, bytes([message])) + option(54, ip(own)) + option(51, struct.pack("!I", 3600)) +
               option(3, ip(own)) + option(6, ip(own)))
    udp(server, ip(own), b"\xff" * 4, (67, 68), bootp(2, client, ip(given), options))


def asks_lease(client, message=1, more=b""):
    udp(client, bytes(4), b"\xff" * 4, (68, 67), bootp(1, client, bytes(4), option(53, bytes([message])) + more))


def ipv6(source, payload, protocol, hops, target, target_mac):
    from_ip = bytes.fromhex("fe80000000000000000000fffe0000") + bytes([source])
    send(source, target_mac, 0x86dd, struct.pack("!IHBB", 6 << 28, len(payload), protocol, hops) + from_ip + target + payload)
    return from_ip


def advertises(router, prefix):
    own = bytes.fromhex("fe80000000000000000000fffe0000") + bytes([router])
    group = bytes.fromhex("ff020000000000000000000000000001")
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + b"\x01\x01" + mac(router)
    body += struct.pack("!BBBBIII", 3, 4, 64, 0xc0, 86400, 14400, 0) + bytes.fromhex(prefix).ljust(16, b"\0")
    checksum = total(own + group + struct.pack("!II", len(body), 58) + body)
    ipv6(router, body[:2] + struct.pack("!H", checksum) + body[4:], 58, 255, group, bytes.fromhex("333300000001"))


def claims_neighbour(source, owner):
    """A neighbour advertisement (RFC 4861, 4.4), overriding: the owner's link-local address has the source's MAC."""
    own = bytes.fromhex("fe80000000000000000000fffe0000") + bytes([source])
    target = own[:15] + bytes([owner])
    group = bytes.fromhex("ff020000000000000000000000000001")
    body = struct.pack("!BBHI", 136, 0, 0, 0x20000000) + target + b"\x02\x01" + mac(source)
    checksum = total(own + group + struct.pack("!II", len(body), 58) + body)
    ipv6(source, body[:2] + struct.pack("!H", checksum) + body[4:], 58, 255, group, bytes.fromhex("333300000001"))


def solicits(client, duid):
    group = bytes.fromhex("ff020000000000000000000000010002")
    body = bytes([1, 1, 2, 3]) + struct.pack("!HH", 1, len(duid)) + duid
    ipv6(client, struct.pack("!HHHH", 546, 547, 8 + len(body), 0) + body, 17, 1, group, bytes.fromhex("333300010002"))


class Hosts(threading.Thread):
    """Each host that is on says once a second who has its address."""

    def __init__(self):
        super().__init__(daemon=True)
        self.on = {}

    def run(self):
        while True:
            for host, address in list(self.on.items()):
                arp(host, 1, address, 254 if address != 254 else 1)
            time.sleep(1)


def changes():
    with open(sys.argv[2], "rb") as report:
        lines = report.read()
    lines = [json.loads(line) for line in lines[:lines.rfind(b"\n") + 1].splitlines()]
    return [line for line in lines if line["type"] == "change"]


known, strangers = 0, 0x80


def calm():
    """Seconds of the clock that stands still while the machine is too busy."""
    return int(subprocess.run(["tests/calm"], capture_output=True, check=True).stdout) / 1000


def alarms():
    return [c for c in changes() if c["what"] in ALARMS]


def all_is_heard():
    """What was sent until now has been judged: a stranger that speaks now is told of."""
    global strangers
    strangers += 1
    arp(strangers, 1, strangers, 254)
    ends = time.monotonic() + 120
    while not any(c["what"] == "new" and c.get("mac") == mac_text(strangers) for c in changes()) and time.monotonic() < ends:
        time.sleep(0.1)


def expect(claim, what, host, within=TOLD_WITHIN_S, **more):
    """The next alarm is this one, comes in time, and nothing comes with it."""
    global known, failed
    began, ends = calm(), time.monotonic() + within + 120
    while len(alarms()) == known and time.monotonic() < ends:
        time.sleep(0.1)
    took = calm() - began
    time.sleep(2)
    all_is_heard()
    told = alarms()[known:]
    known += len(told)
    right = len(told) == 1 and took <= within + LOOKING_S and told[0]["what"] == what and told[0].get("mac") == mac_text(host)
    right = right and all(told[0].get(key) == value for key, value in more.items() if key != "key")
    if "key" in more:
        right = right and more["key"] in [k["kind"] for k in told[0].get("keys", [])]
    print(f"{'ok     ' if right else 'not ok '} {claim} ({took:.1f} s)", flush=True)
    if not right:
        failed = True
        for c in told:
            print("       ", json.dumps(c))


def quiet(claim, seconds):
    global known, failed
    time.sleep(seconds)
    all_is_heard()
    told = alarms()[known:]
    known += len(told)
    print(f"{'not ok ' if told else 'ok     '} {claim}", flush=True)
    failed = failed or bool(told)
    for c in told:
        print("       ", json.dumps(c))


GATEWAY, ONE, TWO, MOVING, LAPTOP, SPOOFER, LEAVER = 0xfe, 1, 2, 9, 11, 66, 12
hosts = Hosts()
hosts.on = {GATEWAY: 254, ONE: 1, TWO: 2, MOVING: 9, LAPTOP: 11, SPOOFER: 66, LEAVER: 12, 0x31: 31}
hosts.start()
began = time.monotonic()
lease(GATEWAY, 254, LAPTOP, 11)
advertises(GATEWAY, "20010db800010000")
solicits(0x31, bytes.fromhex("0001000132960001020000000031"))
asks_lease(0x41, 1, option(61, b"\xff\0\0\0\1" + bytes.fromhex("0001000132960002020000000041")))
quiet("an office in order", 8)
lease(0x51, 77, 0x52, 78, 2)
expect("a rogue DHCP server", "rogue-dhcp", 0x51, before=mac_text(GATEWAY))
advertises(0x53, "20010db800ff0000")
expect("a rogue router advertisement", "rogue-ra", 0x53, before=mac_text(GATEWAY))
lease(0x51, 77, 0x52, 78, 2)
advertises(0x53, "20010db800ff0000")
quiet("each told once", 2)


def spoof():
    for _ in range(8):
        arp(SPOOFER, 2, 254, 1, mac(ONE))
        time.sleep(1)


threading.Thread(target=spoof, daemon=True).start()
expect("ARP spoofed, told once", "arp-spoofing", SPOOFER, address="192.0.2.254", before=mac_text(GATEWAY))
quiet("also while it goes on", 5)
claims_neighbour(ONE, ONE)
claims_neighbour(SPOOFER, SPOOFER)
quiet("neighbours that say who they are", 2)


def spoof_neighbour():
    for _ in range(6):
        claims_neighbour(SPOOFER, ONE)
        time.sleep(1)


threading.Thread(target=spoof_neighbour, daemon=True).start()
expect("a neighbour spoofed in IPv6, told once", "arp-spoofing", SPOOFER, address="fe80::ff:fe00:1", before=mac_text(ONE))
quiet("also while that goes on", 4)
hosts.on[0x61] = 2
expect("a duplicate address", "address-duplicate", 0x61, address="192.0.2.2", before=mac_text(TWO))
del hosts.on[0x61]
del hosts.on[MOVING]
time.sleep(1.5)
hosts.on[0x62] = 9
expect("a host that moved", "address-moved", 0x62, address="192.0.2.9", before=mac_text(MOVING))
hosts.on[0x32] = 32
solicits(0x32, bytes.fromhex("0001000132960001020000000031"))
expect("two interfaces are one device", "joined", 0x32, after=mac_text(0x31), key="dhcp6.duid")
asks_lease(0x43, 1, option(61, b"\xff\0\0\0\1" + bytes.fromhex("0001000132960002020000000041")))
expect("another random address of the same host", "joined", 0x43, after=mac_text(0x41), key="dhcp.client_id")
hosts.on[0x71] = 71
time.sleep(3)
del hosts.on[0x71]
time.sleep(1.2)
asks_lease(0x71, 7)
expect("who says goodbye is gone", "gone", 0x71, within=9)
hosts.on[0x71] = 71
expect("and back when it returns", "back", 0x71)
time.sleep(max(0, began + 66 - time.monotonic()))
del hosts.on[LAPTOP]
del hosts.on[LEAVER]
expect("who leaves is gone by its rhythm", "gone", LEAVER, within=75)
hosts.on[LEAVER] = 12
expect("and back as well", "back", LEAVER)
quiet("a laptop asleep for its lease is not gone", 3)
sys.exit(failed)
