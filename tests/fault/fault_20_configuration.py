#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A configuration that is malformed, or half written, is refused whole, with the line and the reason; a running sensor keeps the one it
has."""
from fault import *

GOOD = b"sensor = lab-1\ninterval = 0.5\nfull-every = 7\ninterface = hv0\nworkers = 1\n"
BAD = (  # what, the line that is named, a word of the reason
    (b"interval = 0.5\nintervall = 1\n", 2, "there is no option \"intervall\"; is it \"interval\"?"),
    (b"interval = soon\n", 1, "a number of seconds"),
    (b"interval = -1\n", 1, "a number of seconds"),
    (b"interval = 1e999\n", 1, "a number of seconds"),
    (b"interval = 0x10\n", 1, "a number of seconds"),
    (b"interval =\n", 1, "a value"),
    (b"workers = 1.5\n", 1, "a number from"),
    (b"workers = 99999999999999999999\n", 1, "a number from"),
    (b"spool = 5X\n", 1, "a size"),
    (b"privacy = some\n", 1, "one of"),
    (b"sensor = a\nsensor = b\n", 2, "was given before"),
    (b"# a comment\n\n[sensor]\ninterval = 1\n", 4, "no sections"),
    (b"interval = 1\nsensor\n", 2, "not a line"),
    (b"= 1\n", 1, ""),
    (b"interval = 1\n  sensor = a\n", 2, "begins with a space"),
    (b"sensor = " + b"x" * 300 + b"\n", 1, "longer than"),
    (b"sensor = a\0b\n", 1, "no text"),
    (b"\x7fELF\x02\x01\x01\0\0\0\0", 1, "no text"),
    (b"config = other.conf\n", 1, "command line"),
    (b"help = yes\n", 1, "command line"),
    (b"interface = hv0\n" * 200, None, "times at most"),
    (GOOD * 5000, None, "File too large"),
    (b"\xff\xfe\xfa = 1\n", 1, "no option"),
    (b"\x1b[2J = 1\n", 1, "no option"),
)


def refusal(text):
    """Status, and what a start says to this configuration: it has no time to begin where it is good."""
    with open(path, "wb") as f:
        f.write(text)
    done = subprocess.run([PROGRAM, "listen", "--config", path, "-i", "nothing-there"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode, done.stderr.decode(errors="replace")


def is_refused(said, line, word):
    at = f"{path}:{line}: " if line else path
    return at in said and word in said and "\x1b" not in said


begin()
path = os.path.join(work, "sensor.conf")
for text, line, word in BAD:
    status, said = refusal(text)
    check(f"a start with {text[:40]!r}", status == 2 and is_refused(said, line, word) and said.count("\n") == 1, status, said)
cut = [refusal(GOOD[:at]) for at in range(len(GOOD))]
check("half of it, cut at each byte: refused with its line, or what is there holds", all(status == 1 or (status == 2 and f"{path}:" in said)
      for status, said in cut) and sum(status == 2 for status, _ in cut) > len(GOOD) // 2, [one for one in cut if one[0] not in (1, 2)])

with open(path, "wb") as f:
    f.write(GOOD)
stub = Stub("manager", prompt)
sensor = Sensor("sensor", stub.path, "--config", path, interval=0.5)
sensor.hello()
for text, line, word in BAD:
    mark = len(sensor.log())
    with open(path, "wb") as f:
        f.write(text)
    sensor.send_signal(signal.SIGHUP)
    said = until(MINUTES, lambda: "stays\n" in sensor.log()[mark:] and sensor.log()[mark:])
    check(f"SIGHUP with {text[:40]!r}", said and is_refused(said, line, word), sensor.log()[mark:])
with open(path, "wb") as f:
    f.write(GOOD)
mark = len(sensor.log())
sensor.send_signal(signal.SIGHUP)
check("and with the good one again nothing changed", until(MINUTES, lambda: "nothing changed" in sensor.log()[mark:]), sensor.log()[mark:])
announce(1, 5)
check("it is still the sensor that it was", until(MINUTES, lambda: len(sensor.says("device")) >= 5) and sensor.stop() == 0)
end()
