from __future__ import annotations

from django.db import connection, transaction


def as_owner(statement: str, *values: str | int | list[str] | list[int]) -> None:
    """What somebody does who owns the database: past every trigger."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
