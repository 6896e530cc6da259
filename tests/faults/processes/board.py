"""How the harness and the processes speak of crash points: by files, which outlive any kill.

The harness arms a point; the first call there that shows the text asked for takes the file away, says which process it
is, and stands still until it is killed or let go.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.processes.point import CrashPoint

BETWEEN_LOOKS_S = 0.02
STANDS_AT_MOST_S = 120.0  # whoever is forgotten here goes on


@dataclass(frozen=True)
class Board:
    """A folder that the harness and the processes share."""

    folder: Path

    def arm(self, point: CrashPoint, showing: str = "") -> None:
        """Stop the next call at `point` that shows this text, or else the point's own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._reached(point).unlink(missing_ok=True)
        self._armed(point).write_text(showing or point.showing)

    def disarm(self, point: CrashPoint) -> None:
        self._armed(point).unlink(missing_ok=True)

    def reached(self, point: CrashPoint) -> int | None:
        """The process that stands still at `point`, if one does."""
        try:
            return int(self._reached(point).read_text())
        except FileNotFoundError:
            return None

    def let_go(self, point: CrashPoint) -> None:
        """Whoever stands still at `point` goes on."""
        self._reached(point).unlink(missing_ok=True)

    def pass_by(self, point: CrashPoint, shown: str) -> None:
        """Called by the process: stand still here if the point is armed for this call, and nobody was quicker."""
        try:
            if self._armed(point).read_text() not in shown:
                return
            claimed = self.folder / f"{point.slug}.{os.getpid()}"
            self._armed(point).rename(claimed)
        except FileNotFoundError:
            return
        claimed.write_text(str(os.getpid()))
        claimed.rename(self._reached(point))
        deadline = time.monotonic() + STANDS_AT_MOST_S
        while self._reached(point).exists() and time.monotonic() < deadline:
            time.sleep(BETWEEN_LOOKS_S)

    def _armed(self, point: CrashPoint) -> Path:
        return self.folder / f"{point.slug}.armed"

    def _reached(self, point: CrashPoint) -> Path:
        return self.folder / f"{point.slug}.reached"
