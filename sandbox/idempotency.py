"""Idempotency keys (docs.stripe.com/api/idempotent_requests): the first answer is kept and given again.

What is kept is the answer of an endpoint that began to work, 500 included. What was refused before (a bad parameter, a
key in use, too many requests) is not. Keys are forgotten after 24 hours.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.errors import IdempotencyMismatch, InvalidParameter, KeyInUse
from sandbox.store import Store

KEPT_S = 24 * 3600
MAXIMUM_LENGTH = 255


@dataclass(frozen=True)
class Keyed:
    """A request under an idempotency key."""

    key: str
    path: str
    fingerprint: str

    @classmethod
    def of(cls, key: str, path: str, form: Mapping[str, object]) -> Keyed:
        """Raise if the key is too long."""
        if len(key) > MAXIMUM_LENGTH:
            raise InvalidParameter(
                f"Idempotency key is too long: keys can be up to {MAXIMUM_LENGTH} characters, yours has {len(key)}."
            )
        body = json.dumps(form, sort_keys=True).encode()
        return cls(key, path, hashlib.sha256(body).hexdigest())


@dataclass(frozen=True)
class Kept:
    """An answer given before."""

    status: int
    body: bytes
    request_id: str


class IdempotencyKeys:
    """The keys of the account: those being worked on now, and those answered in the last day."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._in_use: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claim(self, keyed: Keyed) -> Iterator[None]:
        """Be the only request under this key, or raise 409."""
        with self._lock:
            if keyed.key in self._in_use:
                raise KeyInUse(keyed.key)
            self._in_use.add(keyed.key)
        try:
            yield
        finally:
            with self._lock:
                self._in_use.discard(keyed.key)

    def find(self, keyed: Keyed) -> Kept | None:
        """The kept answer, None for a new key, or the error for a key used for something else."""
        row = self._store.row(
            "SELECT path, fingerprint, status, body, request_id FROM idempotency_keys WHERE key = ? AND created > ?",
            (keyed.key, self._clock.now() - KEPT_S),
        )
        if row is None:
            return None
        path, fingerprint, status, body, request_id = str(row[0]), *row[1:]
        if path != keyed.path:
            raise IdempotencyMismatch(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for "
                f"('{keyed.path}' vs '{path}'). Try using a key other than '{keyed.key}' if you meant to execute a "
                "different request."
            )
        if fingerprint != keyed.fingerprint:
            raise IdempotencyMismatch(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{keyed.key}' if you meant to execute a different request."
            )
        return Kept(int(str(status)), body if isinstance(body, bytes) else b"", str(request_id))

    def keep(self, keyed: Keyed, kept: Kept) -> None:
        """Remember the answer, in the same transaction as the work."""
        self._store.execute(
            "INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                keyed.key,
                keyed.fingerprint,
                keyed.path,
                self._clock.now(),
                kept.status,
                kept.request_id,
                kept.body,
            ),
        )
