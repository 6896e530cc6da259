"""The deliveries of events, durable: queued with the event, tried again until they are taken or given up."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.faults import Fault, Faults
from sandbox.store import Row, Store

RETRY_DELAYS_S = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)
REORDER_DELAY_S = 2.0
_COLUMNS = "id, event, status, attempts, next_attempt, last_status, last_error"


@dataclass(frozen=True)
class Delivery:
    """One event on its way. `status` is pending, sending, delivered, failed (given up) or lost (by a fault)."""

    id: int
    event: str
    status: str
    attempts: int
    next_attempt: float
    last_status: int | None
    last_error: str

    @classmethod
    def read(cls, row: Row) -> Delivery:
        number, event, status, attempts, next_attempt, last_status, last_error = row
        return cls(
            id=int(str(number)),
            event=str(event),
            status=str(status),
            attempts=int(str(attempts)),
            next_attempt=float(str(next_attempt)),
            last_status=last_status if isinstance(last_status, int) else None,
            last_error=str(last_error),
        )


class Deliveries:
    """All deliveries. Nothing is queued while no webhook URL is set."""

    def __init__(self, store: Store, clock: Clock, faults: Faults, enabled: bool) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._enabled = enabled
        self.changed = threading.Condition()
        store.execute("UPDATE deliveries SET status = 'pending' WHERE status = 'sending'")

    def queue(self, event_id: str, event_type: str) -> None:
        """Deliver an event, unless a fault loses, doubles, delays or reorders it."""
        if not self._enabled:
            return
        fault = self._faults.take_for_webhook(event_type)
        status, delay = _fate(fault)
        for _ in range(2 if fault and fault.do == "double" else 1):
            self.add(event_id, status, delay)

    def add(self, event_id: str, status: str = "pending", delay_s: float = 0.0) -> int:
        """Put one delivery on the list."""
        return self._store.insert(
            "INSERT INTO deliveries (event, status, attempts, next_attempt, last_error) VALUES (?, ?, 0, ?, '')",
            (event_id, status, self._clock.exact() + delay_s),
        )

    def wake(self) -> None:
        """Tell the couriers that there may be something to deliver."""
        with self.changed:
            self.changed.notify_all()

    def claim(self) -> Delivery | None:
        """The delivery that has waited longest, marked as being sent."""
        with self._store.exclusive():
            row = self._store.row(
                f"SELECT {_COLUMNS} FROM deliveries WHERE status = 'pending' AND next_attempt <= ? "
                "ORDER BY next_attempt, id LIMIT 1",
                (self._clock.exact(),),
            )
            if row is None:
                return None
            delivery = Delivery.read(row)
            self._store.execute("UPDATE deliveries SET status = 'sending' WHERE id = ?", (delivery.id,))
            return delivery

    def settle(self, delivery: Delivery, status: int | None, error: str) -> None:
        """Record an attempt: 2xx is taken; anything else is tried again later, and at last given up."""
        attempts = delivery.attempts + 1
        taken = status is not None and 200 <= status < 300
        given_up = attempts > len(RETRY_DELAYS_S)
        outcome = "delivered" if taken else "failed" if given_up else "pending"
        delay = 0.0 if taken or given_up else RETRY_DELAYS_S[attempts - 1]
        self._store.execute(
            "UPDATE deliveries SET status = ?, attempts = ?, next_attempt = ?, last_status = ?, last_error = ? "
            "WHERE id = ?",
            (outcome, attempts, self._clock.exact() + delay, status, error, delivery.id),
        )

    def wait_s(self, at_most: float) -> float:
        """Seconds until the next delivery is due."""
        row = self._store.row("SELECT min(next_attempt) FROM deliveries WHERE status = 'pending'")
        due = row[0] if row else None
        return at_most if not isinstance(due, float) else min(at_most, max(0.0, due - self._clock.exact()))

    def newest(self, limit: int = 100) -> list[Delivery]:
        """The latest deliveries, newest first."""
        rows = self._store.rows(f"SELECT {_COLUMNS} FROM deliveries ORDER BY id DESC LIMIT ?", (limit,))
        return [Delivery.read(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many deliveries there are in each status."""
        rows = self._store.rows("SELECT status, count(*) FROM deliveries GROUP BY status ORDER BY status")
        return {str(status): int(str(count)) for status, count in rows}

    def undelivered(self, event_ids: Sequence[str]) -> frozenset[str]:
        """Which of the events the webhook endpoint has not taken: those on their way, given up or lost."""
        marks = ", ".join("?" * len(event_ids))
        rows = self._store.rows(
            f"SELECT event FROM deliveries WHERE status <> 'delivered' AND event IN ({marks})", tuple(event_ids)
        )
        return frozenset(str(event) for (event,) in rows)


def _fate(fault: Fault | None) -> tuple[str, float]:
    if fault is None or fault.do == "double":
        return "pending", 0.0
    if fault.do == "lose":
        return "lost", 0.0
    return "pending", fault.delay_s or REORDER_DELAY_S
