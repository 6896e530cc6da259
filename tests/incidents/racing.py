"""Start many callers in the same moment, each on a thread and a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(callers: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """What each caller got, or raised, in their order."""
    barrier = threading.Barrier(len(callers))

    def run(caller: Callable[[], Result]) -> Result | Exception:
        barrier.wait()
        try:
            return caller()
        except Exception as error:  # told to the test, which knows what may be refused
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(callers)) as pool:
        return list(pool.map(run, callers))


def deadlocks() -> int:
    """How many deadlocks this database has broken since it was made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        count: int = cursor.fetchone()[0]
    return count
