#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sensor is killed at each write, sync, cut and removal of a file of its spool, from opening it to closing it, and 200 times at
any time: what it had committed is there at its next start, whole, and reaches the inventory once."""
import random

from fault import *

LAG = 4  # lines between what came and what is acknowledged: so that there is something to forget, and something left


def lagging(stub, connection, number):
    """A manager that acknowledges late."""
    connection.sendall(stub.GREETING)
    unacked = []
    while stub.on:
        came = stub.read(connection)
        if came is None:
            return
        unacked += came
        if len(unacked) > LAG:
            line, unacked = unacked[-LAG - 1], unacked[-LAG:]
            stub.acknowledge(connection, line)


def is_kept(line, kept, acked):
    """Safe with the manager, on the disk, or replaced there by a newer record of its device."""
    return line.place <= acked or line in kept or (
        line.kind == "device" and any(one.key == line.key and one.place > line.place for one in kept))


def killed_at(sweep, number, least):
    """One sensor that is killed at its number-th call of the sweep's; true: it was."""
    call, ends, old, run_s = sweep
    label = f"{call}{len(ends)}{old}{run_s}-{number}"
    place = folder(label)
    if old:
        shutil.copytree(f"{work}/probe", place, dirs_exist_ok=True)
    stub = Stub(f"{label}/m.sock", lagging)
    sensor = Sensor(label, "m.sock", state=place, cwd=place,
                    within=kill_at(call, number, [f"{place}/{spool}{end}" for end in ends]))
    until(MINUTES if number <= least and run_s > 1 else run_s, lambda: sensor.poll() is not None)
    died = sensor.stop() == -signal.SIGKILL
    stub.stop()
    kept, came, acked = spooled(place), stub.lines, stub.acked
    reported = set(whole_lines(sensor.report)) | set(came) | set(before)
    missing = [line for line in came if not is_kept(line, kept, acked)]
    strange = [line for line in kept if line not in reported and line.place <= max((one.place for one in reported), default=(0, 0))]
    then = Stub(f"{label}/m.sock", prompt)
    again = Sensor(label, "m.sock", state=place, cwd=place)
    again.hello(count=1 + len(sensor.says("hello")))
    status = again.stop()
    then.stop()
    lost, after = [line for line in kept if line not in then.lines], spooled(place)
    if missing or strange or lost or after or status != 0 or glob.glob(place + "/*.bad"):
        wrong.append((label, status, missing[:2], strange[:2], lost[:2], after[:2], again.log()[-500:]))
    return died


def probe():
    """A spool as a start and an end leave it; its name is the same in all places, since the sink's is."""
    place = folder("probe")
    sensor = Sensor("probe", "m.sock", state=place, cwd=place)
    sensor.hello()
    sensor.stop()
    before.extend(whole_lines(sensor.report))
    return os.path.basename(spools(place)[0])


def killed_at_random(label, times, dice):
    """One state folder, one manager; killed again and again, and a last start that is not."""
    for _ in range(times):
        sensor = Sensor(label, manager.socket)
        time.sleep(dice.uniform(0.05, 0.6))
        sensor.stop(signal.SIGKILL)
    kept = spooled(sensor.state)
    last = Sensor(label, manager.socket)
    boots = len(last.says("hello"))
    last.hello(count=boots + 1)
    time.sleep(0.3)
    return last.stop(), last, kept


def is_whole_inventory(label, last, kept):
    """Of each boot its changes up to the last that is there, each once; and who the last, full, report lists."""
    lines = whole_lines(last.report)
    changes, records = manager.lines("change", label), manager.lines("record", label)
    boots = sorted({line.place[0] for line in lines})
    for boot in boots:
        have = [line for line in changes if line.place[0] == boot]
        said = [line for line in lines if line.kind == "change" and line.place[0] == boot]
        if have != said[: len(have)] or (boot == boots[-1] and have != said):
            return f"boot {boot}: {len(have)} changes of {len(said)}"
    if any(line.kind == "change" and line not in changes for line in kept):
        return "a change that was on the disk is missing"
    listed, _ = replay(line for line in lines if line.place[0] == boots[-1])
    return "" if records == sorted(listed.values(), key=lambda one: one.place) else "other records than the last report lists"


begin("strace")
wrong, before = [], []
spool = probe()
chatter = Chatter(gap_s=0.02)
ALL, FILE = ("", "-wal", "-shm"), ("",)
#          call, of which files, a spool that is there already, seconds until it is told to end; how often, and of these how many surely happen
SWEEPS = ((("pwrite64", ALL, False, 3), 30, 24), (("fdatasync", ALL, False, 3), 8, 6), (("pwrite64", ALL, True, 3), 40, 30),
          (("fdatasync", ALL, True, 3), 10, 6), (("pwrite64", FILE, True, 0.5), 4, 1), (("ftruncate", ALL, True, 0.5), 3, 1),
          (("unlink", ALL, True, 0.5), 3, 1))
deaths = {}
all_of([lambda s=sweep, n=n, m=m: deaths.setdefault(s, []).append(killed_at(s, n, m)) for sweep, most, m in SWEEPS for n in range(1, most + 1)], 8)
for sweep, most, least in SWEEPS:
    check(f"killed at {sum(deaths[sweep])} calls of {sweep[0]} {'over an old spool' if sweep[2] else ''}", sum(deaths[sweep]) >= least, most)
check("what came from it or was on its disk is not lost, not half, not strange, and goes out at the next start", not wrong, *wrong[:3])
manager, ended = Manager(), {}
all_of([lambda n=n: ended.update({f"random-{n}": killed_at_random(f"random-{n}", 25, random.Random(n))}) for n in range(8)], 8)
chatter.stop()
check("200 kills at any time", len(ended) == 8)
for label, (status, last, kept) in sorted(ended.items()):
    trouble = is_whole_inventory(label, last, kept)
    check(f"{label}: the inventory has all that was committed, once", status == 0 and not trouble, status, trouble)
    check(f"{label}: nothing is left on the disk", not spooled(last.state))
check("the manager ends well", manager.stop() == 0)
check("no spool was broken", not glob.glob(f"{work}/**/*.bad", recursive=True))
end()
