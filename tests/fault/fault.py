# SPDX-License-Identifier: Apache-2.0
"""fault - what the tests beside it break things with: `from fault import *` at their top, then `begin()`.

A test is a program of its own: it runs once more inside namespaces of its own for network, mounts and
processes, so that whatever it starts, mounts or wires ends with it, also when it is killed. In there `work` is a
folder in memory, and hv0 and hv1 are the two ends of a cable: sensors listen at the one, devices that are made up
speak at the other.

    begin(TOOL...)          goes inside; skips (77) where it cannot, or a tool is missing
    check(WHAT, TRUE)       one claim, counted; more words say what was found instead
    end()                   the sum, and the status of the test
    until(SECONDS, CALL)    tries until it says something true, and returns that; the last answer when the time is over
    calm()                  seconds of a clock that stands still while the machine is too busy (tests/calm): for limits that are promised
    announce(FIRST, COUNT)  so many devices say who they are
    Manager, Sensor         the program as these; Sensor may run under strace with faults injected
    Stub                    a socket that answers sensors as a script says
    whole_lines(PATH)       the lines of a report, each parsed and as its bytes
    spooled(FOLDER)         the lines of a spool; replay(LINES): the inventory that a reader of them has
"""
import glob
import json
import os
import re
import select
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = os.environ.get("HAVAINTO", "")
FAULTS = os.environ.get("HAVAINTO_FAULTS", "")
GENERATE = os.environ.get("HAVAINTO_GENERATE", "")
MINUTES = 180  # seconds until a test gives up waiting: nothing is measured by it
work = os.environ.get("FAULT_WORK", "")
passed = failed = 0
started = []  # whatever was started, for their logs at a failure
name = os.path.basename(sys.argv[0]).removesuffix(".py")


def begin(*tools):
    """Goes inside: the outer process waits, and takes the folder away."""
    os.umask(0o022)
    if os.geteuid() != 0:
        skip("not root: no world of its own can be made")
    for tool in ("unshare", "ip", *tools):
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed")
    if not os.access(PROGRAM, os.X_OK):
        skip("HAVAINTO names no program")
    if not work:
        folder = tempfile.mkdtemp(prefix="havainto-fault.")
        try:
            sys.exit(subprocess.run(["unshare", "-n", "-m", "-p", "-f", "--mount-proc", "--kill-child", sys.executable, *sys.argv],
                                    env={**os.environ, "FAULT_WORK": folder}, check=False).returncode)
        finally:
            os.rmdir(folder)
    for words in (f"mount -t tmpfs none {work}", "ip link set lo up", "ip link add hv0 type veth peer name hv1"):
        subprocess.run(words.split(), check=True)
    for interface in ("all", "default"):
        with open(f"/proc/sys/net/ipv6/conf/{interface}/disable_ipv6", "w", encoding="ascii") as f:
            f.write("1")
    for interface in ("hv0", "hv1"):
        subprocess.run(["ip", "link", "set", interface, "up"], check=True)
    os.chmod(work, 0o777)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def check(what, true, *found):
    global passed, failed
    print(f"{'ok      ' if true else 'not ok  '}{what}", flush=True)
    passed, failed = passed + bool(true), failed + (not true)
    for one in found if not true else ():
        print("   ", str(one)[:2000])
    return bool(true)


def end():
    for process in started:
        if process.poll() is None:
            process.kill()
    for path, said in list({process.log_path: process.log() for process in started}.items())[:8] if failed else ():
        print(f"--- {path}\n{said[-1000:]}")
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(failed > 0)


def until(seconds, call):
    ends = time.monotonic() + seconds
    while True:
        answer = call()
        if answer or time.monotonic() > ends:
            return answer
        time.sleep(0.05)


def calm():
    return int(subprocess.run(["tests/calm"], capture_output=True, check=True).stdout) / 1000


def folder(path):
    """In the work folder, for whomever the program becomes."""
    path = os.path.join(work, path)
    os.makedirs(path, exist_ok=True)
    os.chmod(path, 0o777)
    return path


