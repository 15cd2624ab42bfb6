#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manager is away while a live sensor watches 10,000 devices come and go; it comes back, and its inventory is to the byte that of
a manager which the same sensor reported to all the while."""
from fault import *

COUNT = 10000

begin()
away, there = Manager("away"), Manager("there", address="127.0.0.2:8710")
sensor = Sensor("sensor", [away.socket, there.socket], interval=1)
sensor.hello()
announce(1, 1000, gap_s=0.0003)
check("before, it arrives", until(MINUTES, lambda: len(away.lines("record")) >= 1000))
stopped = away.stop(signal.SIGKILL)
began = time.monotonic()
announce(1001, COUNT - 1000, gap_s=0.0004)
for _ in range(3):  # some come back
    announce(1, 500, gap_s=0.0004)
    time.sleep(1)
counts = until(MINUTES, lambda: (n := sensor.counts()) and n["spooled"] >= COUNT - 1000 and n)
check(f"away for {time.monotonic() - began:.0f} s: it waits on the disk, and newer records replace older ones", counts and counts["coalesced"] > 0
      and counts["expired"] == 0, sensor.counts())
away.start()
check("it is back: all is delivered", until(MINUTES, lambda: (n := sensor.counts()) and n["spooled"] < 20), sensor.counts())
announce(COUNT + 1, 200, gap_s=0.001)
status = sensor.stop()
check("the sensor ends well, and nothing is left on its disk", status == 0 and not spooled(sensor.state), status)
one, other = away.export(), there.export()
check(f"the inventories of {COUNT + 200} devices are the same, to the byte", one == other and len(one) > COUNT * 1000, len(one), len(other))
check("and what the sensor's own report says", same_inventory(away, whole_lines(sensor.report)))
check("no manager refused a line", not sum(n for (n,) in away.database().execute("SELECT COUNT(*) FROM aside")))
check("both end well", away.stop() == 0 and there.stop() == 0)
end()
