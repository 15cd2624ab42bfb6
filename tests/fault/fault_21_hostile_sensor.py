#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fault 21: a sensor that is accepted, and hostile. It speaks for another, says again what it said, floods and stalls; and
others come who are not accepted at all. What the good sensor reported is, to the byte, what it is without all that."""
import ssl

from fault import *

begin()
AT = "127.0.0.2:8711"


class FarManager(Manager):
    """One that takes sensors of other machines."""

    def __init__(self, label, sensors, address):
        self.sensors = sensors
        super().__init__(label, address=address)

    def start(self):
        self.process = Process(self.label, [PROGRAM, "manager", "--state", self.place, "--listen", self.address,
                                            "--sensors", self.sensors, "--max-per-sensor", "60"])
        if not until(MINUTES, lambda: "\nlogin" in self.process.log() or self.process.poll() is not None):
            raise RuntimeError("the manager does not start: " + self.process.log())
        return self

    def enrolled(self, label, accepted=True, called=None):
        """The folder of a sensor that has met it."""
        state = folder("sensor-" + label)
        havainto("enroll", self.sensors, "--state", state, "--sensor", called or label)
        if accepted:
            fingerprint = re.search(r"accept ([0-9a-f]{64})", havainto("enroll", self.sensors, "--state", state)).group(1)
            havainto("manager", "accept", fingerprint, "--name", label, "--state", self.place)
            until(MINUTES, lambda: "takes this sensor's reports" in havainto("enroll", self.sensors, "--state", state))
        return state


class Hostile:
    """A connection by the keys of a folder, from an address of its own, that says what it likes."""

    def __init__(self, state, at=AT, source="127.0.0.9"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(state + "/sensor.crt", state + "/sensor.key")
        host, port = at.rsplit(":", 1)
        self.socket = context.wrap_socket(socket.create_connection((host, int(port)), MINUTES, (source, 0)))
        self.file = self.socket.makefile("rb")
        self.greeting = self.file.readline()

    def say(self, *lines):
        self.socket.sendall(b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    def answers(self, count):
        return [json.loads(self.file.readline()) for _ in range(count)]

    def is_over(self):
        """Has the manager hung up?"""
        try:
            while self.socket.recv(65536):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True


def line_of(sensor, boot, seq, kind, **more):
    return {"schema": "havainto/1", "type": kind, "sensor": sensor, "boot": boot, "seq": seq,
            "time": "2026-11-23T05:00:00.000000Z", **more}


def device(sensor, boot, seq, name, mac="02:00:00:00:00:aa"):
    return line_of(sensor, boot, seq, "device", full=True,
                   device={"mac": mac, "realm": "", "name": name, "vendor": "", "mac_kind": "random", "os": "",
                           "model": "", "roles": [], "first_seen": "2026-11-23T05:00:00.000000Z",
                           "last_seen": "2026-11-23T05:00:00.000000Z", "packets": 1, "bytes": 60, "facts": []})


def report(state, at=AT, name="good"):
    return havainto("listen", "-r", capture, "--sensor", name, "--state", state, "-o", "tls:" + at)


capture = os.path.join(work, "mix.pcap")
subprocess.run([GENERATE, "mix", capture, "4000", "40", "7"], check=True, stdout=subprocess.DEVNULL)
quiet = FarManager("quiet", "127.0.0.3:8711", "127.0.0.1:8720")
report(quiet.enrolled("good"), quiet.sensors)
manager = FarManager("manager", AT, "127.0.0.1:8710")
good, bad = manager.enrolled("good"), manager.enrolled("bad")
report(good)
want = quiet.lines("record", "good"), quiet.lines("change", "good")


def undisturbed():
    return (manager.lines("record", "good"), manager.lines("change", "good")) == want


check("the good sensor's devices are there", len(want[0]) > 30 and undisturbed(), len(want[0]))

# in another's name
h = Hostile(bad)
check("the bad one is let in", h.greeting == b'{"manager":"havainto/1"}\n', h.greeting)
h.say(line_of("good", 1 << 40, 1, "hello", version="9", live=True, interfaces=[]), device("good", 1 << 40, 2, "forged"),
      line_of("good", 1 << 40, 3, "end", devices=0), line_of("good", 1 << 40, 4, "change", what="gone", mac="02:00:00:00:00:aa", realm=""),
      line_of("good", 1 << 40, 5, "bye", lines=5), line_of("good\u0000", 1 << 40, 6, "bye", lines=5))
said = h.answers(7)
refused = [a["refused"]["why"] for a in said if "refused" in a]
check("each line in another's name is refused with its reason", len(refused) == 6 and
      all("certificate is that of sensor bad" in why for why in refused[:5]), said)
check("and acknowledged, for it is no better the next time", {"ack": {"boot": 1 << 40, "seq": 6}} in said, said)
check("nothing of the good one's is another", undisturbed())

# what it said already, again and otherwise
h.say(device("bad", 5, 10, "mine"))
h.answers(1)
h.say(device("bad", 5, 10, "replayed"), device("bad", 5, 9, "older"), device("bad", 4, 999, "of an earlier start"))
h.answers(1)
names = [one.said["device"]["name"] for one in manager.lines("record", "bad")]
check("a number that was used, or is older, changes nothing", names == ["mine"], names)

# too much
h.say(*(device("bad", 6, n, "one of many", "02:00:00:00:01:%02x" % n) for n in range(200)))
until(MINUTES, lambda: h.file.readline().startswith(b'{"ack":{"boot":6,"seq":199}'))
check("so many devices are its own, and no more", len(manager.lines("record", "bad")) == 60, len(manager.lines("record", "bad")))
h.say(line_of("bad", 7, 1, "hello", version="9", live=True, interfaces=[]), device("bad", 7, 2, "known", "02:00:00:00:01:00"),
      line_of("bad", 7, 3, "end", devices=1))
until(MINUTES, lambda: h.file.readline().startswith(b'{"ack":{"boot":7,"seq":3}'))
check("what it takes back makes room", len(manager.lines("record", "bad")) == 1)
h.say(*(device("bad", 7, n, "another", "02:00:00:00:02:%02x" % n) for n in range(4, 50)))
until(MINUTES, lambda: h.file.readline().startswith(b'{"ack":{"boot":7,"seq":49}'))
check("for others", len(manager.lines("record", "bad")) == 47, len(manager.lines("record", "bad")))
try:
    for _ in range(40):
        h.say(*(device("good", 1 << 41, n, "flood") for n in range(100)))
except OSError:
    pass
check("who floods with another's lines is sent away", h.is_over())
with manager.database() as db:
    kept = db.execute("SELECT COUNT(*) FROM aside").fetchone()[0]
check("what was refused is kept aside, up to a bound", 6 <= kept <= 1000, kept)
several = [Hostile(bad) for _ in range(6)]
check("of six connections of one sensor four stay, the newest",
      until(MINUTES, lambda: select.select([one.socket for one in several[:2]], [], [], 0)[0] == [one.socket for one in several[:2]]) and
      not select.select([one.socket for one in several[2:]], [], [], 0)[0])

# those who are not accepted
impostor = Hostile(manager.enrolled("impostor", accepted=False, called="good"))
check("a certificate of one's own with the good one's name is unknown", b'{"unknown":"' in impostor.greeting, impostor.greeting)
check("it waits, for a person to look", "waiting   good" in havainto("manager", "sensors", "--state", manager.place))
stalled = []
for _ in range(100):
    s = socket.create_connection(("127.0.0.2", 8711), MINUTES, ("127.0.0.9", 0))
    s.sendall(b"\x16\x03\x01\x02\x00\x01")
    stalled.append(s)
began = calm()
report(good)
took = calm() - began
check("a hundred that stall in their handshake do not keep the good one out", took < 3, took)
check("and are cut off themselves", until(MINUTES, lambda: all(select.select([s], [], [], 0)[0] for s in stalled)))
check("the good one's inventory is what it is without all that", undisturbed())

# taken back
last = several[-1]
havainto("manager", "revoke", "bad", "--state", manager.place)
check("who is revoked is cut off", until(MINUTES, last.is_over))
check("and known no more", b"unknown" in Hostile(bad).greeting)

# another in the manager's place
manager.stop()
for end_of in ("key", "crt"):
    os.rename(f"{manager.place}/manager.{end_of}", f"{manager.place}/old.{end_of}")
manager.start()
done = subprocess.run([PROGRAM, "listen", "-r", capture, "--sensor", "good", "--state", good, "-o", "tls:" + AT],
                      stdin=subprocess.DEVNULL, capture_output=True, check=False)
check("a manager with another certificate gets nothing", b"another certificate" in done.stderr and done.returncode == 1, done)
done = subprocess.run([PROGRAM, "enroll", AT, "--state", good], stdin=subprocess.DEVNULL, capture_output=True, check=False)
check("and is not met again unasked", b"somebody may stand in between" in done.stderr and done.returncode == 1, done)
end()
