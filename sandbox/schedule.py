"""What Stripe does later by itself: settling a charge, finishing a refund, letting an authorization expire."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.store import Store


@dataclass(frozen=True)
class Task:
    """One thing to do for one object once its time has come."""

    id: int
    action: str
    object_id: str


class Schedule:
    """A durable list of tasks, in the same transactions as the objects they belong to."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.changed = threading.Event()

    def add(self, action: str, object_id: str, after_s: float) -> None:
        """Do `action` for the object when `after_s` seconds have passed."""
        due = self._clock.exact() + after_s
        self._store.execute("INSERT INTO tasks (due, action, object_id) VALUES (?, ?, ?)", (due, action, object_id))
        self.changed.set()

    def drop(self, action: str, object_id: str) -> None:
        """Never mind: something else has settled it."""
        self._store.execute("DELETE FROM tasks WHERE action = ? AND object_id = ?", (action, object_id))

    def next_due(self) -> Task | None:
        """The task that has waited longest, if one is due."""
        row = self._store.row(
            "SELECT id, action, object_id FROM tasks WHERE due <= ? ORDER BY due, id LIMIT 1", (self._clock.exact(),)
        )
        return Task(int(str(row[0])), str(row[1]), str(row[2])) if row else None

    def done(self, task: Task) -> None:
        """Take the task off the list."""
        self._store.execute("DELETE FROM tasks WHERE id = ?", (task.id,))

    def wait_s(self, at_most: float) -> float:
        """Seconds until the next task is due."""
        row = self._store.row("SELECT min(due) FROM tasks")
        due = row[0] if row else None
        return at_most if not isinstance(due, float) else min(at_most, max(0.0, due - self._clock.exact()))
