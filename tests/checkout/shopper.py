"""A shopper with a browser of their own, as far as a browser without JavaScript goes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.test import Client

from catalog.models import Variant
from checkout.models import Order
from payments.models import Payment
from tests.payments.arrange import carry

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response  # what django-stubs calls a test's answer

PERSON = {
    "email": "ada@example.com",
    "name": "Ada Example",
    "address": "1 Example Street",
    "city": "Exampleton",
    "postal_code": "12345",
    "country": "DE",
}


@dataclass
class Shopper:
    client: Client = field(default_factory=Client)

    def adds(self, variant: Variant, quantity: int = 1) -> Response:
        return self.client.post("/cart/add/", {"variant": variant.pk, "quantity": quantity})

    def sees_form(self) -> dict[str, str]:
        """The checkout form with its hidden fields, as it is rendered now, and the person filled in."""
        return {**form_on(self.client.get("/checkout/")), **PERSON}

    def pays(self, token: str = "tok_ok", form: dict[str, str] | None = None, **changes: str) -> Response:
        filled = {**(form or self.sees_form()), "confirmation_token": token, **changes}
        return self.client.post("/checkout/", filled)

    def buys(self, variant: Variant, token: str = "tok_ok") -> Order:
        """Place an order and let a worker carry its payment."""
        self.adds(variant)
        self.pays(token)
        order = Order.objects.latest("pk")
        carry(payment_of(order))
        return order


def form_on(answer: Response) -> dict[str, str]:
    """What the checkout form on this page holds hidden, and how it would be sent."""
    page = answer.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    method = re.search(r'name="shipping_method"\s+value="(\d+)"\s+required\s+checked', page)
    assert method, "a shipping method is chosen on the page"
    return {**hidden, "shipping_method": method[1]}


def payment_of(order: Order) -> Payment:
    order.refresh_from_db()
    assert order.payment is not None
    return order.payment


def long_ago(order: Order) -> Order:
    """Let three hours pass since the order was placed, round the trigger that freezes it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE checkout_order SET placed_at = placed_at - interval '3 hours' WHERE id = %s", [order.pk])
    return order
