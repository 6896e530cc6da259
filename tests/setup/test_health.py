"""What a load balancer is told."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings


@pytest.mark.django_db
def test_a_shop_with_its_database_migrated_is_ready() -> None:
    assert Client().get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_shop_whose_database_lacks_a_migration_is_not_ready() -> None:
    MigrationRecorder(connection).migration_qs.filter(app="payments").order_by("-id")[:1].get().delete()
    response = Client().get("/readyz")
    assert (response.status_code, response.content) == (503, b"migrations not applied\n")


def test_a_shop_without_its_database_lives_but_is_not_ready(
    django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", {})
        assert Client().get("/readyz").status_code == 503
        assert Client().get("/livez").status_code == 200
        connection.close()


def test_probes_are_not_sent_to_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/livez").status_code == 200
