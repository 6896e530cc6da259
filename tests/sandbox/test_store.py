"""A transaction of the sandbox's store that fails leaves nothing behind, and says why it failed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


def works(store: Store) -> bool:
    with store.transaction():
        store.add_to_number("calls", 1)
    return store.number("calls") == 1


def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction():
        store.add_to_number("calls", 7)
        raise KeyError

    assert works(store)


def test_what_made_sqlite_undo_a_transaction_by_itself_is_what_is_raised(store: Store) -> None:
    again = "INSERT OR ROLLBACK INTO numbers VALUES ('calls', 7)"

    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), store.transaction():
        store.execute(again)
        with store.savepoint():
            store.execute(again)

    assert works(store)


def test_a_commit_that_fails_leaves_no_transaction_open(store: Store) -> None:
    store.execute("PRAGMA foreign_keys = ON")
    store.execute("CREATE TABLE marks (number TEXT REFERENCES numbers DEFERRABLE INITIALLY DEFERRED)")

    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"), store.transaction():
        store.execute("INSERT INTO marks VALUES ('unknown')")

    assert works(store)
