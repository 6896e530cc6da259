"""Staff say how orders are sent, and at what price in the shop's own currency."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from checkout.models import ShippingMethod
from tests.payments.people import superuser

pytestmark = pytest.mark.django_db


def test_a_shipping_method_has_the_shops_currency_whatever_the_form_says() -> None:
    desk = Client()
    desk.force_login(superuser())
    form = {"name": "Courier", "price_amount": "990", "price_currency": "XYZ", "active": "on", "position": "1"}

    desk.post("/admin/checkout/shippingmethod/add/", form)

    assert str(ShippingMethod.objects.get(name="Courier").price) == "9.90 EUR"
    assertContains(desk.get("/admin/checkout/shippingmethod/"), "9.90 EUR")


def test_staff_see_in_which_currency_they_write_a_price() -> None:
    desk = Client()
    desk.force_login(superuser())

    assertContains(desk.get("/admin/checkout/shippingmethod/add/"), '<div class="readonly">EUR</div>')
