"""Faults that the control API asks for: what goes wrong, where, when, and how often."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase

from sandbox.store import Store, to_text

WHEN = ("before", "after")
WEBHOOK_KINDS = ("lose", "double", "delay", "reorder")


class InvalidFault(Exception):
    """The control API was asked for a fault that makes no sense; the message says why."""


@dataclass(frozen=True)
class Fault:
    """One fault. For the API: hold, slow down, answer `status` or drop, before or after the work. Webhooks: `do`."""

    on: str
    when: str = "after"
    times: int = 1
    hold_s: float = 0.0
    slow_s: float = 0.0
    status: int = 0
    retry_after_s: int = 0
    drop: bool = False
    do: str = ""
    delay_s: float = 0.0
    id: int = 0

    @classmethod
    def read(cls, sent: object) -> Fault:
        """A fault from the control API's JSON."""
        if not isinstance(sent, Mapping):
            raise InvalidFault("A fault is a JSON object.")
        unknown = sorted(set(sent) - {name for name in cls.__dataclass_fields__ if name != "id"})
        if unknown:
            raise InvalidFault(f"Unknown fields: {', '.join(unknown)}.")
        try:
            fault = cls(**sent)
        except TypeError as error:
            raise InvalidFault("A fault needs `on`: an endpoint's name, or `webhooks`.") from error
        fault.check()
        return fault

    def check(self) -> None:
        """Refuse what cannot be carried out."""
        if self.when not in WHEN:
            raise InvalidFault("`when` is `before` or `after`.")
        if self.on_webhooks != bool(self.do):
            raise InvalidFault(f"Webhooks, and only they, take `do`: one of {', '.join(WEBHOOK_KINDS)}.")
        if self.do and self.do not in WEBHOOK_KINDS:
            raise InvalidFault(f"`do` is one of {', '.join(WEBHOOK_KINDS)}.")
        if self.status and self.status not in (409, 429, 500, 502, 503):
            raise InvalidFault("`status` is one of 409, 429, 500, 502, 503.")
        if self.times < 1:
            raise InvalidFault("`times` is at least 1.")

    @property
    def on_webhooks(self) -> bool:
        return self.on == "webhooks" or self.on.startswith("webhooks.")

    def document(self) -> dict[str, object]:
        return asdict(self)


class Faults:
    """The faults that still wait, oldest first; durable, and kept in memory too since every request asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting = [
            replace(Fault(**json.loads(str(body))), id=int(str(number)))
            for number, body in store.rows("SELECT id, body FROM faults ORDER BY id")
        ]

    def waiting(self) -> list[Fault]:
        """All faults that have not been used up."""
        return list(self._waiting)

    def add(self, fault: Fault) -> Fault:
        """Arm a fault."""
        with self._store.exclusive():
            number = self._store.insert("INSERT INTO faults (body) VALUES (?)", (to_text(fault.document()),))
            armed = replace(fault, id=number)
            self._waiting.append(armed)
        return armed

    def clear(self) -> None:
        """Disarm all."""
        with self._store.exclusive():
            self._store.execute("DELETE FROM faults")
            self._waiting.clear()

    def take(self, on: str, when: str) -> Fault | None:
        """The first fault that fits, one use of it spent."""
        if not self._waiting:
            return None
        with self._store.exclusive():
            for number, fault in enumerate(self._waiting):
                if fault.when == when and fnmatchcase(on, fault.on):
                    return self._spend(number)
        return None

    def take_for_webhook(self, event_type: str) -> Fault | None:
        """The first fault for an event of this type: `webhooks` means any, `webhooks.charge.*` some."""
        with self._store.exclusive():
            for number, fault in enumerate(self._waiting):
                if fault.on == "webhooks" or fnmatchcase(f"webhooks.{event_type}", fault.on):
                    return self._spend(number)
        return None

    def _spend(self, number: int) -> Fault:
        fault = self._waiting[number]
        left = replace(fault, times=fault.times - 1)
        if left.times:
            self._waiting[number] = left
            self._store.execute("UPDATE faults SET body = ? WHERE id = ?", (to_text(left.document()), fault.id))
        else:
            del self._waiting[number]
            self._store.execute("DELETE FROM faults WHERE id = ?", (fault.id,))
        return fault
