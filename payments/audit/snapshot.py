"""How the proofs read: one snapshot of the database, which they cannot write, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection, transaction

ROWS_AT_ONCE = 2000


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read inside is of one moment, and PostgreSQL refuses to write; opens the outermost transaction."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def stream(statement: str, values: Mapping[str, str] | None = None) -> Iterator[tuple[object, ...]]:
    """The rows of a statement that may have more than memory holds: by a cursor that stays in the server."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows
