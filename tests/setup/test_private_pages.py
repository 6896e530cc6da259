"""No cache between the shop and a browser shows one visitor's cart to another."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.catalog.factories import shelved
from tests.checkout.conftest import gateway as gateway
from tests.checkout.shopper import Shopper
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/cart/", "/nothing/"])
def test_a_page_belongs_to_the_browser_whose_cookies_it_was_made_for(address: str) -> None:
    answer = Client().get(address)

    assert "Cookie" in answer["Vary"]
    assert answer["Cache-Control"] == "private"


def test_a_products_page_that_tells_the_carts_count_is_private(gateway: ScriptedGateway) -> None:
    shopper, mug = Shopper(), shelved(5)
    shopper.adds(mug)

    answer = shopper.client.get(mug.product.get_absolute_url())

    assert b"with 1 item" in b" ".join(answer.content.split())
    assert answer["Cache-Control"] == "private"


def test_a_page_that_is_kept_nowhere_stays_so(gateway: ScriptedGateway) -> None:
    shopper = Shopper()
    shopper.adds(shelved(5))

    assert "no-store" in shopper.client.get("/checkout/")["Cache-Control"]


def test_what_is_the_same_for_all_may_be_kept_by_all() -> None:
    answer = Client().get("/livez")

    assert "Cookie" not in answer.get("Vary", "")
