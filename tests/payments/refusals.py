"""What PostgreSQL refused, by the name of the constraint that did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

Value = str | int | datetime | UUID | None


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    """The block's SQL, with all deferred constraints, must be refused by exactly this constraint."""
    with pytest.raises(DatabaseError) as raised, transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cause = raised.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == constraint, str(cause)


def execute(statement: str, *values: Value) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def past_all_rules(statement: str, *values: str | int) -> None:
    """What the database refuses and a test needs all the same: time that passed, or books that somebody changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
