#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A manager that accepts and never answers, that resets in the middle of a line, that answers twice, late, too much, and whose answer
is cut at each of its bytes: a report that was not acknowledged is sent again, each acknowledged one once is enough."""
from fault import *

LONGEST = len(Stub.GREETING) + len('{"ack":{"boot":1,"seq":1}}\n') + 2


def serve(stub, connection, how):
    """Greets, and acknowledges what comes, one answer a reading, by how()."""
    connection.sendall(stub.GREETING)
    while stub.on:
        came = stub.read(connection)
        if came is None:
            return
        if came and how(stub, connection, came) == "leave":
            return


def well(stub, connection, came):
    stub.acknowledge(connection, came[-1])


def silent(stub, connection, number):
    """At first no word, as a manager that is stopped: the kernel accepts for it."""
    if number > 1 or stub.on and not stub.freed.wait(60):
        serve(stub, connection, well)


def cut(stub, connection, number):
    """Every second answer, the greeting included, ends at the next byte."""
    answer = stub.GREETING
    if number % 2 == 1 and stub.cut < LONGEST:
        at, stub.cut = stub.cut, stub.cut + stub.step
        connection.sendall(answer[:at])
        came = until(20 if at > len(answer) else 2, lambda: stub.read(connection))
        if came and at > len(answer):
            text = ack_of(came[-1])
            connection.sendall(text[: at - len(answer)])
            if at - len(answer) >= len(text):
                stub.acked = max(stub.acked, came[-1].place)
        return
    serve(stub, connection, lambda s, c, came: (well(s, c, came), "leave" if s.cut < LONGEST else None)[1])


def reset(stub, connection, number):
    """Reads a few bytes more each time, and hangs up on the rest."""
    if number < 40:
        if number % 4 == 0:
            serve(stub, connection, lambda s, c, came: (well(s, c, came), "leave")[1])
            return
        connection.sendall(stub.GREETING)
        select.select([connection], [], [], 2)
        stub.read(connection, number * 7)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return
    serve(stub, connection, well)


def twice(stub, connection, number):
    """Each answer twice, with old ones, ones of other boots, nonsense and unknown words between."""

    def so(s, c, came):
        well(s, c, came)
        c.sendall(ack_of(came[0]) + ack_of(came[-1]) + b'{"ack":{"boot":0,"seq":99999}}\n{"ack":{}}\n{"ack":{"boot":-1,"seq":x}}\n'
                  b'\0\xff\n\n{"later":"word"}\n' + b"x" * 5000 + b"\n" + ack_of(came[-1]) + s.GREETING)

    serve(stub, connection, so)


begin()
behaviours = {"silent": silent, "cut0": cut, "cut1": cut, "cut2": cut, "reset": reset, "twice": twice}
stubs = {}
for label, behaviour in behaviours.items():
    stubs[label] = Stub(label, behaviour)
    stubs[label].freed = threading.Event()
    stubs[label].cut, stubs[label].step = int(label[-1]) if behaviour is cut else 0, 3
sensor = Sensor("sensor", [stub.path for stub in stubs.values()], interval=0.2)
sensor.hello()
chatter = Chatter(gap_s=0.02)
check("a manager that says no word is told nothing to be safe", until(MINUTES, lambda: len(spooled(sensor.state)) > 10))
stubs["silent"].freed.set()
for label in ("cut0", "cut1", "cut2"):
    check(f"{label}: an answer was cut at each of its bytes", until(MINUTES, lambda: stubs[label].cut >= LONGEST), stubs[label].cut)
check("reset: forty times", until(MINUTES, lambda: stubs["reset"].connections >= 40), stubs["reset"].connections)
chatter.stop()
status = sensor.stop()
check("the sensor ends well", status == 0, status)
lines = whole_lines(sensor.report)
records, changes = replay(lines)
for label, stub in stubs.items():
    stub.stop()
    came = sorted(set(stub.lines), key=lambda line: line.place)
    check(f"{label}: no line is another when it comes again", len({line.place for line in came}) == len(came) and set(came) <= set(lines))
    check(f"{label}: none is lost", replay(came)[0] == records and [line for line in came if line.kind == "change"] == changes,
          len(lines), len(came))
    check(f"{label}: the last is acknowledged", stub.acked == lines[-1].place, stub.acked, lines[-1].place)
check("nothing is left on the disk", spooled(sensor.state) == [], spooled(sensor.state)[:3])
end()
