"""`python -m tests.faults.simulation`: run SCHEDULES schedules from SEED on, on as many processes as there are cores.

The server of DATABASE_URL must let us create databases. The last line tells the totals, of a run that was stopped too.
With `--until-broken` the first schedule that breaks a promise ends the run, told as it is.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from types import FrameType

from tests.faults.simulation.databases import databases
from tests.faults.simulation.report import Tally, described
from tests.faults.simulation.running import run_all

DEFAULT_SCHEDULES = 2000
SHOWN = 5
STOPS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """Someone pressed Ctrl-C, or a signal meant the same."""


def main() -> int:
    count = int(os.environ.get("SCHEDULES", DEFAULT_SCHEDULES))
    first = int(os.environ.get("SEED", random.randrange(10**9)))
    tally = Tally(count)
    for stop in STOPS:
        signal.signal(stop, _stop)
    print(f"simulation: {count} schedules from SEED={first} on", flush=True)
    try:
        _run(tally, first, until_broken="--until-broken" in sys.argv)
        print(f"simulation: took {tally.seconds:.0f} s", flush=True)
    except Stopped:
        print(f"simulation: stopped after {tally.seconds:.0f} s", flush=True)
    print(f"simulation: {tally}", flush=True)
    return 1 if tally.failed or tally.done < count else 0


def _run(tally: Tally, first: int, *, until_broken: bool) -> None:
    with databases(min(os.cpu_count() or 1, tally.count)) as names:
        for told in run_all(names, first, tally.count, shorten=not until_broken):
            tally.add(told)
            if tally.count == 1 or (told["violations"] and tally.failed <= SHOWN):
                print(described(told), flush=True)
            if tally.failed and until_broken:
                break
            if progress := tally.progress():
                print(f"simulation: {progress}", flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    """Unwind once, so that our databases go; that is not interrupted."""
    for stop in STOPS:
        signal.signal(stop, signal.SIG_IGN)
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
