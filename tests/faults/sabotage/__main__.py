"""`python -m tests.faults.sabotage [NAME...]`: each sabotage must be caught within SCHEDULES schedules from SEED on.

The same schedules must find nothing in the tree as it is: else nothing would be proven.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.faults.sabotage.catalog import SABOTAGES
from tests.faults.sabotage.sabotage import ROOT, NotSabotaged, Sabotage, sabotaged

SEED = 1
SCHEDULES = 400
_FOUND = re.compile(r"^--- SEED=(?P<seed>\d+),.*\n  ! (?P<violation>.*)", re.MULTILINE)
_NO_CODE = re.compile("(Name|Attribute|Import|Syntax|Type)Error")  # a patch that does not fit, and breaks nothing


@dataclass(frozen=True)
class Finding:
    """`schedules` is how many it took; `told` is the seed and the first promise that it breaks."""

    schedules: int
    told: str


def main() -> int:
    wanted = [s for s in SABOTAGES if s.name in sys.argv[1:] or not sys.argv[1:]]
    findings = [_finding(sabotage) for sabotage in wanted]
    needed = max((finding.schedules for finding in findings if finding), default=0)
    alarm = _run(ROOT, needed)
    if alarm:
        print(f"FALSE   the tree as it is breaks a promise too: {alarm.told}", flush=True)
    caught = sum(1 for finding in findings if finding)
    print(f"sabotage: {len(wanted)} sabotages, {caught} caught, {'a' if alarm else 'no'} false alarm", flush=True)
    return 0 if caught == len(wanted) and not alarm else 1


def _finding(sabotage: Sabotage) -> Finding | None:
    try:
        with sabotaged(sabotage) as tree:
            finding = _run(tree, SCHEDULES)
    except NotSabotaged as error:
        finding = None
        print(error, flush=True)
    told = finding.told if finding else f"nobody noticed that {sabotage.breaks}"
    print(f"{'caught' if finding else 'MISSED':7} {sabotage.name}: {told}", flush=True)
    return finding


def _run(tree: Path, schedules: int) -> Finding | None:
    """What the simulation first says about this tree in so many schedules. Raises NotSabotaged if it does not run."""
    environment = {**os.environ, "SEED": str(SEED), "SCHEDULES": str(schedules)}
    command = [sys.executable, "-m", "tests.faults.simulation", "--until-broken"]
    run = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    found = _FOUND.search(run.stdout)
    if run.returncode and (not found or _NO_CODE.search(found["violation"])):
        raise NotSabotaged(f"the tree does not run:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    if not found:
        return None
    return Finding(int(found["seed"]) - SEED + 1, f"SEED={found['seed']} {found['violation']}")


if __name__ == "__main__":
    sys.exit(main())
