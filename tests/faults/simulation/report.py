from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.faults.simulation.running import Told

PROGRESS_EVERY_S = 30.0


@dataclass
class Tally:
    """What became of `count` schedules so far."""

    count: int
    done: int = 0
    kills: int = 0
    failed: int = 0
    _started: float = field(default_factory=time.monotonic)
    _said_at: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        return f"{self.done} schedules, {self.kills} kills, {self.failed} violations"

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def add(self, told: Told) -> None:
        self.done += 1
        self.kills += told["kills"]
        self.failed += bool(told["violations"])

    def progress(self) -> str:
        """How far it is, every so often; else nothing."""
        if time.monotonic() - self._said_at < PROGRESS_EVERY_S:
            return ""
        self._said_at = time.monotonic()
        return f"{self}, {self.count - self.done} to go, {self.done / self.seconds:.1f} a second"


def described(told: Told) -> str:
    """A schedule, so that a person can read and replay it; a broken one was made as short as it still breaks."""
    lines = [
        f"\n--- SEED={told['seed']}, {len(told['steps'])} steps, {len(told['violations'])} promises broken",
        *(f"  ! {violation}" for violation in told["violations"]),
        *(f"  {line}" for line in told["story"]),
        f"again: make chaos SEED={told['seed']} SCHEDULES=1",
    ]
    return "\n".join(lines)
