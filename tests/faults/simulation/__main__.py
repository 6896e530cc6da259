"""`python -m tests.faults.simulation`: run SCHEDULES schedules from SEED on, on two processes.

The server of DATABASE_URL must let us create databases. The last line tells the totals. With `--until-broken` the
first schedule that breaks a promise ends the run, told as it is.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

from tests.faults.simulation.databases import databases
from tests.faults.simulation.report import described
from tests.faults.simulation.running import run_all

PROCESSES = 2
DEFAULT_SCHEDULES = 2000
SHOWN = 5


def main() -> int:
    count = int(os.environ.get("SCHEDULES", DEFAULT_SCHEDULES))
    first = int(os.environ.get("SEED", random.randrange(10**9)))
    until_broken = "--until-broken" in sys.argv
    print(f"simulation: {count} schedules from SEED={first} on", flush=True)
    started = time.monotonic()
    done = kills = failed = 0
    with databases(min(PROCESSES, count)) as names:
        for told in run_all(names, first, count, shorten=not until_broken):
            done, kills, failed = done + 1, kills + told["kills"], failed + bool(told["violations"])
            if count == 1 or (told["violations"] and failed <= SHOWN):
                print(described(told), flush=True)
            if failed and until_broken:
                break
    print(f"simulation: took {time.monotonic() - started:.0f} s", flush=True)
    print(f"simulation: {done} schedules, {kills} kills, {failed} violations", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that our databases go
    sys.exit(main())
