#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients of HTTP that are slow, endless, or speak something else: each costs what it may and no more, and all the while the manager
answers to others and takes the reports of sensors."""
import http.client
import random

from fault import *

HOST, PORT = "127.0.0.1", 8710
SECONDS = 15  # for a whole request: http.h
PER_ADDRESS = 64


def connect(source="127.0.0.1"):
    s = socket.socket()
    s.settimeout(MINUTES)
    s.bind((source, 0))
    s.connect((HOST, PORT))
    return s


def ask(path="/api/v1/devices", token=None, source="127.9.9.9", method="GET", body=None):
    c = http.client.HTTPConnection(HOST, PORT, timeout=MINUTES, source_address=(source, 0))
    c.request(method, path, body, {"Authorization": "Bearer " + token} if token else {})
    answer = c.getresponse()
    text = answer.read()
    c.close()
    return answer.status, text


def say(data, source="127.7.7.7", more=()):
    """What is answered to these bytes: the status of the first line, or 0 for a connection that is closed without a word."""
    got = b""
    with connect(source) as s:
        try:
            s.sendall(data)
            for piece in more:
                s.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while b"\r\n" not in got and (piece := s.recv(4096)):
                got += piece
        except (TimeoutError, ConnectionResetError):
            pass
    return int(got.split()[1]) if got.startswith(b"HTTP/1.") else 0


def is_well(what):
    began = calm()
    status, text = ask(token=token)
    took = calm() - began
    check(f"{what}: it answers to others", status == 200 and b'"devices"' in text and took < 5, status, took)


def endless(head, piece, most=64 << 20):
    """How many bytes are taken of a request that does not end."""
    sent = 0
    with connect("127.6.6.6") as s:
        s.setblocking(False)
        ends = time.monotonic() + SECONDS + 10
        data = head
        while sent < most and time.monotonic() < ends:
            try:
                select.select([s], [s], [], 1)
                sent += s.send(data)
                data = piece
                if select.select([s], [], [], 0)[0] and not s.recv(4096):
                    break
            except BlockingIOError:
                continue
            except OSError:
                break
    return sent


begin()
manager = Manager()
token = manager.token()
sensor = Sensor("sensor", manager.socket, interval=0.3)
sensor.hello()
announce(1, 300, gap_s=0.001)
until(MINUTES, sensor.account)
is_well("at first")

# A thousand that say a byte a second, of an address and of thirty.
slow = []
for n in range(1000):
    try:
        slow.append(connect(f"127.0.{n % 30}.1" if n >= 200 else "127.0.0.1"))
        slow[-1].sendall(b"GET /api/v1/devices HTTP/1.1\r\nHost: x\r\nX-")
    except OSError:
        pass
began, calmly = time.monotonic(), calm()
is_well(f"{len(slow)} slow ones")


def drip():
    """The connections that are still open."""
    for s in slow:
        try:
            s.setblocking(False)
            s.send(b"a")
        except OSError:
            pass
    alive = []
    for s in slow:
        try:
            if s.recv(100) == b"":
                continue
        except BlockingIOError:
            pass
        except OSError:
            continue
        alive.append(s)
    return alive


alive = []
check("of an address only so many are let in", until(SECONDS / 2, lambda: alive.append(len(drip())) or 0 < alive[-1] <= 512), alive[-5:])
announce(301, 100, gap_s=0.001)
check("meanwhile sensors are heard", until(MINUTES, lambda: len(manager.lines("record")) >= 400), len(manager.lines("record")))

# Meanwhile the strange ones.
big = b"x" * 65536
for what, data, more, wanted in (
    ("a header of 20 KiB", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n", (), {431}),
    ("two hundred headers of 200 bytes", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: %s\r\n" % (n, b"a" * 200) for n in range(200)) + b"\r\n", (), {431}),
    ("a path of 20 KiB", b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (), {414, 431}),
    ("a body of 1 MiB that is announced", b"PATCH /api/v1/devices/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n", (big,) * 16, {413}),
    ("a body in chunks without an end", b"POST /api/v1/logout HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", (b"10000\r\n" + big + b"\r\n",) * 64, {413}),
    ("a chunk of 2^63", b"POST /api/v1/logout HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nx", (), {400, 413, 0}),
    ("a chunk of less than nothing", b"POST /api/v1/logout HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx", (), {400, 413, 0}),
    ("a length of less than nothing", b"POST /api/v1/logout HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", (), {400, 0}),
    ("a length that is too long a number", b"POST /api/v1/logout HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", (), {400, 413, 0}),
    ("no path", b"GET  HTTP/1.1\r\nHost: x\r\n\r\n", (), {400, 0}),
    ("another host's address", b"GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n", (), {200, 303, 400, 401, 404}),
    ("an unknown method", b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", (), {501, 405, 400}),
    ("CONNECT", b"CONNECT elsewhere:80 HTTP/1.1\r\nHost: x\r\n\r\n", (), {400, 405, 501}),
    ("TRACE", b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", (), {400, 405, 501}),
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200 + b"\r\n\r\n", (), {400, 0}),
    ("HTTP/9.9", b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", (), {200, 400, 505, 0}),
    ("a NUL in the path", b"GET /api/v1/devices/%00 HTTP/1.1\r\nHost: x\r\n\r\n", (), {400, 401}),
    ("the way up", b"GET /../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", (), {400, 401, 404}),
    ("the way up, hidden", b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", (), {400, 401, 404}),
):
    status = say(data, more=more)
    check(f"{what}: {status}", status in wanted, wanted)
dice = random.Random(7)
methods, paths = (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"X" * 40), (b"/", b"/api/v1/", b"/api/v1/devices", b"/metrics", b"*", b"//", b"/%")
strange = [say(dice.choice(methods) + b" " + dice.choice(paths) + bytes(dice.randrange(33, 256) for _ in range(dice.randrange(30))) + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
               source=f"127.5.5.{n % 200 + 1}") for n in range(300)]
check("of 300 random requests without a token none is let in", not [s for s in strange if s == 200] and all(s < 500 or s == 501 for s in strange), set(strange))
sent = {}
all_of([lambda: sent.update(head=endless(b"GET / HTTP/1.1\r\nHost: x\r\n", b"X: " + b"a" * 1000 + b"\r\n")),
        lambda: sent.update(body=endless(b"POST /api/v1/logout HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", big))])
check("what does not end is cut off", max(sent.values()) < 16 << 20, sent)
is_well("strange ones")

# That a guess takes as long however good it is, tests/unit/test_token.c shows, by counting.
guesses = ("A" * 43, token[:21] + "A" * 22, token[:42] + ("A" if token[42] != "A" else "B"), token + "A", token[:42])
answers = {ask(token=guess) for guess in guesses}
check("however much of the token is right, the answer is the same", len(answers) == 1 and {status for status, _ in answers} == {401}, answers)

# The slow ones have had their time.
left = until(MINUTES, lambda: not drip())
check("a request that takes too long is cut off", left and time.monotonic() - began > SECONDS - 5 and calm() - calmly < SECONDS + 10, len(drip()))
is_well("afterwards")
for s in slow:
    s.close()
status, text = ask("/metrics", token)
check("it has counted whom it refused", status == 200 and b"refused" in text, text[:300])
status = sensor.stop()
check("the inventory is what was told", status == 0 and same_inventory(manager, whole_lines(sensor.report)))
check("the manager ends well", manager.stop() == 0)
check("it said little", manager.process.log().count("\n") < 10, manager.process.log())
end()
