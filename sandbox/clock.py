"""The sandbox's time: the real one, plus what the control API has skipped."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime


class Clock:
    """Whole seconds since the epoch, UTC, moved forward by `skipped` seconds (durable in the store)."""

    def __init__(self, skipped: Callable[[], int]) -> None:
        self._skipped = skipped

    def now(self) -> int:
        return int(time.time()) + self._skipped()

    def today(self) -> date:
        return datetime.fromtimestamp(self.now(), UTC).date()