def all_of(calls, at_once=6):
    """Does these, so many at a time; a test that fails in one of them fails."""
    calls, errors, lock = list(calls), [], threading.Lock()

    def some():
        while True:
            with lock:
                if not calls:
                    return
                call = calls.pop(0)
            try:
                call()
            except Exception as e:  # pylint: disable=broad-except
                errors.append(repr(e))

    threads = [threading.Thread(target=some) for _ in range(at_once)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if errors:
        check("nothing unexpected happened in the test itself", False, *errors[:5])


# ---- devices


def frame_of(number):
    mac, ip = b"\x02\0" + struct.pack(">I", number), b"\x0a" + struct.pack(">I", number)[1:]
    return (b"\xff" * 6 + mac + b"\x08\x06" + b"\0\1\x08\0\6\4\0\1" + mac + ip + b"\0" * 6 + ip).ljust(60, b"\0")


def announce(first, count, gap_s=0.0005):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind(("hv1", 0))
        for number in range(first, first + count):
            s.send(frame_of(number))
            time.sleep(gap_s)


class Chatter(threading.Thread):
    """Devices that go on speaking until told to stop: a new one and an old one in turns."""

    def __init__(self, first=1, gap_s=0.01):
        super().__init__(daemon=True)
        self.number, self.gap_s, self.on = first, gap_s, True
        self.start()

    def run(self):
        while self.on:
            announce(self.number, 1, self.gap_s)
            announce(max(1, self.number // 2), 1, self.gap_s)
            self.number += 1

    def stop(self):
        self.on = False
        self.join()


# ---- the program


class Process(subprocess.Popen):
    def __init__(self, label, words, **more):
        self.log_path = os.path.join(work, label + ".log")
        with open(self.log_path, "ab") as log:
            super().__init__(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
        started.append(self)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def stop(self, how=signal.SIGTERM, seconds=MINUTES):
        """Its status; one that does not end is killed, and that is its status."""
        if self.poll() is None:
            self.send_signal(how)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.wait()


def havainto(*words, check_status=True):
    done = subprocess.run([PROGRAM, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if check_status and done.returncode != 0:
        raise RuntimeError(f"{words}: {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


class Manager:
    """Its folder is `place`; an address of its own in 127.0.0.0/8 needs no free port to be looked for."""

    def __init__(self, label="manager", within=(), address="127.0.0.1:8710", start=True):
        self.label, self.within, self.address = label, list(within), address
        self.place = folder(label)
        self.socket = os.path.join(self.place, "manager.sock")
        if start:
            self.start()

    def start(self):
        log = os.path.join(work, self.label + ".log")
        mark = os.path.getsize(log) if os.path.exists(log) else 0
        self.process = Process(self.label, [*self.within, PROGRAM, "manager", "--state", self.place, "--listen", self.address])
        if not until(MINUTES, lambda: "\nlogin" in self.process.log()[mark:] or self.process.poll() is not None):
            raise RuntimeError("the manager does not start: " + self.process.log())
        return self

    def token(self):
        return re.search(r"^token  (\S+)", self.process.log(), re.M).group(1)

    def stop(self, how=signal.SIGTERM):
        return self.process.stop(how)

    def database(self):
        return sqlite3.connect(f"file:{self.place}/inventory.db?mode=ro", uri=True, timeout=MINUTES)

    def export(self):
        """All that it holds, in order, but for numbers of rows and times of arrival: to be compared to the byte."""
        with self.database() as db:
            lines = [text for table in ("record", "change") for (text,) in db.execute(f"SELECT line FROM {table}")]
            sensors = ["%s %s %s %s" % row for row in db.execute("SELECT name, version, boot, seq FROM sensor")]
        devices = [json.dumps({key: value for key, value in device.items() if key != "id"})
                   for device in json.loads(havainto("ask", "--state", self.place, "--json"))]
        return "\n".join(sorted(line if isinstance(line, str) else line.decode() for line in lines) + sorted(devices) + sorted(sensors))

    def lines(self, table, sensor=None):
        """As they were sent, in order; of one sensor, where that is said."""
        with self.database() as db:
            rows = db.execute(f"SELECT t.line FROM {table} t JOIN sensor s ON s.id = t.sensor WHERE ? IS NULL OR s.name = ? "
                              "ORDER BY t.boot, t.seq", (sensor, sensor))
            return [Line(text) for (text,) in rows]


class Sensor(Process):
    """Listens at hv0. sink: of its reports; they go to a file, too: `report`."""

    def __init__(self, label, sink, *options, within=(), state=None, interval=0.1, sensor=None, **more):
        self.state = folder("state-" + label) if state is None else state
        self.label, self.report = label, os.path.join(work, label + ".ndjson")
        if not os.path.exists(self.report):
            with open(self.report, "wb"):
                os.chmod(self.report, 0o666)
        sinks = [word for one in ([sink] if isinstance(sink, str) else sink) for word in ("-o", "unix:" + one)]
        super().__init__(label, [*within, PROGRAM, "listen", "-i", "hv0", "--sensor", sensor or label, "--interval", str(interval),
                                 "--full-every", "100000", "--state", self.state, "--status", f"{work}/{label}.status",
                                 *sinks, "-o", "file:" + self.report, *options], **more)

    def says(self, kind):
        return [line for line in whole_lines(self.report) if line.kind == kind]

    def hello(self, seconds=MINUTES, count=1):
        def said():
            with open(self.report, "rb") as f:
                return f.read().count(b'"type":"hello"') >= count or self.poll() is not None

        return until(seconds, said)


    def gauges(self):
        """What it counts just now; nothing where it does not answer."""
        try:
            return json.loads(havainto("status", "--status", f"{work}/{self.label}.status", "--json", check_status=False).split("\n")[0])
        except ValueError:
            return {}

    def counts(self):
        """Of its sinks, of which one is remote, a second ago; {}: it does not answer."""
        says = self.gauges()
        if "gauges" not in says:
            return {}
        g = {key.removeprefix("sink."): n for key, n in says["gauges"].items() if key.startswith("sink.")}
        return dict(g, made=says["reporter"]["lines"], acked=g["lines"] - says["reporter"]["lines"])

    def later_counts(self):
        """The counts of whatever has happened by now: they are told anew each second, and what was made by then is gone or given up."""
        for _ in range(2):
            last = self.gauges()
            until(MINUTES, lambda: self.gauges() != last or self.poll() is not None)
        made = self.counts().get("made", 0)
        until(20, lambda: self.poll() is not None or (n := self.counts()) and n["acked"] + n["expired"] + n["coalesced"] >= made)
        return self.counts()

    def account(self):
        """The counts, where each line that was made is acknowledged, kept, replaced or given up; {}: they do not add up, as while lines
        are on their way."""
        n = self.counts()
        return n if n and n["made"] == n["acked"] + n["spooled"] + n["coalesced"] + n["expired"] else {}


def kill_at(call, number, paths):
    """Before a program: its number-th such call at one of these files kills it."""
    return ["strace", "-D", "-f", "-qqq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}",
            *(word for path in paths for word in ("-P", path))]


class Faults:
    """Before a program: its calls fail by these rules (faults.c has the language); times(): how often they did."""

    def __init__(self, label, *rules):
        self.log = os.path.join(work, label + ".faults")
        self.words = ["env", "LD_PRELOAD=" + FAULTS, "FAULTS=" + ";".join(rules), "FAULTS_LOG=" + self.log]

    def times(self):
        if not os.path.exists(self.log):
            return 0
        with open(self.log, "rb") as f:
            return int.from_bytes(f.read(8), sys.byteorder)


# ---- lines


class Line:
    """A line of a report: its bytes, and what it says."""

    def __init__(self, text):
        self.text = text.encode() if isinstance(text, str) else bytes(text)
        self.text = self.text.rstrip(b"\n")
        said = json.loads(self.text)
        self.said, self.kind, self.place = said, said["type"], (said["boot"], said["seq"])
        device = said.get("device", {})
        self.key = (device.get("realm"), device.get("mac"), device.get("mac") is None and device.get("ip"))

    def __eq__(self, other):
        return self.text == other.text

    def __hash__(self):
        return hash(self.text)

    def __repr__(self):
        return self.text.decode(errors="replace")[:160]


def whole_lines(path):
    with open(path, "rb") as f:
        text = f.read()
    return [Line(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]


def spools(state):
    return [path for path in glob.glob(state + "/spool-*.db") if not path.endswith(".bad")]


def spooled(state):
    """The lines on disk, as the next start will find them: of a copy, for looking changes the files."""
    lines = []
    for path in spools(state):
        with tempfile.TemporaryDirectory(dir=work) as copy:
            for part in glob.glob(path + "*"):
                if not part.endswith("-shm") and ".bad" not in part:
                    shutil.copy(part, copy)
            db = sqlite3.connect(os.path.join(copy, os.path.basename(path)))
            for table in ("device", "event"):
                if db.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = ?", (table,)).fetchone() == (1,):
                    lines += [Line(text) for (text,) in db.execute(f"SELECT line FROM {table}")]
            db.close()
    return sorted(lines, key=lambda line: line.place)


def replay(lines):
    """What a reader of these lines, in order, knows at the end: (records by their device, changes)."""
    records, changes, full = {}, [], None
    for line in sorted(lines, key=lambda one: one.place):
        if line.kind == "hello":
            full = None
        elif line.kind == "device":
            full = line.place if full is None and line.said["full"] else full
            records[line.key] = line
        elif line.kind == "end":
            first = full or line.place
            records, full = {key: one for key, one in records.items() if one.place >= first}, None
        elif line.kind == "change":
            changes.append(line)
    return records, changes


def same_inventory(manager, lines, sensor=None):
    """Is what the manager keeps that which the lines say: each once, none half?"""
    records, changes = replay(lines)
    kept = manager.lines("record", sensor)
    return kept == sorted(records.values(), key=lambda one: one.place) and manager.lines("change", sensor) == changes


def is_counted(said, came, counts):
    """Are the lines that did not come those that were given up? Some of the replaced ones had been sent before; and after a loss the
    `end` of the last, full, report is given up, when the counts were told already."""
    end_missing = max((line for line in said if line.kind == "end"), key=lambda line: line.place) not in came
    return bool(counts) and 0 <= len(said - came) - end_missing - counts["expired"] <= counts["coalesced"]


# ---- a manager that misbehaves


class Stub(threading.Thread):
    """Listens at a path; talk(stub, connection, number) is called for each connection, one after the other.

    `lines` are those that came whole, in order of their coming; `acked` the last place it said to be safe.
    """

    GREETING = b'{"manager":"havainto/1"}\n'

    def __init__(self, label, talk):
        super().__init__(daemon=True)
        self.path, self.talk, self.on = os.path.join(work, label if label.endswith(".sock") else label + ".sock"), talk, True
        self.lines, self.acked, self.connections, self.cut = [], (0, 0), 0, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen(8)
        self.listener.settimeout(0.1)
        self.start()

    def run(self):
        while self.on:
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            try:
                with connection:
                    connection.settimeout(0.1)
                    self.rest = b""
                    self.talk(self, connection, self.connections)
            except OSError:
                pass

    def read(self, connection, bytes_most=1 << 16):
        """What comes just now: the whole lines of it. None: the other end is gone."""
        try:
            data = connection.recv(bytes_most)
        except TimeoutError:
            return []
        if not data:
            return None
        *whole, self.rest = (self.rest + data).split(b"\n")
        came = [Line(text) for text in whole]
        self.lines += came
        return came

    def acknowledge(self, connection, line):
        self.acked = max(self.acked, line.place)
        connection.sendall(ack_of(line))

    def stop(self):
        self.on = False
        self.join()
        self.listener.close()
        os.unlink(self.path)


def prompt(stub, connection, _):
    """The talk of a manager that is well."""
    connection.sendall(stub.GREETING)
    while stub.on:
        came = stub.read(connection)
        if came is None:
            return
        if came:
            stub.acknowledge(connection, came[-1])


def ack_of(line):
    return b'{"ack":{"boot":%d,"seq":%d}}\n' % line.place
