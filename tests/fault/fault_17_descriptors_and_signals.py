#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No descriptor is left, calls are interrupted, would block, read and write less than was asked: sensor and manager go on, lose
nothing, and say so once a minute."""
from fault import *

SENSOR = [f"{call}:{what}:1+3:{path}" for call, what, path in (
    ("pwrite", "EINTR", "/spool-"), ("pwrite", "SHORT", "/spool-"), ("pread", "SHORT", "/spool-"), ("pread", "EINTR", "/spool-"),
    ("send", "EINTR", ""), ("send", "SHORT", ""), ("recv", "EAGAIN", ""), ("recv", "SHORT", ""), ("recv", "EINTR", ""),
    ("poll", "EINTR", ""), ("send", "EAGAIN", ""), ("write", "EINTR", ".ndjson"), ("write", "SHORT", ".ndjson"))]
MANAGER = [f"{call}:{what}:1+3:{path}" for call, what, path in (
    ("readv", "EINTR", ""), ("readv", "SHORT", ""), ("readv", "EAGAIN", ""), ("writev", "EINTR", ""), ("writev", "SHORT", ""),
    ("epoll_wait", "EINTR", ""), ("accept4", "EINTR", ""), ("accept4", "ECONNABORTED", ""), ("pwrite", "SHORT", "inventory.db"),
    ("pwrite", "EINTR", "inventory.db"), ("pread", "SHORT", "inventory.db"), ("read", "EAGAIN", ""))]


def unwell(label, address, sensor_rules, manager_rules):
    """A sensor and its manager, either under rules; in the end the inventory is what the sensor told."""
    faults = Faults(label, *sensor_rules), Faults(label + "-manager", *manager_rules)
    manager = Manager(label + "-manager", address=address, within=faults[1].words if manager_rules else ())
    sensor = Sensor(label, manager.socket, interval=0.2, within=faults[0].words if sensor_rules else ())
    sensor.hello()
    wanted = faults[0 if sensor_rules else 1]
    times = until(MINUTES, wanted.times)
    counts = until(MINUTES, lambda: (n := sensor.counts()) and n["acked"] > 20 and n)
    status = sensor.stop()
    same = same_inventory(manager, whole_lines(sensor.report)) and not spooled(sensor.state)
    ended = manager.stop()
    said = sensor.log().count("\n") + manager.process.log().count("\n")
    if not times or not counts or counts["expired"] or status or ended or not same or said > 8:
        wrong.append((label, sensor_rules, manager_rules, times, counts, status, ended, same, sensor.log(), manager.process.log()))


def connect(address):
    s = socket.socket()
    s.settimeout(MINUTES)
    s.connect((address, 8710))
    return s


def answers(address):
    try:
        with connect(address) as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            return s.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")


begin("prlimit")
wrong = []
chatter = Chatter(gap_s=0.02)
cases = [([rule], []) for rule in SENSOR] + [([], [rule]) for rule in MANAGER]
all_of([lambda n=n, c=case: unwell(f"case{n}", f"127.0.1.{n + 1}:8710", *c) for n, case in enumerate(cases)], 6)
check(f"{len(cases)} ways in which calls fail or do less, each again and again: nothing is lost", not wrong, *wrong[:3])

# The sensor's connections find no descriptor.
manager = Manager("manager")
faults = Faults("starved", *(f"socket:EMFILE:{n}+0:" for n in range(3, 8)))
sensor = Sensor("starved", manager.socket, interval=0.2, within=faults.words)
sensor.hello()
check("no descriptor for the sensor: it tries again, and says so once", until(MINUTES, lambda: faults.times() > 0)
      and until(MINUTES, lambda: (n := sensor.counts()) and n["acked"] > 20) and sensor.log().count("Too many open files") <= 1, faults.times(), sensor.log())

# The manager has so few that its clients take them all.
few = Manager("few", address="127.0.0.3:8710", within=("prlimit", "--nofile=64:64"))
before = cpu_s(few.process.pid)
taken = [connect("127.0.0.3") for _ in range(100)]
patient = Sensor("patient", few.socket, interval=0.2)
patient.hello()
time.sleep(3)
check("no descriptor for the manager: it does not spin", cpu_s(few.process.pid) - before < 1.5, cpu_s(few.process.pid) - before)
check("no descriptor for the manager: it says so once a minute", few.process.log().count("\n") < 10, few.process.log())
for s in taken:
    s.close()
check("no descriptor for the manager: it answers when some are free", until(MINUTES, lambda: answers("127.0.0.3")))
check("no descriptor for the manager: the sensor is let in", until(MINUTES, lambda: (n := patient.counts()) and n["acked"] > 20))
chatter.stop()
for one, its in ((sensor, manager), (patient, few)):
    check(f"{one.label}: ends well", one.stop() == 0)
    check(f"{one.label}: the inventory is what was told", same_inventory(its, whole_lines(one.report)))
    check(f"{one.label}: its manager ends well", its.stop() == 0)
end()
