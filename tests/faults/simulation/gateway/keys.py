"""Idempotency keys as the gateway keeps them: docs.stripe.com/api/idempotent_requests.

The first answer of a key is stored, a 500 too, and replayed until the key is pruned. Every write is witnessed, so that
what must never be asked of a gateway is found even where it would have done no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from payments.gateways.base import Answer

WINDOW = timedelta(hours=24)
LEASE = timedelta(seconds=60)


@dataclass
class StoredAnswer:
    request: object
    answer: Answer
    at: datetime


@dataclass
class Keys:
    """`under_way` are the keys being worked on, with the moment at which their caller had started."""

    stored: dict[str, StoredAnswer] = field(default_factory=dict)
    first_request: dict[str, tuple[object, datetime]] = field(default_factory=dict)
    under_way: dict[str, datetime] = field(default_factory=dict)
    misuse: list[str] = field(default_factory=list)

    def arrive(self, key: str, request: object, now: datetime, caller_started: datetime) -> bool:
        """A write arrives with this key; False when the same is just being worked on. Notes what no caller may do."""
        first, at = self.first_request.setdefault(key, (request, now))
        if first != request:
            self.misuse.append(f"key {key} came with {first} and then with {request}")
        if now - at > WINDOW:
            self.misuse.append(f"{request} was repeated {now - at} after it was first sent")
        if key in self.under_way:
            if now - self.under_way[key] < LEASE:
                self.misuse.append(f"{request} was sent twice at once")
            return False
        self.under_way[key] = caller_started
        return True

    def leave(self, key: str) -> None:
        self.under_way.pop(key, None)

    def known(self, key: str, now: datetime) -> StoredAnswer | None:
        answer = self.stored.get(key)
        return answer if answer is not None and now - answer.at <= WINDOW else None

    def store(self, key: str, request: object, now: datetime, answer: Answer) -> None:
        self.stored[key] = StoredAnswer(request, answer, now)


Work = Callable[[], Answer]
