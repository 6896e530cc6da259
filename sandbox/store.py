"""What the sandbox remembers: JSON documents in one SQLite file that survives a kill and a restart.

One writer at a time: every API request is one transaction under one lock, so requests are serial, as an account's
view of Stripe is. WAL without a flush per commit: a killed process loses nothing, only a dying machine could.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    payment_intent TEXT GENERATED ALWAYS AS (json_extract(body, '$.payment_intent')) VIRTUAL,
    charge TEXT GENERATED ALWAYS AS (json_extract(body, '$.charge')) VIRTUAL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, position);
CREATE INDEX IF NOT EXISTS objects_by_payment_intent ON objects (payment_intent) WHERE payment_intent IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_by_charge ON objects (charge) WHERE charge IS NOT NULL;
CREATE TABLE IF NOT EXISTS indexed (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL,
    visible_from INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS indexed_by_id ON indexed (id, position);
CREATE INDEX IF NOT EXISTS indexed_by_kind ON indexed (kind, id);
CREATE TABLE IF NOT EXISTS idempotency_keys (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, path TEXT NOT NULL, created INTEGER NOT NULL,
    status INTEGER NOT NULL, request_id TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, event TEXT NOT NULL, status TEXT NOT NULL, attempts INTEGER NOT NULL,
    next_attempt REAL NOT NULL, last_status INTEGER, last_error TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (status, next_attempt);
CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY, due REAL NOT NULL, action TEXT NOT NULL, object_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tasks_due ON tasks (due);
CREATE TABLE IF NOT EXISTS faults (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""

Value = str | int | float | bytes | None
Row = tuple[Value, ...]


class Store:
    """The SQLite file, its lock and its transactions. Collections and tables of the other modules build on it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(
            folder / "sandbox.sqlite3", check_same_thread=False, isolation_level=None, cached_statements=256
        )
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(SCHEMA)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let no other thread read or write meanwhile."""
        with self._lock:
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, alone. Not to be nested: use `savepoint` inside."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._undo("ROLLBACK")
                raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only what was written inside, if it raises."""
        self._database.execute("SAVEPOINT work")
        try:
            yield
        except BaseException:
            self._undo("ROLLBACK TO work", "RELEASE work")
            raise
        self._database.execute("RELEASE work")

    def _undo(self, *statements: str) -> None:
        """Undo, unless SQLite did so by itself, as it may (sqlite.org/c3ref/get_autocommit.html)."""
        if self._database.in_transaction:
            for statement in statements:
                self._database.execute(statement)

    def execute(self, statement: str, values: Sequence[Value] = ()) -> int:
        """Run one write and say how many rows it touched."""
        with self._lock:
            return self._database.execute(statement, values).rowcount

    def insert(self, statement: str, values: Sequence[Value] = ()) -> int:
        """Run one insert and give the new row's id."""
        with self._lock:
            return self._database.execute(statement, values).lastrowid or 0

    def rows(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows of a query."""
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[Value] = ()) -> Row | None:
        """The first row of a query, or None."""
        with self._lock:
            found: Row | None = self._database.execute(statement, values).fetchone()
            return found

    def number(self, name: str) -> int:
        """A named counter; 0 before it was ever set."""
        row = self.row("SELECT value FROM numbers WHERE name = ?", (name,))
        return row[0] if row and isinstance(row[0], int) else 0

    def add_to_number(self, name: str, addition: int) -> None:
        """Move a named counter."""
        self.execute(
            "INSERT INTO numbers VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (name, addition),
        )

    def close(self) -> None:
        """Write the log back into the file and let go of it."""
        with self._lock:
            self._database.close()


def to_text(document: object) -> str:
    """A document as it is stored: compact JSON."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
