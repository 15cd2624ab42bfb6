#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""fsync says EIO: what it was to make safe is taken for lost. The sensor counts it, the manager acknowledges nothing."""
from fault import *


def sensor_fails(when):
    """Returns what it counted."""
    label = f"eio-{when}"
    place = folder(label)
    shutil.copytree(f"{work}/probe", place, dirs_exist_ok=True)
    stub = Stub(f"{label}/m.sock", prompt)
    faults = Faults(label, f"fdatasync:EIO:{when}:/spool-")
    sensor = Sensor(label, "m.sock", state=place, cwd=place, interval=0.2, within=faults.words)
    sensor.hello()
    until(MINUTES, faults.times)
    counts = sensor.later_counts()
    status = sensor.stop()
    stub.stop()
    said = set(whole_lines(sensor.report))
    lost = len(said - set(stub.lines))
    check(f"sync {when}: what was in the batch counts as lost, and is not sent", lost > 0 and counts and counts["errors"] > 0
          and ("+" in when or is_counted(said, set(stub.lines), counts)), counts, lost, faults.times())
    check(f"sync {when}: it goes on", status == 0 and set(spooled(place)) <= (set(stub.lines) if "+" in when else set()), status, sensor.log())
    check(f"sync {when}: nothing is told that was not", set(stub.lines) - old <= said)
    check(f"sync {when}: one line says so", sensor.log().count("cannot write the spool") == 1, sensor.log())


begin()
probe = Sensor("probe", "m.sock", state=folder("probe"), cwd=folder("probe"))
probe.hello()
probe.stop()
old = set(whole_lines(probe.report))
chatter = Chatter(gap_s=0.02)
all_of([lambda w=w: sensor_fails(w) for w in ("2", "3", "5", "4+3")], 4)

manager = Manager("manager")
manager.stop()
manager = Manager("manager", within=Faults("manager", "fdatasync:EIO:3+4:inventory.db-wal").words)
sensor = Sensor("sensor", manager.socket, interval=0.3)
sensor.hello()
check("manager: said", until(MINUTES, lambda: "cannot write the inventory" in manager.process.log()), manager.process.log())
time.sleep(5)
chatter.stop()
account = until(MINUTES, lambda: (a := sensor.account()) and a["spooled"] < 5 and a)
check("manager: all arrives in the end, and nothing was given up", account and account["expired"] == 0, account, sensor.gauges().get("gauges"))
check("manager: it sent the sensor away for it", account and account["errors"] > 0, account)
status = sensor.stop()
check("manager: the inventory is what was told", status == 0 and (same_inventory(manager, whole_lines(sensor.report)) or spooled(sensor.state)), status)
manager.stop(signal.SIGKILL)
manager = Manager("manager")
again = Sensor("sensor", manager.socket)
again.hello(count=2)
check("manager: and what was left goes to the next", again.stop() == 0 and not spooled(again.state))
lines = whole_lines(again.report)
check("manager: once", manager.lines("change") == [line for line in lines if line.kind == "change"])
check("manager: ends well", manager.stop() == 0)
end()
