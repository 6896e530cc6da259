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


@pytest.mark.django_db
@pytest.mark.parametrize("probe", ["/livez", "/readyz"])
def test_a_probe_may_ask_by_an_address_and_nothing_else_may(settings: Settings, probe: str) -> None:
    settings.ALLOWED_HOSTS = ["shop.example"]
    assert Client().get(probe, headers={"host": "10.1.2.3:8000"}).status_code == 200
    for path in ("/", f"{probe}/", f"{probe}x", f"/x{probe}"):
        assert Client().get(path, headers={"host": "10.1.2.3:8000"}).status_code == 400


def test_a_probe_only_asks() -> None:
    assert Client().post("/livez").status_code == 405


def test_probes_are_not_sent_to_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/livez").status_code == 200
