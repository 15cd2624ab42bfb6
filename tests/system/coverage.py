#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""coverage.py FOLDER - captures of one office, always the same: whole.pcap, and the same seen badly.

    one_way.pcap     only what clients send
    tenth.pcap       every tenth frame is missing
    broadcasts.pcap  only what goes to groups or to all
    short.pcap       all frames, cut after 96 bytes
    late.pcap        segments that overtake each other, and some that come twice
    tagged.pcap      whole in VLAN 10, one way in VLAN 20
"""
import random
import struct
import sys

chance = random.Random(5)


def mac(n):
    return bytes([2, 0, 0, 0, n >> 8, n & 255])


def ip4(n):
    return bytes([192, 168, n >> 8, n & 255])


def ipv4(source, target, protocol, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0x4000, 64, protocol, 0, ip4(source), ip4(target))
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return head[:10] + struct.pack("!H", total ^ 0xffff) + head[12:] + payload


def frame(source, target, ethertype, payload, vlan=0):
    tag = struct.pack("!HH", 0x8100, vlan) if vlan else b""
    return target + mac(source) + tag + struct.pack("!H", ethertype) + payload


def tcp(source, target, ports, seq, ack, flags, payload=b""):
    head = struct.pack("!HHIIBBHHH", *ports, seq & 0xffffffff, ack & 0xffffffff, 0x50, flags, 64000, 0, 0)
    return frame(source, mac(target), 0x0800, ipv4(source, target, 6, head + payload))


def udp(source, target, ports, payload, to=None):
    head = struct.pack("!HHHH", *ports, 8 + len(payload), 0)
    return frame(source, to or mac(target), 0x0800, ipv4(source, target, 17, head + payload))


def arp(op, source, asked, to):
    return frame(source, to, 0x0806, struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + mac(source) + ip4(source) + bytes(6) + ip4(asked))


def connection(client, server, port):
    """(from the client?, frame) of one connection, both ways, in its order."""
    c, s = chance.randrange(1 << 32), chance.randrange(1 << 32)
    there, back = (port, 9999), (9999, port)
    yield True, tcp(client, server, there, c, 0, 2)
    yield False, tcp(server, client, back, s, c + 1, 18)
    c, s = c + 1, s + 1
    yield True, tcp(client, server, there, c, s, 16)
    for _ in range(chance.randrange(2, 9)):
        request = chance.randrange(40, 1400)
        yield True, tcp(client, server, there, c, s, 24, bytes(request))
        c += request
        for i in range(chance.randrange(1, 40)):
            answer = 1448 if chance.random() < 0.9 else chance.randrange(1, 1448)
            yield False, tcp(server, client, back, s, c, 16, bytes(answer))
            s += answer
            if i % 2 or chance.random() < 0.2:
                yield True, tcp(client, server, there, c, s, 16)
        yield True, tcp(client, server, there, c, s, 16)
    yield True, tcp(client, server, there, c, s, 17)
    yield False, tcp(server, client, back, s, c + 1, 17)
    yield True, tcp(client, server, there, c + 1, s + 1, 16)


def office(connections):
    """What an office says, all at once."""
    talks = []
    for n in range(connections):
        client, server = 10 + n % 20, 200 + n % 3
        talks.append(connection(client, server, 30000 + n))
        talks.append(iter([(True, udp(client, server, (20000 + n, 5), b"?")), (False, udp(server, client, (5, 20000 + n), b"!"))]))
    for host in range(10, 30):
        talks.append(iter([(True, arp(1, host, 200, b"\xff" * 6)), (False, arp(2, 200, host, mac(host)))]))
        talks.append(iter([(True, udp(host, 0xffff, (138, 138), b"here", b"\xff" * 6))]))
    for asked in range(60, 64):
        talks.append(iter([(True, arp(1, 10, asked, b"\xff" * 6))]))
    while talks:
        talk = chance.choice(talks)
        said = next(talk, None)
        if said is None:
            talks.remove(talk)
        else:
            yield said


def write(name, frames, snap=65535):
    with open(f"{sys.argv[1]}/{name}.pcap", "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, snap, 1))
        for number, data in enumerate(frames):
            out.write(struct.pack("<IIII", 1700000000 + number // 2000, number % 2000 * 500, min(snap, len(data)), len(data)) + data[:snap])


def tagged(data, vlan):
    return data[:12] + struct.pack("!HH", 0x8100, vlan) + data[12:]


def disturbed(frames):
    """Neighbours change places now and then, and some frames come twice."""
    frames = list(frames)
    for i in range(len(frames) - 3):
        if chance.random() < 0.05:
            frames[i], frames[i + 2] = frames[i + 2], frames[i]
    for data in frames:
        yield data
        if chance.random() < 0.02:
            yield data


said = list(office(60))
whole = [data for _, data in said]
write("whole", whole)
write("one_way", [data for of_client, data in said if of_client])
write("tenth", [data for number, data in enumerate(whole, 1) if number % 10])
write("broadcasts", [data for data in whole if data[0] & 1])
write("short", whole, 96)
write("late", disturbed(whole))
write("tagged", [tagged(data, 10) for data in whole] + [tagged(data, 20) for of_client, data in office(20) if of_client])
