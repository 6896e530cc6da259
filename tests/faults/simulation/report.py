from __future__ import annotations

from tests.faults.simulation.running import Told


def described(told: Told) -> str:
    """A schedule, so that a person can read and replay it; a broken one was made as short as it still breaks."""
    lines = [
        f"\n--- SEED={told['seed']}, {len(told['steps'])} steps, {len(told['violations'])} promises broken",
        *(f"  ! {violation}" for violation in told["violations"]),
        *(f"  {line}" for line in told["story"]),
        f"again: make chaos SEED={told['seed']} SCHEDULES=1",
    ]
    return "\n".join(lines)
