# SPDX-License-Identifier: Apache-2.0
"""wire.py - frames and captures, for the programs beside it that play whole networks.

A Wire is a list of (time, frame) that is written in the order of time, as pcap. Hosts have a MAC, an
address and a VLAN. A frame is seen once, where it comes in, as a switch mirrors what its ports receive:
what two hosts in different VLANs say to each other has the gateway's MAC as its target.
"""
import struct

BROADCAST = b"\xff" * 6


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ip(text):
    return bytes(int(part) for part in text.split("."))


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Host:
    """One card in one VLAN. ttl and syn are those of its system."""

    def __init__(self, address, ether, vlan=0, ttl=64, syn="linux"):
        self.ip, self.mac, self.vlan, self.ttl, self.syn = address, mac(ether), vlan, ttl, syn
        self.port = 40000 + sum(self.mac) % 9000

    def next_port(self):
        self.port += 1
        return self.port


# Options of a SYN by system, and its window (RFC 9293, 3.2; RFC 7323).
SYNS = {
    "linux": (64240, "020405b4 0402 080a 00010000 00000000 01 030307"),
    "windows": (64240, "020405b4 01 030308 01 01 0402"),
    "apple": (65535, "020405b4 01 030306 01 01 080a 00010000 00000000 0402 0000"),
    "small": (5840, "020405b4"),
}


class Wire:
    def __init__(self, transit=0):
        self.frames = []
        self.gateways = {}  # by VLAN; none: all are on one link
        self.transit = transit  # the VLAN of the way out
        self.ids = 0

    # --- link

    def frame(self, at, source, target, ethertype, payload, vlan=0):
        tag = struct.pack("!HH", 0x8100, vlan) if vlan else b""
        self.frames.append((at, target + source + tag + struct.pack("!H", ethertype) + payload))

    def llc(self, at, source, target, payload):
        self.frames.append((at, target + source + struct.pack("!H", len(payload)) + payload))

    def arp(self, at, host, target=None, reply=False):
        op, to, asked = (2, target.mac, target.ip) if reply else (1, BROADCAST, target.ip if target else host.ip)
        body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + host.mac + ip(host.ip)
        body += (target.mac if reply else bytes(6)) + ip(asked)
        self.frame(at, host.mac, to, 0x0806, body, host.vlan)

    # --- network

    def ipv4(self, source, target, protocol, payload, ttl):
        self.ids += 1
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), self.ids & 0xFFFF, 0x4000, ttl, protocol, 0)
        head += ip(source) + ip(target)
        return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload

    def send(self, at, a, b, protocol, payload):
        """From host to host, seen where it comes in; who is in no VLAN of ours is beyond the gateway's uplink."""
        packet = self.ipv4(a.ip, b.ip, protocol, payload, a.ttl)
        if a.vlan == b.vlan or not self.gateways:
            self.frame(at, a.mac, b.mac, 0x0800, packet, a.vlan)
        elif a.vlan is None:
            self.frame(at, a.mac, self.gateways[self.transit].mac, 0x0800, packet, self.transit)
        else:
            self.frame(at, a.mac, self.gateways[a.vlan].mac, 0x0800, packet, a.vlan)

    def udp(self, at, a, b, sport, dport, payload):
        self.send(at, a, b, 17, struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload)

    def group(self, at, a, address, sport, dport, payload, ttl=None):
        """A datagram to a multicast or broadcast address."""
        number = ip(address)
        to = BROADCAST if number[3] == 255 else b"\x01\x00\x5e" + bytes([number[1] & 0x7F]) + number[2:]
        body = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
        self.frame(at, a.mac, to, 0x0800, self.ipv4(a.ip, address, 17, body, ttl or a.ttl), a.vlan)

    def ask(self, at, a, b, dport, question, answer):
        port = a.next_port()
        self.udp(at, a, b, port, dport, question)
        if answer is not None:
            self.udp(at + 0.002, b, a, dport, port, answer)

    def tcp(self, at, a, b, dport, *turns):
        """A whole conversation: turns are bytes, a's and b's; an empty one is passed over."""
        port, sides = a.next_port(), ((a, b), (b, a))
        seq = [1000, 5000]

        def segment(side, flags, payload=b"", options=b"", window=501):
            source, target = sides[side]
            ports = (port, dport) if side == 0 else (dport, port)
            head = struct.pack(
                "!HHIIBBHHH",
                *ports,
                seq[side],
                seq[1 - side] if flags != 2 else 0,
                (5 + len(options) // 4) << 4,
                flags,
                window,
                0,
                0,
            )
            self.send(segment.at, source, target, 6, head + options + payload)
            seq[side] += len(payload) + (1 if flags & 3 else 0)
            segment.at += 0.001

        segment.at = at
        for side in (0, 1):
            window, options = SYNS[sides[side][0].syn]
            options = bytes.fromhex(options)
            segment(side, 2 + 16 * side, b"", options + bytes(-len(options) % 4), window)
        segment(0, 16)
        for index, payload in enumerate(turns):
            for start in range(0, len(payload), 1400):
                segment(index % 2, 24, payload[start : start + 1400])
        segment(0, 17)
        segment(1, 17)
        segment(0, 16)
        return segment.at

    # --- the file

    def write(self, path, start):
        self.frames.sort(key=lambda entry: entry[0])
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for at, data in self.frames:
                data = data.ljust(60, b"\0")
                out.write(struct.pack("<IIII", int(start + at), int(at % 1 * 1000000), len(data), len(data)) + data)


# --- what is said


def dhcp(kind, ether, leased="0.0.0.0", options=()):
    """A DHCP message (RFC 2131); options are (code, bytes)."""
    head = struct.pack("!BBBBIHH", 1 if kind in (1, 3, 8) else 2, 1, 6, 0, 0x1234, 0, 0)
    body = head + bytes(4) + ip(leased) + bytes(8) + ether + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63"
    for code, value in ((53, bytes([kind])), *options):
        body += bytes((code, len(value))) + value
    return body + b"\xff"


def labels(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".") if part) + b"\0"


