"""Start many callers in the same moment, each on a thread and a database connection of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")

NOBODY_WAITS_LONGER_S = 60


class StartingLine:
    """Threads that wait for each other at a barrier and then run together, round after round."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._barrier = threading.Barrier(size, timeout=NOBODY_WAITS_LONGER_S)
        self._pool = ThreadPoolExecutor(size)

    def start(self, callers: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
        """What each caller got, or raised, in their order; there are as many callers as threads."""
        assert len(callers) == self._size
        return list(self._pool.map(self._run, callers))

    def close(self) -> None:
        self.start([_close_connection] * self._size)
        self._pool.shutdown()

    def _run(self, caller: Callable[[], Result]) -> Result | Exception:
        connection.ensure_connection()  # connecting takes longer than what is raced
        self._barrier.wait()
        try:
            return caller()
        except Exception as error:  # told to the test, which knows what may be refused
            return error


def _close_connection() -> None:
    connection.close()


@contextmanager
def starting_line(size: int) -> Iterator[StartingLine]:
    line = StartingLine(size)
    try:
        yield line
    finally:
        line.close()


def at_once(callers: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """One round: what each caller got, or raised, in their order."""
    with starting_line(len(callers)) as line:
        return line.start(callers)


def deadlocks() -> int:
    """How many deadlocks this database has broken since it was made."""
    with connection.cursor() as cursor:
        _wait_for_closed_connections()  # a connection's last counts are added up as it ends
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        count: int = cursor.fetchone()[0]
    return count


def _wait_for_closed_connections() -> None:
    deadline = time.monotonic() + NOBODY_WAITS_LONGER_S
    others = "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity"
    others += " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(others)
            if not cursor.fetchone()[0]:
                return
    raise AssertionError("a connection of this test was never closed")
