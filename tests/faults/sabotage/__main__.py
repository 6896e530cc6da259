"""`python -m tests.faults.sabotage [NAME...]`: each sabotage must be caught within SCHEDULES schedules from SEED on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.sabotage.catalog import SABOTAGES
from tests.faults.sabotage.sabotage import NotSabotaged, Sabotage, sabotaged

SEED = 1
SCHEDULES = 400


def main() -> int:
    wanted = [s for s in SABOTAGES if s.name in sys.argv[1:] or not sys.argv[1:]]
    missed = [sabotage.name for sabotage in wanted if not _is_caught(sabotage)]
    told = f", missed: {', '.join(missed)}" if missed else ""
    print(f"sabotage: {len(wanted)} sabotages, {len(wanted) - len(missed)} caught{told}", flush=True)
    return 1 if missed else 0


def _is_caught(sabotage: Sabotage) -> bool:
    try:
        with sabotaged(sabotage) as tree:
            caught_by = _first_violation(tree)
    except NotSabotaged as error:
        caught_by = ""
        print(error, flush=True)
    print(f"{'caught' if caught_by else 'MISSED':7} {sabotage.name}: {caught_by or sabotage.breaks}", flush=True)
    return bool(caught_by)


def _first_violation(tree: Path) -> str:
    """What the simulation says first about this tree; empty when it finds nothing."""
    environment = {**os.environ, "SEED": str(SEED), "SCHEDULES": str(SCHEDULES)}
    command = [sys.executable, "-m", "tests.faults.simulation", "--until-broken"]
    run = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    violations = [line.strip() for line in run.stdout.splitlines() if line.startswith("  ! ")]
    if run.returncode and not violations:
        raise NotSabotaged(f"the sabotaged tree does not run:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    seed = next((line.split()[1].rstrip(",") for line in run.stdout.splitlines() if line.startswith("--- ")), "")
    return f"{seed} {violations[0][2:]}" if violations else ""


if __name__ == "__main__":
    sys.exit(main())