def dns_question(name, kind=1, number=7):
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels(name) + struct.pack("!HH", kind, 1)


def dns_answer(name, address, number=7):
    head = struct.pack("!HHHHHH", number, 0x8180, 1, 1, 0, 0) + labels(name) + struct.pack("!HH", 1, 1)
    return head + struct.pack("!HHHIH", 0xC00C, 1, 1, 300, 4) + ip(address)


def mdns(*records):
    """An announcement (RFC 6762); records are (name, type, bytes)."""
    out = struct.pack("!HHHHHH", 0, 0x8400, 0, len(records), 0, 0)
    for name, kind, data in records:
        out += labels(name) if isinstance(name, str) else name
        out += struct.pack("!HHIH", kind, 0x8001 if kind != 12 else 1, 120, len(data)) + data
    return out


def instance(label, service):
    """A name whose first label may hold dots and spaces."""
    label = label if isinstance(label, bytes) else label.encode()
    return bytes([len(label)]) + label + labels(service)


def dns_sd(label, service, host, address, port, texts=()):
    """The records that a service announces (RFC 6763)."""
    full = instance(label, service)
    txt = b"".join(bytes([len(t)]) + t for t in (t if isinstance(t, bytes) else t.encode() for t in texts)) or b"\0"
    return mdns(
        (service, 12, full),
        (full, 33, struct.pack("!HHH", 0, 0, port) + labels(host)),
        (full, 16, txt),
        (host, 1, ip(address)),
    )


def tlv(kind, value):
    return struct.pack("!H", kind << 9 | len(value)) + value


def lldp(ether, port, name=b"", about=b"", capabilities=0, port_about=b"", management=None, more=b""):
    """IEEE 802.1AB, 8.5. capabilities: 4 bridge, 8 access point, 16 router, 32 telephone, 128 station."""
    out = tlv(1, b"\x04" + ether) + tlv(2, b"\x05" + port) + tlv(3, b"\x00\x78")
    for kind, value in ((4, port_about), (5, name), (6, about)):
        out += tlv(kind, value) if value else b""
    out += tlv(7, struct.pack("!HH", capabilities, capabilities)) if capabilities else b""
    if management:
        out += tlv(8, b"\x05\x01" + ip(management) + b"\x02" + struct.pack("!I", 1) + b"\x00")
    return out + more + tlv(0, b"")


def lldp_med(model, maker):
    """ANSI/TIA-1057, 10.2: class, then the inventory's maker and model."""
    med = b"\x00\x12\xbb"
    return tlv(127, med + b"\x01\x00\x33\x03") + tlv(127, med + b"\x09" + maker) + tlv(127, med + b"\x0a" + model)


