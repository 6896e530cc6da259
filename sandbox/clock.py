"""The sandbox's time: the real one, plus what the control API has skipped. The skip outlives a restart."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

from sandbox.store import Store

SKIPPED = "skipped_seconds"


class Clock:
    """Seconds since the epoch, UTC."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._skipped = store.number(SKIPPED)

    def now(self) -> int:
        """Whole seconds, as objects show them."""
        return int(self.exact())

    def exact(self) -> float:
        """With fractions, for what is due when."""
        return time.time() + self._skipped

    def real(self) -> float:
        """The true time, which signatures carry whatever was skipped."""
        return time.time()

    def today(self) -> date:
        return datetime.fromtimestamp(self.now(), UTC).date()

    def advance(self, seconds: int) -> None:
        """Move time forward, for good."""
        self._store.add_to_number(SKIPPED, seconds)
        self._skipped += seconds
