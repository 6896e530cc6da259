"""Databases on a PostgreSQL that runs already, ours or the one of DATABASE_URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

PATIENCE_S = 10


class DatabaseUnavailable(Exception):
    """A PostgreSQL that was named cannot be used; the message says why."""


def ensure_reachable(url: str) -> None:
    """Raises DatabaseUnavailable unless one can connect to `url`."""
    with _connected(url):
        return


def ensure_database(server_url: str, name: str) -> str:
    """Create the database `name` beside that of `server_url`, unless it is there; its URL."""
    with _connected(server_url) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return with_database(server_url, name)


def fresh_database(server_url: str, name: str) -> str:
    """A new, empty database `name` beside that of `server_url`, in place of the last one; its URL."""
    drop_database(server_url, name)
    return ensure_database(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    """Remove the database `name` beside that of `server_url`, with whoever is connected. Raises DatabaseUnavailable."""
    with _connected(server_url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def with_database(server_url: str, name: str) -> str:
    """`server_url` with another database."""
    address, question_mark, options = server_url.partition("?")
    scheme, _, rest = address.partition("://")
    authority = rest.partition("/")[0]
    return f"{scheme}://{authority}/{name}{question_mark}{options}"


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=PATIENCE_S) as connection:
            yield connection
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise DatabaseUnavailable(f"The PostgreSQL of DATABASE_URL cannot be used: {error}") from error
