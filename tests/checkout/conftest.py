from __future__ import annotations

import pytest
from django.conf import settings

from checkout.models import ShippingMethod
from tests.payments.conftest import gateway

__all__ = ["gateway"]


@pytest.fixture
def standard_shipping(transactional_db: None) -> ShippingMethod:
    """What the migration brings, and the flush after another test that commits takes away."""
    values = {"price_amount": 490, "price_currency": settings.SHOP_CURRENCY, "active": True}
    return ShippingMethod.objects.get_or_create(name="Standard", defaults=values)[0]
