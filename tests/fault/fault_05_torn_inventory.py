#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manager's last writes are torn: its log is cut, or has a byte changed, anywhere in its last pages. It opens, with the commits
before the damage and nothing of the damaged ones, and takes the rest again. (The spool's: test_spool.c, fault_05_torn_spool.)"""
from fault import *


def opens(number, at, is_cut):
    """The inventory with its log damaged there."""
    label, address = f"torn{number}", f"127.0.2.{number + 1}:8710"
    manager = Manager(label, address=address, start=False)
    for name in ("inventory.db", "inventory.db-wal", "tokens"):
        shutil.copy(f"{work}/dead/{name}", manager.place)
    with open(f"{manager.place}/inventory.db-wal", "r+b") as f:
        if is_cut:
            f.truncate(at)
        else:
            f.seek(at)
            byte = f.read(1)[0]
            f.seek(at)
            f.write(bytes([byte ^ (1 + at % 255)]))
    manager.start()
    changes, records = manager.lines("change"), manager.lines("record")
    with manager.database() as db:
        sound = db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    intact = changes == all_changes[: len(changes)] and set(records) <= told
    again = Sensor(label, manager.socket, state=shutil.copytree(sensor.state, f"{work}/state-{label}"), sensor="sensor")
    again.hello()
    ended = again.stop(), manager.stop()
    seen.append(len(changes))
    if not sound or not intact or ended != (0, 0):
        wrong.append((label, at, is_cut, sound, intact, ended, manager.process.log()))


begin()
wrong, seen = [], []
manager = Manager("dead")
sensor = Sensor("sensor", manager.socket, interval=0.2)
sensor.hello()
for n in range(40):  # many commits
    announce(1 + 5 * n, 5, gap_s=0.01)
until(MINUTES, lambda: len(manager.lines("record")) >= 200)
until(MINUTES, lambda: set(manager.lines("record") + manager.lines("change")) <= set(whole_lines(sensor.report)))
sensor.stop(signal.SIGKILL)
manager.stop(signal.SIGKILL)
size = os.path.getsize(f"{manager.place}/inventory.db-wal")
told = set(whole_lines(sensor.report))
whole = Manager("whole", address="127.0.0.2:8710", start=False)
for name in ("inventory.db", "inventory.db-wal", "tokens"):
    shutil.copy(f"{work}/dead/{name}", whole.place)
whole.start()
all_changes = whole.lines("change")
whole.stop()
places = [(size - 1 - (n * 8 * 4120) // 20, n % 2 == 0) for n in range(20)]
all_of([lambda n=n, p=place: opens(n, *p) for n, place in enumerate(places)], 4)
check(f"{len(seen)} damages in the last 8 pages of a log of {size // 1024} KiB: what was committed before is there, whole", len(seen) == 20 and not wrong, *wrong[:2])
check("and a damage costs what it hit", min(seen) < len(all_changes) and min(seen) > len(all_changes) // 2, sorted(seen), len(all_changes))
end()
