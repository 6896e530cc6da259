from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from payments.gateways import registry
from tests.payments.scripted import ScriptedGateway

CURRENT: list[ScriptedGateway] = []


def current_gateway() -> ScriptedGateway:
    """The factory that PAYMENT_GATEWAYS names while a test uses the fixture `gateway`."""
    return CURRENT[-1]


@pytest.fixture(autouse=True)
def empty_queue(request: pytest.FixtureRequest) -> Iterator[None]:
    """The queue's tables are not Django's: empty them after each test that commits."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_periodic_defers, procrastinate_workers CASCADE")


@pytest.fixture
def gateway(settings: Settings) -> Iterator[ScriptedGateway]:
    """A fresh scripted gateway, which new payments go to."""
    CURRENT.append(ScriptedGateway())
    settings.PAYMENT_GATEWAYS = {"scripted": "tests.payments.conftest.current_gateway"}
    settings.PAYMENT_GATEWAY = "scripted"
    registry.forget()
    yield CURRENT[-1]
    CURRENT.pop()
    registry.forget()
