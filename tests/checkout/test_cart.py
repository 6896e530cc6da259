from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import Variant
from checkout.models import Cart
from tests.catalog.factories import VariantFactory
from tests.checkout.shopper import Shopper
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db


def test_adding_to_the_cart_leads_to_the_cart(gateway: ScriptedGateway) -> None:
    shopper = Shopper()
    mug = VariantFactory.create(on_hand=5)

    answer = shopper.adds(mug, 2)

    assert (answer.status_code, answer["Location"]) == (303, "/cart/")
    page = shopper.client.get("/cart/").content
    assert str(mug).encode() in page
    assert b"24.60" in page


def test_the_same_variant_twice_is_one_line(gateway: ScriptedGateway) -> None:
    shopper, mug = Shopper(), VariantFactory.create(on_hand=5)

    shopper.adds(mug, 2)
    shopper.adds(mug, 1)

    assert Cart.objects.get().lines.get().quantity == 3


def test_no_more_than_there_is_can_be_added_and_the_shopper_is_told(gateway: ScriptedGateway) -> None:
    shopper, mug = Shopper(), VariantFactory.create(on_hand=2)

    shopper.adds(mug, 5)

    assert Cart.objects.get().lines.get().quantity == 2
    assert b"Only 2 of" in shopper.client.get("/cart/").content


def test_whoever_holds_some_already_is_told_too_when_there_is_no_more(gateway: ScriptedGateway) -> None:
    shopper, mug = Shopper(), VariantFactory.create(on_hand=6)

    shopper.adds(mug, 5)
    shopper.adds(mug, 5)

    assert Cart.objects.get().lines.get().quantity == 6
    assert b"Only 6 of" in shopper.client.get("/cart/").content


def test_whoever_gets_all_that_was_wanted_is_told_nothing(gateway: ScriptedGateway) -> None:
    shopper, mug = Shopper(), VariantFactory.create(on_hand=6)

    shopper.adds(mug, 5)
    shopper.adds(mug, 1)

    assert b"can be had" not in shopper.client.get("/cart/").content


def test_the_header_counts_only_what_the_cart_shows(gateway: ScriptedGateway) -> None:
    shopper, mug, gone = Shopper(), VariantFactory.create(on_hand=5), VariantFactory.create(on_hand=5)
    shopper.adds(mug, 1)
    shopper.adds(gone, 2)

    Variant.objects.filter(pk=gone.pk).update(active=False)

    header = " ".join(shopper.client.get("/cart/").content.decode().split())
    assert "with 1 item <" in header


def test_a_cart_can_be_asked_for_its_head_alone(gateway: ScriptedGateway) -> None:
    assert Client().head("/cart/").status_code == 200


def test_what_is_sold_out_is_not_added(gateway: ScriptedGateway) -> None:
    shopper = Shopper()

    shopper.adds(VariantFactory.create())

    assert not Cart.objects.exists()
    assert b"sold out" in shopper.client.get("/cart/").content


@pytest.mark.parametrize("quantity", ["0", "-1", "100", "many", ""])
def test_a_quantity_that_makes_no_sense_is_told(gateway: ScriptedGateway, quantity: str) -> None:
    shopper, mug = Shopper(), VariantFactory.create(on_hand=500)

    shopper.client.post("/cart/add/", {"variant": mug.pk, "quantity": quantity})

    assert b"quantity from 1 to 99" in shopper.client.get("/cart/").content


def test_a_line_is_changed_and_removed(gateway: ScriptedGateway) -> None:
    shopper, mug = Shopper(), VariantFactory.create(on_hand=5)
    shopper.adds(mug)
    line = Cart.objects.get().lines.get()

    shopper.client.post(f"/cart/lines/{line.pk}/", {"quantity": 4})
    line.refresh_from_db()
    assert line.quantity == 4

    shopper.client.post(f"/cart/lines/{line.pk}/", {"quantity": 0})
    assert b"Your cart is empty" in shopper.client.get("/cart/").content


def test_nobody_changes_anothers_cart(gateway: ScriptedGateway) -> None:
    Shopper().adds(VariantFactory.create(on_hand=5))
    line = Cart.objects.get().lines.get()
    stranger = Shopper()
    stranger.adds(VariantFactory.create(on_hand=5))

    stranger.client.post(f"/cart/lines/{line.pk}/", {"quantity": 0})

    line.refresh_from_db()
    assert line.quantity == 1


def test_a_forged_cookie_is_an_empty_cart(gateway: ScriptedGateway) -> None:
    client = Client()
    client.cookies["cart"] = "00000000-0000-0000-0000-000000000000:forged"

    assert b"Your cart is empty" in client.get("/cart/").content


def test_an_empty_cart_has_no_checkout(gateway: ScriptedGateway) -> None:
    assert Shopper().client.get("/checkout/")["Location"] == "/cart/"
