"""Whatever way of shipping is chosen, the total that is shown is the total that is charged."""

from __future__ import annotations

import pytest

from catalog.models import Variant
from checkout.models import Order, ShippingMethod
from tests.catalog.factories import shelved
from tests.checkout.shopper import PERSON, Shopper, form_on
from tests.payments.scripted import ScriptedGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]

WITH_EXPRESS = 1230 + 990


@pytest.fixture
def express(standard_shipping: ShippingMethod) -> ShippingMethod:
    return ShippingMethod.objects.create(name="Express", price_amount=990, price_currency="EUR", position=1)


@pytest.fixture
def mug(gateway: ScriptedGateway) -> Variant:
    return shelved(5, price_amount=1230)


@pytest.fixture
def shopper(mug: Variant) -> Shopper:
    shopper = Shopper()
    shopper.adds(mug)
    return shopper


def test_another_shipping_method_is_quoted_and_what_was_written_is_kept(
    shopper: Shopper, express: ShippingMethod
) -> None:
    written = {**shopper.sees_form(), "shipping_method": str(express.pk), "city": "", "update": "yes"}

    page = shopper.client.post("/checkout/", written)

    assert page.status_code == 200
    assert form_on(page)["shipping_method"] == str(express.pk)
    assert "Pay €22.20" in page.content.decode()
    assert PERSON["address"] in page.content.decode()
    assert "field__error" not in page.content.decode()
    assert not Order.objects.exists()


def test_what_was_quoted_for_another_shipping_method_is_charged(shopper: Shopper, express: ShippingMethod) -> None:
    chosen = {**shopper.sees_form(), "shipping_method": str(express.pk)}
    page = shopper.client.post("/checkout/", {**chosen, "update": "yes"})

    shopper.pays(form={**chosen, **form_on(page)})

    order = Order.objects.get()
    assert (order.total_amount, order.shipping_name) == (WITH_EXPRESS, "Express")


def test_paying_with_another_shipping_method_than_was_quoted_is_told_as_such(
    shopper: Shopper, express: ShippingMethod
) -> None:
    answer = shopper.pays(shipping_method=str(express.pk))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The total that you saw was for another way of shipping." in page
    assert "prices changed" not in page
    assert "Pay €22.20" in page
    assert not Order.objects.exists()


def test_a_shipping_method_that_is_gone_is_named_beside_its_choices(shopper: Shopper) -> None:
    page = shopper.pays(shipping_method="777").content.decode()

    assert '<a href="#id_shipping_method">' in page
    assert 'id="id_shipping_method"' in page
    assert 'id="id_shipping_method_error"' in page


def test_without_any_shipping_method_the_page_says_so_and_offers_no_payment(shopper: Shopper) -> None:
    ShippingMethod.objects.update(active=False)

    page = shopper.client.get("/checkout/").content.decode()

    assert "There is no way to send your order at the moment" in page
    assert 'id="pay"' not in page
    assert 'id="hosted-fields"' not in page


def test_the_checkout_can_be_asked_for_its_head_alone(shopper: Shopper) -> None:
    assert shopper.client.head("/checkout/").status_code == 200
