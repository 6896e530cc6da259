"""What an order's page says and offers, each way that an order can go."""

from __future__ import annotations

import html
import json
import uuid
from typing import TYPE_CHECKING

import pytest
from django.http import HttpResponse
from django.test import Client

from catalog.models import Variant
from checkout.models import Cart, Order, ShippingMethod
from payments.gateways.base import DisputeState, Subject, SubjectKind
from payments.money import Money
from payments.operations.expiring import expire
from payments.operations.looking import look_at, look_at_payment
from payments.operations.refunding import refund
from tests.catalog.factories import shelved
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import Shopper, payment_of
from tests.payments.arrange import carry
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]

ENDING = "This order is being ended; nothing was charged."


@pytest.fixture
def mug(gateway: ScriptedGateway) -> Variant:
    return shelved(3)


@pytest.fixture
def shopper() -> Shopper:
    return Shopper()


@pytest.fixture
def ended(mug: Variant, shopper: Shopper, gateway: ScriptedGateway) -> Order:
    """An order that the shopper left at their bank, and that the gateway gave up."""
    order = shopper.buys(mug, "tok_action")
    gateway.expire("P-1")
    look_at_payment(payment_of(order))
    return order


def page_of(order: Order) -> str:
    return text_of(Client().get(order.get_absolute_url()))


def text_of(response: HttpResponse | Response) -> str:
    return html.unescape(" ".join(response.content.decode().split()))


def standing_of(order: Order) -> dict[str, str]:
    standing: dict[str, str] = json.loads(Client().get(f"{order.get_absolute_url()}status.json").content)
    return standing


def pays_again(shopper: Shopper, order: Order, token: str) -> str:
    wish = {"request_id": uuid.uuid4(), "confirmation_token": token}
    return text_of(shopper.client.post(f"{order.get_absolute_url()}pay", wish, follow=True))


def cancelled_by_staff(order: Order) -> Order:
    clerk = Client()
    clerk.force_login(staff("cancel_order"))
    clerk.post(f"/admin/checkout/order/{order.pk}/cancel/", {"confirmed": "yes"})
    order.refresh_from_db()
    assert order.status == "cancelled"
    return order


def test_an_order_that_is_being_ended_asks_for_no_card(mug: Variant, shopper: Shopper) -> None:
    order = shopper.buys(mug, "tok_declined")

    assert expire(payment_of(order))

    assert standing_of(order) == {"state": "confirming", "message": ENDING}
    assert ENDING in page_of(order)
    assert "pay-again-form" not in page_of(order)


def test_a_card_that_comes_while_the_order_is_being_ended_is_not_told_as_declined(
    mug: Variant, shopper: Shopper
) -> None:
    order = shopper.buys(mug, "tok_declined")
    expire(payment_of(order))

    page = pays_again(shopper, order, "tok_ok")

    assert ENDING in page
    assert "declined" not in page
    assert payment_of(order).attempts.count() == 1


def test_paying_again_without_card_details_is_told(mug: Variant, shopper: Shopper) -> None:
    order = shopper.buys(mug, "tok_declined")

    page = pays_again(shopper, order, "")

    assert "The card details did not arrive. Fill them in and pay again; nothing was charged." in page
    assert "pay-again-form" in page


def test_an_order_that_was_paid_meanwhile_says_no_word_of_card_details(mug: Variant, shopper: Shopper) -> None:
    order = shopper.buys(mug)

    page = pays_again(shopper, order, "")

    assert "Thank you" in page
    assert "nothing was charged" not in page


def test_an_order_that_was_cancelled_after_its_refund_is_not_thanked_for(mug: Variant, shopper: Shopper) -> None:
    order = shopper.buys(mug)
    refund(payment_of(order), Money(1720, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    carry(payment_of(order))

    page = page_of(cancelled_by_staff(order))

    assert "This order was cancelled. Your payment was refunded in full." in page
    assert "Thank you" not in page
    assert "Start again" not in page


def test_an_order_that_was_cancelled_after_a_lost_dispute_is_not_told_as_paid(
    mug: Variant, shopper: Shopper, gateway: ScriptedGateway
) -> None:
    order = shopper.buys(mug)
    dispute = gateway.dispute("P-1", Money(1720, "EUR"))
    gateway.close_dispute(dispute, DisputeState.LOST)
    look_at(payment_of(order).account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")

    page = page_of(cancelled_by_staff(order))

    assert "This order was cancelled. We keep nothing of your payment." in page
    assert "Thank you" not in page
    assert "arrived" not in page + standing_of(order)["message"]


def test_an_order_of_zero_does_not_speak_of_a_payment(gateway: ScriptedGateway, shopper: Shopper) -> None:
    ShippingMethod.objects.update(price_amount=0)
    shopper.adds(shelved(1, price_amount=0))
    shopper.pays("")

    page = page_of(Order.objects.get())

    assert "There was nothing to pay. We have sent you a receipt by e-mail." in page
    assert "Your payment" not in page


def test_starting_again_twice_puts_the_items_back_once(ended: Order, shopper: Shopper) -> None:
    for _ in range(2):
        shopper.client.post(f"{ended.get_absolute_url()}start-again")

    assert Cart.objects.get().lines.get().quantity == 1


def test_starting_again_takes_nothing_out_of_the_cart(ended: Order, mug: Variant, shopper: Shopper) -> None:
    shopper.adds(mug, 2)

    shopper.client.post(f"{ended.get_absolute_url()}start-again")

    assert Cart.objects.get().lines.get().quantity == 2


def test_whoever_starts_again_is_told_what_there_is_less_of(ended: Order, mug: Variant, shopper: Shopper) -> None:
    carried_order(mug)
    stranger = Shopper()
    stranger.adds(mug, 2)
    stranger.pays()

    page = text_of(shopper.client.post(f"{ended.get_absolute_url()}start-again", follow=True))

    assert f"{mug} is sold out." in page
    assert "Your cart is empty" in page


def test_starting_a_paid_order_again_makes_no_cart(mug: Variant, shopper: Shopper) -> None:
    order = shopper.buys(mug)
    stranger = Client()

    answer = stranger.post(f"{order.get_absolute_url()}start-again")

    assert (answer.status_code, answer["Location"]) == (303, order.get_absolute_url())
    assert "cart" not in answer.cookies
    assert Cart.objects.count() == 1


@pytest.mark.parametrize("page", ["", "return", "status.json"])
def test_an_orders_pages_can_be_asked_for_their_head_alone(mug: Variant, shopper: Shopper, page: str) -> None:
    order = shopper.buys(mug)

    assert Client().head(f"{order.get_absolute_url()}{page}").status_code in (200, 303)
