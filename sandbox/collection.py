"""Typed access to the stored documents of each kind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sandbox.documents import Document
from sandbox.store import Store, Value, to_text

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Page:
    """Which documents of a kind are wanted: SQL conditions, newest first, from a position on."""

    conditions: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    limit: int = 10
    oldest_first: bool = False


class Collection(Generic[D]):
    """All documents of one kind, by id and in the order they were made."""

    def __init__(self, store: Store, kind: str) -> None:
        self._store = store
        self.kind = kind

    def get(self, object_id: str) -> D | None:
        """The document, or None."""
        row = self._store.row("SELECT body FROM objects WHERE id = ? AND kind = ?", (object_id, self.kind))
        return self._load(row[0]) if row else None

    def put(self, document: D) -> D:
        """Write a document, new or changed."""
        self._write(document, to_text(document))
        return document

    def _write(self, document: D, text: str) -> None:
        self._store.execute(
            "INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (document["id"], self.kind, document["created"], text),
        )

    def position(self, object_id: str) -> int | None:
        """Where the document stands in the order of making."""
        row = self._store.row("SELECT position FROM objects WHERE id = ? AND kind = ?", (object_id, self.kind))
        return row[0] if row and isinstance(row[0], int) else None

    def find(self, page: Page) -> list[D]:
        """The documents that meet all conditions, newest first unless told otherwise."""
        conditions = " AND ".join(("kind = ?", *page.conditions))
        order = "ASC" if page.oldest_first else "DESC"
        rows = self._store.rows(
            f"SELECT body FROM objects WHERE {conditions} ORDER BY position {order} LIMIT ?",
            (self.kind, *page.values, page.limit),
        )
        return [self._load(row[0]) for row in rows]

    def of_payment_intent(self, intent: str) -> list[D]:
        """All documents that belong to one PaymentIntent, oldest first."""
        return self.find(Page(("payment_intent = ?",), (intent,), limit=10_000, oldest_first=True))

    def of_charge(self, charge: str) -> list[D]:
        """All documents that belong to one charge, oldest first."""
        return self.find(Page(("charge = ?",), (charge,), limit=10_000, oldest_first=True))

    def _load(self, body: Value) -> D:
        document: D = json.loads(str(body))
        return document


def in_list(column: str, values: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A condition that a column has one of some values."""
    return f"{column} IN ({', '.join('?' * len(values))})", tuple(values)
