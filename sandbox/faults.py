"""Faults that the control API asks for: what goes wrong, where, when, and how often."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from random import Random

from sandbox.store import Store, to_text

WHEN = ("before", "after")
WEBHOOK_KINDS = ("lose", "double", "delay", "reorder")
STATUSES = (409, 429, 500, 502, 503)
_TEXTS, _FLAGS, _WHOLE = ("on", "when", "do"), ("drop",), ("times", "status", "retry_after_s", "seed")
_NUMBERS = ("hold_s", "slow_s", "delay_s", "share")
_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(_TEXTS, (str,)),
    **dict.fromkeys(_FLAGS, (bool,)),
    **dict.fromkeys(_WHOLE, (int,)),
    **dict.fromkeys(_NUMBERS, (int, float)),
}


class InvalidFault(Exception):
    """The control API was asked for a fault that makes no sense; the message says why."""


@dataclass(frozen=True)
class Fault:
    """One fault. For the API: hold, slow down, answer `status` or drop, before or after the work. Webhooks: `do`.

    It strikes `times` times, each time that it fits or, with a `share`, by a dice thrown from `seed`.
    """

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
    share: float = 1.0
    seed: int = 0
    id: int = 0

    @classmethod
    def read(cls, sent: object) -> Fault:
        """A fault from the control API's JSON."""
        if not isinstance(sent, Mapping):
            raise InvalidFault("A fault is a JSON object.")
        unknown = sorted(set(sent) - _TYPES.keys())
        if unknown:
            raise InvalidFault(f"Unknown fields: {', '.join(unknown)}.")
        if not sent.get("on"):
            raise InvalidFault("A fault needs `on`: an endpoint's name, or `webhooks`.")
        for name, value in sent.items():
            if type(value) not in _TYPES[name]:
                raise InvalidFault(f"`{name}` cannot be {value!r}.")
        fault = cls(**sent)
        fault.check()
        return fault

    def check(self) -> None:
        """Refuse what cannot be carried out."""
        if self.on_webhooks != bool(self.do):
            raise InvalidFault(f"Webhooks, and only they, take `do`: one of {', '.join(WEBHOOK_KINDS)}.")
        if self.times < 1 or not 0 < self.share <= 1:
            raise InvalidFault("`times` is at least 1, and `share` is above 0 and at most 1.")
        if min(self.hold_s, self.slow_s, self.delay_s, self.retry_after_s) < 0:
            raise InvalidFault("No time is below zero.")
        if self.on_webhooks:
            self._check_for_webhooks()
        else:
            self._check_for_api()

    def _check_for_webhooks(self) -> None:
        if self.do not in WEBHOOK_KINDS:
            raise InvalidFault(f"`do` is one of {', '.join(WEBHOOK_KINDS)}.")

    def _check_for_api(self) -> None:
        if self.when not in WHEN:
            raise InvalidFault("`when` is `before` or `after`.")
        if self.status and self.status not in STATUSES:
            raise InvalidFault(f"`status` is one of {', '.join(map(str, STATUSES))}.")
        if self.retry_after_s and self.status != 429:
            raise InvalidFault("`retry_after_s` goes with `status` 429.")
        if self.slow_s and self.when == "before":
            raise InvalidFault("`slow_s` slows an answer down: it goes with `when` `after`.")
        if not (self.hold_s or self.slow_s or self.status or self.drop):
            raise InvalidFault("The fault does nothing: give it `hold_s`, `slow_s`, `status` or `drop`.")

    @property
    def on_webhooks(self) -> bool:
        return self.on == "webhooks" or self.on.startswith("webhooks.")

    @property
    def of_endpoint(self) -> bool:
        """Whether the endpoint itself fails: Stripe's own 500, unlike what stands before it, comes behind the key."""
        return self.status == 500 and not self.drop

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
        self._dice = {fault.id: Random(fault.seed) for fault in self._waiting}

    def waiting(self) -> list[Fault]:
        """All faults that have not been used up."""
        return list(self._waiting)

    def add(self, fault: Fault) -> Fault:
        """Arm a fault."""
        with self._store.exclusive():
            number = self._store.insert("INSERT INTO faults (body) VALUES (?)", (to_text(fault.document()),))
            armed = replace(fault, id=number)
            self._waiting.append(armed)
            self._dice[number] = Random(fault.seed)
        return armed

    def clear(self) -> None:
        """Disarm all."""
        with self._store.exclusive():
            self._store.execute("DELETE FROM faults")
            self._waiting.clear()

    def take(self, on: str, when: str, *, of_endpoint: bool | None = None) -> Fault | None:
        """The first fault that fits, one use of it spent; only the endpoint's own or only others, if that is said."""
        if not self._waiting:
            return None
        with self._store.exclusive():
            for number, fault in enumerate(self._waiting):
                fits = fault.when == when and fnmatchcase(on, fault.on)
                fits = fits and of_endpoint in (None, fault.of_endpoint)
                if fits and self._strikes(fault):
                    return self._spend(number)
        return None

    def take_for_webhook(self, event_type: str) -> Fault | None:
        """The first fault for an event of this type: `webhooks` means any, `webhooks.charge.*` some."""
        with self._store.exclusive():
            for number, fault in enumerate(self._waiting):
                fits = fault.on == "webhooks" or fnmatchcase(f"webhooks.{event_type}", fault.on)
                if fits and self._strikes(fault):
                    return self._spend(number)
        return None

    def _strikes(self, fault: Fault) -> bool:
        """Throw the fault's dice, which fall alike for the same seed and the same order of requests."""
        return fault.share == 1 or self._dice[fault.id].random() < fault.share

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
