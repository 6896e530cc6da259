"""`python -m tests.faults.processes`: the part of `make chaos` that kills real processes.

SEED gives the people and the weather of an earlier run; which call comes first to a crash point is left to the machine.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from pathlib import Path

from tests.faults.processes.campaign import Outcome, run_campaign
from tests.faults.processes.crash_points import IN_A_MANUAL_SHOP, IN_AN_AUTOMATIC_SHOP
from tests.faults.processes.patience import wait_out_a_real_lease
from tests.faults.processes.town import forget, running_town


def main() -> int:
    """0 when no promise was broken and every crash point was reached."""
    seed = int(os.environ.get("SEED") or secrets.randbelow(10**6))
    _say(f"seed {seed}")
    state = Path(tempfile.mkdtemp(prefix="tillgate-chaos-"))
    _say(f"logs and books lie in {state}, and are kept if anything goes wrong")
    outcome = _run(state, seed)
    if not outcome.violations:
        forget(state, "patient", "automatic", "manual")
    for violation in outcome.violations:
        _say(f"VIOLATION {violation}")
    print(f"processes: 1 schedules, {outcome.kills} kills, {len(outcome.violations)} violations", flush=True)
    return 1 if outcome.violations else 0


def _run(state: Path, seed: int) -> Outcome:
    with running_town(state / "patient", say=_say, wrapped=False) as town:
        outcome = Outcome(kills=1, violations=wait_out_a_real_lease(town, say=_say))
    for capture_method, points in (("automatic", IN_AN_AUTOMATIC_SHOP), ("manual", IN_A_MANUAL_SHOP)):
        settings = {"CAPTURE_METHOD": capture_method, "ORDER_EXPIRES_AFTER_MINUTES": "1"}
        with running_town(state / capture_method, say=_say, short=True, workers=2, settings=settings) as town:
            outcome += run_campaign(town, seed, say=_say, points=points)
    return outcome


def _say(line: str) -> None:
    print(f"processes: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
