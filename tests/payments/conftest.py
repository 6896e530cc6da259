from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from payments.gateways import registry
from tests.payments.scripted import ScriptedGateway

CURRENT: list[ScriptedGateway] = []


def current_gateway() -> ScriptedGateway:
    """The factory that PAYMENT_GATEWAYS names while a test uses the fixture `gateway`."""
    return CURRENT[-1]


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
