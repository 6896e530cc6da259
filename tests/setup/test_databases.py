"""A local shop on a PostgreSQL that runs already."""

from __future__ import annotations

import os

import psycopg
import pytest

from launch.databases import DatabaseUnavailable, drop_database, ensure_database, ensure_reachable, fresh_database

NAME = "tillgate_test_databases"


def server() -> str:
    return os.environ["DATABASE_URL"]


def has_table(url: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT to_regclass('kept') IS NOT NULL").fetchone()
    return bool(row and row[0])


def test_a_database_is_kept_made_anew_and_removed() -> None:
    url = fresh_database(server(), NAME)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept ()")
    assert has_table(ensure_database(server(), NAME))

    assert not has_table(fresh_database(server(), NAME))

    drop_database(server(), NAME)
    with pytest.raises(DatabaseUnavailable, match=f'database "{NAME}" does not exist'):
        ensure_reachable(url)


def test_a_server_that_is_away_is_said_with_its_variable() -> None:
    with pytest.raises(DatabaseUnavailable, match=r"DATABASE_URL .*nowhere"):
        ensure_reachable("postgresql://shop@/shop?host=/nowhere")
