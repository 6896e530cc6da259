"""Databases on a PostgreSQL that runs already, ours or the one of DATABASE_URL."""

from __future__ import annotations

import psycopg
from psycopg import sql


def ensure_database(server_url: str, name: str) -> str:
    """Create the database `name` beside that of `server_url`, unless it is there; its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return with_database(server_url, name)


def fresh_database(server_url: str, name: str) -> str:
    """A new, empty database `name` beside that of `server_url`, in place of the last one; its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    return ensure_database(server_url, name)


def with_database(server_url: str, name: str) -> str:
    """`server_url` with another database."""
    address, question_mark, options = server_url.partition("?")
    scheme, _, rest = address.partition("://")
    authority = rest.partition("/")[0]
    return f"{scheme}://{authority}/{name}{question_mark}{options}"
