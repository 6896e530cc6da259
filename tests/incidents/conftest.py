from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.models import Variant
from tests.catalog.factories import shelved
from tests.checkout.conftest import standard_shipping
from tests.incidents.racing import deadlocks
from tests.payments.conftest import gateway
from tests.payments.gateways.conftest import sandbox
from tests.payments.scripted import ScriptedGateway

__all__ = ["gateway", "sandbox", "standard_shipping"]


@pytest.fixture
def no_deadlock(transactional_db: None) -> Iterator[None]:
    """Whatever the test races: PostgreSQL must not have to break a deadlock for it."""
    before = deadlocks()
    yield
    assert deadlocks() == before


@pytest.fixture
def mug(transactional_db: None, gateway: ScriptedGateway) -> Variant:
    """Something that nobody runs out of."""
    return shelved(500)
