"""How each kind of process reaches the database."""

from __future__ import annotations

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from config.database import Database, database

WEB, DIRECT = "postgresql://u@pooler/shop", "postgresql://u@db/shop"


def settings_for(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Database:
    for name in ("DATABASE_URL", "DATABASE_DIRECT_URL", "DATABASE_POOL_SIZE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return database(environ.Env())


def test_the_web_goes_by_the_pooler_with_a_pool_as_large_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    web = settings_for(monkeypatch, DATABASE_URL=WEB, DATABASE_DIRECT_URL=DIRECT, DATABASE_POOL_SIZE="8")
    assert web["HOST"] == "pooler"
    assert web["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 8, "timeout": 5}


def test_every_other_process_goes_round_the_pooler_without_a_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = settings_for(monkeypatch, DATABASE_URL=WEB, DATABASE_DIRECT_URL=DIRECT)
    assert worker["HOST"] == "db"
    assert "pool" not in worker["OPTIONS"]


def test_statements_are_prepared_where_no_pooler_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    pooled = settings_for(monkeypatch, DATABASE_URL=WEB, DATABASE_DIRECT_URL=DIRECT, DATABASE_POOL_SIZE="8")
    assert "prepare_threshold" not in pooled["OPTIONS"]
    assert settings_for(monkeypatch, DATABASE_URL=WEB, DATABASE_DIRECT_URL=DIRECT)["OPTIONS"]["prepare_threshold"] == 3
    assert settings_for(monkeypatch, DATABASE_URL=WEB, DATABASE_POOL_SIZE="8")["OPTIONS"]["prepare_threshold"] == 3


def test_one_url_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_for(monkeypatch, DATABASE_URL=WEB)["HOST"] == "pooler"


def test_a_socket_folder_may_be_written_as_libpq_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_for(monkeypatch, DATABASE_URL="postgresql://u@%2Fvar%2Frun/shop")["HOST"] == "/var/run"


def test_no_other_database_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="PostgreSQL"):
        settings_for(monkeypatch, DATABASE_URL="sqlite:///shop.sqlite3")
