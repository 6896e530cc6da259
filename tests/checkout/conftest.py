from __future__ import annotations

import pytest
from django.conf import settings

from catalog.models import Variant
from checkout.models import Order, ShippingMethod
from payments.operations.looking import look_at_payment
from tests.catalog.factories import shelved
from tests.checkout.desk import now
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import payment_of
from tests.payments.conftest import gateway
from tests.payments.scripted import ScriptedGateway

__all__ = ["gateway"]


@pytest.fixture
def standard_shipping(transactional_db: None) -> ShippingMethod:
    """What the migration brings, and the flush after another test that commits takes away."""
    values = {"price_amount": 490, "price_currency": settings.SHOP_CURRENCY, "active": True}
    return ShippingMethod.objects.get_or_create(name="Standard", defaults=values)[0]


@pytest.fixture
def last(gateway: ScriptedGateway) -> Variant:
    """A mug of which there is one."""
    return shelved(1)


@pytest.fixture
def late(last: Variant, gateway: ScriptedGateway) -> Order:
    """An order whose money came after it was given up and its only mug was sold to another."""
    order = carried_order(last, "tok_action")
    gateway.expire("P-1")
    look_at_payment(payment_of(order))
    carried_order(last)
    gateway._take_money(gateway.payments["P-1"])
    look_at_payment(payment_of(order))
    return now(order, "needs_attention")
