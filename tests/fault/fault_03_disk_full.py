#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The disk of the spool is full, and freed; each write fails once; the manager's disk is full. Capture goes on, what is given up is
counted to the line, and all recovers by itself."""
from fault import *

LEAST = 20  # writes of a spool that are surely come to


def fails_once(number):
    """A sensor over an old spool of which one write finds no room."""
    label = f"enospc-{number}"
    place = folder(label)
    shutil.copytree(f"{work}/probe", place, dirs_exist_ok=True)
    stub = Stub(f"{label}/m.sock", prompt)
    faults = Faults(label, f"pwrite:ENOSPC:{number}:/spool-")
    sensor = Sensor(label, "m.sock", state=place, cwd=place, interval=0.2, within=faults.words)
    sensor.hello()
    reached = until(MINUTES if number <= LEAST else 5, faults.times)
    counts = sensor.later_counts()
    status = sensor.stop()
    stub.stop()
    said, came = set(whole_lines(sensor.report)), set(stub.lines)
    seen.append(bool(reached))
    if "cannot open the spool" in sensor.log():  # it does not begin, says so, and nothing is gone
        if status != 1 or spooled(place) != left:
            wrong.append((label, status, spooled(place)))
    elif status or not is_counted(said, came, counts) or not came - old <= said or spooled(place) or glob.glob(place + "/*.bad"):
        wrong.append((label, status, counts, len(came - said), len(said - came), sensor.log()))


begin("mount")
wrong, seen = [], []

# One MiB, and some 5 MiB of reports.
state = folder("state-small")
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "none", state], check=True)
manager = Manager(start=False)
small = Sensor("small", manager.socket, state=state, interval=1)
small.hello()
announce(1, 4000, gap_s=0.0002)
check("full: what does not fit is given up and counted", until(MINUTES, lambda: (small.account() or {"expired": 0})["expired"] > 100), small.gauges())
announce(5001, 10)
check("full: capture goes on", until(MINUTES, lambda: any(line.key[1] == "02:00:00:00:13:92" for line in small.says("device"))))
check("full: each line is accounted for", until(MINUTES, small.account), small.gauges())
check("full: said once a minute", 1 <= small.log().count("cannot write the spool") <= 2, small.log())
subprocess.run(["mount", "-o", "remount,size=64m", state], check=True)
manager.start()
announce(6001, 10)
found = until(MINUTES, lambda: any(line.key[1] == "02:00:00:00:17:7a" for line in manager.lines("record")))
check("freed: what comes then arrives", found)
account = until(MINUTES, lambda: (a := small.account()) and a["spooled"] < 5 and a)
check("freed: each line is accounted for", account, small.gauges())
check("freed: the sensor ends well", small.stop() == 0)
records, changes = replay(whole_lines(small.report))
kept = manager.lines("change")
check("freed: the last report names them all", manager.lines("record") == sorted(records.values(), key=lambda line: line.place))
check("freed: of the changes only so many are missing as were given up",
      set(kept) <= set(changes) and 0 <= len(changes) - len(kept) <= account["expired"], len(changes), len(kept), account)
manager.stop()

# Each write of the spool once.
probe = Sensor("probe", "m.sock", state=folder("probe"), cwd=folder("probe"))
probe.hello()
probe.stop()
old, left = set(whole_lines(probe.report)), spooled(probe.state)
chatter = Chatter(gap_s=0.02)
all_of([lambda n=n: fails_once(n) for n in range(1, 31)], 6)
chatter.stop()
check(f"{sum(seen)} of 30 writes without room: counted, and over with the next", sum(seen) >= LEAST and not wrong, *wrong[:2])

# The manager's disk.
full = Manager("full", address="127.0.0.2:8710", start=False)
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k,mode=777", "none", full.place], check=True)
full.start()
sensor = Sensor("patient", full.socket, interval=0.5)
sensor.hello()
announce(1, 1500, gap_s=0.0002)
check("manager's disk full: said", until(MINUTES, lambda: "cannot write the inventory" in full.process.log()))
check("manager's disk full: the sensor keeps what was not acknowledged", until(MINUTES, lambda: (sensor.account() or {"spooled": 0})["spooled"] > 100))
subprocess.run(["mount", "-o", "remount,size=64m", full.place], check=True)
check("manager's disk freed: it takes all", until(MINUTES, lambda: (a := sensor.account()) and a["spooled"] < 5))
account = until(MINUTES, sensor.account)
check("manager's disk freed: nothing was given up", account and account["expired"] == 0, account)
check("manager's disk freed: the sensor ends well", sensor.stop() == 0)
check("manager's disk freed: the inventory is what was told", same_inventory(full, whole_lines(sensor.report)))
check("manager's disk freed: it ends well, having said little", full.stop() == 0 and full.process.log().count("\n") < 8, full.process.log())
end()