def cdp(name, port, platform, software, capabilities, address):
    """Cisco's discovery: version 2, 180 s; checksum; TLVs."""
    def part(kind, value):
        return struct.pack("!HH", kind, 4 + len(value)) + value

    addresses = struct.pack("!IBBBH", 1, 1, 1, 0xCC, 4) + ip(address)
    body = part(1, name) + part(2, addresses) + part(3, port) + part(4, struct.pack("!I", capabilities))
    body += part(5, software) + part(6, platform)
    raw = b"\x02\xb4\x00\x00" + body
    raw = raw[:2] + struct.pack("!H", checksum(raw)) + raw[4:]
    return b"\xaa\xaa\x03\x00\x00\x0c\x20\x00" + raw


def stp(root, bridge, port, cost):
    """IEEE 802.1D, 9.3.1: a configuration BPDU, priority 32768 (the root's: 4096)."""
    body = bytes(5) + struct.pack("!H", 4096) + root + struct.pack("!I", cost)
    body += struct.pack("!H", 4096 if root == bridge else 32768) + bridge + struct.pack("!H", 0x8000 | port)
    return b"\x42\x42\x03" + body + struct.pack("<HHHH", 0, 20, 2, 15)


def client_hello(name, alpn=(b"h2", b"http/1.1")):
    """TLS 1.3 (RFC 8446, 4.1.2) with a server's name."""
    def extension(kind, value):
        return struct.pack("!HH", kind, len(value)) + value

    sni = name.encode()
    protocols = b"".join(bytes([len(p)]) + p for p in alpn)
    extensions = (
        extension(0, struct.pack("!HBH", len(sni) + 3, 0, len(sni)) + sni)
        + extension(10, bytes.fromhex("0006001d00170018"))
        + extension(13, bytes.fromhex("0006040308040401"))
        + extension(16, struct.pack("!H", len(protocols)) + protocols)
        + extension(43, bytes.fromhex("0403040303"))
        + extension(51, bytes.fromhex("0024001d0020") + bytes(range(32)))
    )
    ciphers = bytes.fromhex("130113021303c02bc02fc02cc030")
    body = b"\x03\x03" + bytes(32) + b"\x00" + struct.pack("!H", len(ciphers)) + ciphers + b"\x01\x00"
    body += struct.pack("!H", len(extensions)) + extensions
    hello = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(hello)) + hello


def server_hello():
    extensions = bytes.fromhex("002b00020304") + bytes.fromhex("00330024001d0020") + bytes(32)
    body = b"\x03\x03" + bytes(32) + b"\x00\x13\x01\x00" + struct.pack("!H", len(extensions)) + extensions
    hello = b"\x02" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x03" + struct.pack("!H", len(hello)) + hello + b"\x17\x03\x03\x00\x20" + bytes(32)


def ber(kind, value):
    length = bytes([len(value)]) if len(value) < 128 else b"\x82" + struct.pack("!H", len(value))
    return bytes([kind]) + length + value


def snmp(pdu, *bindings):
    """SNMPv2c, community public (RFC 3416); bindings are (oid bytes, value)."""
    listed = b"".join(ber(0x30, ber(6, oid) + value) for oid, value in bindings)
    inner = ber(2, b"\x01") + ber(2, b"\x00") + ber(2, b"\x00") + ber(0x30, listed)
    return ber(0x30, ber(2, b"\x01") + ber(4, b"public") + ber(pdu, inner))


def sip(first, headers, body=""):
    lines = [first, *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


def nbns_name(name, suffix):
    padded = name.encode().ljust(15) + bytes([suffix])
    return b"\x20" + b"".join(bytes((0x41 + (c >> 4), 0x41 + (c & 15))) for c in padded) + b"\0"


def nbns_register(name, suffix, address, group=False):
    """RFC 1002, 4.2.2."""
    encoded = nbns_name(name, suffix)
    head = struct.pack("!HHHHHH", 9, 0x2910, 1, 0, 0, 1) + encoded + struct.pack("!HH", 0x20, 1)
    return head + struct.pack("!HHHIHH", 0xC00C, 0x20, 1, 300000, 6, 0x8000 if group else 0) + ip(address)


def ntp(mode, stratum=0):
    return bytes([0x20 | mode, stratum, 6, 0xEC]) + bytes(44)
