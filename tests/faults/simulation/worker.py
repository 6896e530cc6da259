"""`python -m tests.faults.simulation.worker DATABASE FIRST:STOP:STEP`: run these seeds, one JSON line for each.

A schedule that breaks a promise is made shorter, unless a fourth argument says to tell it as it is.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from tests.faults.simulation.setup import set_up

MOST_SHORTENED = 3  # many broken schedules have one cause


def main() -> None:
    name, seeds, *as_it_is = sys.argv[1:]
    set_up(name)
    from tests.faults.simulation.schedule import draw, run, shrink

    failed = 0
    for seed in range(*map(int, seeds.split(":"))):
        result = run(seed, draw(seed))
        if result.violations and not as_it_is and failed < MOST_SHORTENED:
            failed += 1
            result = shrink(result)
        print(json.dumps(asdict(result)), flush=True)


if __name__ == "__main__":
    main()
