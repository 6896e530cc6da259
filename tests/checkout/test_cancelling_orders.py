"""Staff give up an order of which no money is here any more."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.db.models.functions import Now
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.models import StockMovement, Variant
from checkout.models import Order, ShippingMethod
from payments.gateways.base import DisputeState, Subject, SubjectKind
from payments.models import AuditEntry, Discrepancy
from payments.money import Money
from payments.operations.looking import look_at
from payments.operations.refunding import refund
from tests.catalog.factories import shelved
from tests.checkout.desk import (
    CLERK,
    TOTAL,
    claimed_in_part,
    confirm,
    disputed,
    give_back,
    lost_in_part,
    now,
    page_of,
    refund_fails,
    shelf,
    told,
    trouble,
)
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import Shopper, payment_of
from tests.payments.arrange import carry
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]


def test_an_order_is_cancelled_once_its_money_went_back_completely(late: Order, last: Variant) -> None:
    give_back(payment_of(late))

    response = confirm(late, "cancel")

    assert response.status_code == 302
    now(late, "cancelled")
    assert "Cancelled" in trouble(late).resolution
    assert AuditEntry.objects.filter(action="cancelled", object_id=late.pk, payment=late.payment).exists()
    assert shelf(last) == (0, 0)
    assert [email.kind for email in late.emails.all()] == ["ended", "receipt", "refund"]


def test_an_order_whose_money_is_here_is_not_cancelled_and_the_page_links_to_its_payment(late: Order) -> None:
    page = page_of(late, "cancel")

    assert "17.20 EUR of its payment is still here. Refund it first." in page
    assert f"/admin/payments/payment/{payment_of(late).pk}/change/" in page
    assert "still here" in told(confirm(late, "cancel"))
    now(late, "needs_attention")


def test_after_a_partial_refund_the_page_names_what_is_left(late: Order) -> None:
    give_back(payment_of(late), 1000)

    assert "7.20 EUR of its payment is still here" in told(confirm(late, "cancel"))


def test_a_refund_that_has_not_arrived_is_waited_for(late: Order, gateway: ScriptedGateway) -> None:
    refund(payment_of(late), Money(TOTAL, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())

    assert "17.20 EUR is on its way back" in told(confirm(late, "cancel"))
    now(late, "needs_attention")


def test_a_disputed_order_waits_for_the_dispute_to_end(late: Order, gateway: ScriptedGateway) -> None:
    dispute = gateway.dispute("P-1", Money(TOTAL, "EUR"))
    subject = Subject(SubjectKind.DISPUTE, dispute)
    look_at(payment_of(late).account, subject, source="webhook")
    assert "disputes its payment" in told(confirm(late, "cancel"))

    gateway.close_dispute(dispute, DisputeState.LOST)
    look_at(payment_of(late).account, subject, source="webhook")
    confirm(late, "cancel")

    now(late, "cancelled")


def test_a_refund_that_fails_after_all_puts_the_cancelled_order_before_staff_again(
    late: Order, gateway: ScriptedGateway
) -> None:
    give_back(payment_of(late))
    confirm(late, "cancel")

    refund_fails(late, gateway)

    now(late, "needs_attention")
    assert "its money is here again" in trouble(late).explanation
    assert trouble(late).resolved_at is None


def test_a_lost_dispute_that_is_won_after_all_puts_the_cancelled_order_before_staff_again(
    late: Order, gateway: ScriptedGateway
) -> None:
    dispute = gateway.dispute("P-1", Money(TOTAL, "EUR"))
    for state in (DisputeState.LOST, DisputeState.WON):
        gateway.close_dispute(dispute, state)
        look_at(payment_of(late).account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")
        confirm(late, "cancel")

    now(late, "needs_attention")
    assert "its dispute ended otherwise" in trouble(late).explanation


def test_a_paid_order_is_cancelled_once_refunded_and_its_goods_are_on_the_shelf_again(
    gateway: ScriptedGateway,
) -> None:
    mug = shelved(3)
    order = now(carried_order(mug), "confirmed")
    assert "17.20 EUR of its payment is still here. Refund it first." in told(confirm(order, "cancel"))
    give_back(payment_of(order))
    clerk = staff(*CLERK)

    assert [confirm(order, "cancel", clerk).status_code for _ in range(2)] == [302, 302]

    now(order, "cancelled")
    assert shelf(mug) == (3, 0)
    returned = StockMovement.objects.get(variant=mug, reason="returned")
    assert (returned.on_hand_change, returned.actor) == (1, f"user:{clerk.pk}")
    assert "refunded" in told(Client().get(order.get_absolute_url() + "status.json"))


def test_an_order_of_zero_is_cancelled_and_its_goods_are_on_the_shelf_again(gateway: ScriptedGateway) -> None:
    ShippingMethod.objects.update(price_amount=0)
    gift = shelved(1, price_amount=0)
    shopper = Shopper()
    shopper.adds(gift)
    shopper.pays("")
    order = now(Order.objects.get(), "confirmed")

    assert confirm(order, "cancel").status_code == 302

    now(order, "cancelled")
    assert shelf(gift) == (1, 0)
    assert "This order was cancelled. There was nothing to pay." in told(Client().get(order.get_absolute_url()))


def test_a_fulfilled_order_is_not_cancelled(gateway: ScriptedGateway) -> None:
    mug = shelved(3)
    order = now(carried_order(mug), "confirmed")
    confirm(order, "fulfil")
    give_back(payment_of(order))

    assert "Its status is fulfilled" in told(confirm(order, "cancel"))
    assert shelf(mug) == (2, 0)


def test_an_order_that_is_only_authorized_is_voided_and_not_cancelled(
    gateway: ScriptedGateway, settings: Settings
) -> None:
    settings.CAPTURE_METHOD = "manual"
    order = now(carried_order(shelved(1)), "confirmed")

    assert "only authorized. Void it first." in told(confirm(order, "cancel"))
    now(order, "confirmed")


def test_an_order_that_comes_and_goes_again_moves_its_goods_each_time(gateway: ScriptedGateway) -> None:
    """Refunded and cancelled; then the refund fails, the order is kept after all, refunded again and cancelled."""
    mug = shelved(3)
    order = now(carried_order(mug), "confirmed")
    give_back(payment_of(order))
    confirm(order, "cancel")
    refund_fails(order, gateway)
    now(order, "needs_attention")
    assert shelf(mug) == (3, 0)

    confirm(order, "keep")
    assert shelf(mug) == (2, 0)
    give_back(payment_of(order))
    confirm(order, "cancel")

    now(order, "cancelled")
    assert shelf(mug) == (3, 0)


@pytest.mark.parametrize("before_cancelling", [(DisputeState.LOST,), (DisputeState.LOST, DisputeState.WON)])
def test_money_that_a_dispute_gives_back_after_its_end_puts_the_cancelled_order_before_staff_again(
    gateway: ScriptedGateway, before_cancelling: tuple[DisputeState, ...]
) -> None:
    order = carried_order(shelved(1))
    first, *later = before_cancelling
    disputed(order, gateway, first, withdrawn=True)
    confirm(order, "cancel")
    now(order, "cancelled")
    for state in later:
        disputed(order, gateway, state, withdrawn=True)

    disputed(order, gateway, before_cancelling[-1], withdrawn=False)

    now(order, "needs_attention")


def test_a_dispute_that_is_won_is_waited_for_until_its_money_is_here(gateway: ScriptedGateway) -> None:
    order = carried_order(shelved(1))
    disputed(order, gateway, DisputeState.WON, withdrawn=True)

    assert "disputes its payment" in told(confirm(order, "cancel"))
    assert payment_of(order).disputes.get().next_check_at is not None
    disputed(order, gateway, DisputeState.WON, withdrawn=False)
    assert "17.20 EUR of its payment is still here" in told(confirm(order, "cancel"))


def test_a_dispute_of_a_second_charge_keeps_no_refunded_order_from_being_cancelled(gateway: ScriptedGateway) -> None:
    order = carried_order(shelved(1))
    payment = payment_of(order)
    second = gateway.charge_again("P-1")
    look_at(payment.account, Subject(SubjectKind.PAYMENT, second), source="webhook")
    dispute = gateway.dispute(second, Money(TOTAL, "EUR"))
    look_at(payment.account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")
    refund(payment, Money(TOTAL, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    while payment.operations.filter(kind="refund", status="created").exists():
        carry(payment)

    confirm(order, "cancel")

    now(order, "cancelled")


def test_an_order_is_cancelled_after_a_partial_dispute_was_lost_and_what_stays_is_put_before_staff(
    gateway: ScriptedGateway,
) -> None:
    """The gateway refuses to refund the rest, which is owed to the shopper all the same."""
    mug = shelved(3)
    order = Shopper().buys(mug)
    lost_in_part(order, gateway)
    assert "12.20 EUR of its payment stays here" in page_of(order, "cancel")

    confirm(order, "cancel")

    assert now(order, "cancelled").left_amount == 1220
    assert shelf(mug) == (3, 0)
    assert "12.20 EUR of its payment stays here" in trouble(order).explanation
    assert trouble(order).resolved_at is None
    entry = AuditEntry.objects.get(action="cancelled", object_id=order.pk)
    assert entry.after == {"status": "cancelled", "left": 1220}
    assert "in another way" in told(Client().get(order.get_absolute_url() + "status.json"))


def test_while_a_partial_dispute_is_undecided_the_order_waits(gateway: ScriptedGateway) -> None:
    order = Shopper().buys(shelved(1))
    claimed_in_part(order, gateway)

    assert "disputes its payment" in told(confirm(order, "cancel"))
    now(order, "confirmed")


def test_what_stayed_of_a_cancelled_order_is_no_money_that_came_back(gateway: ScriptedGateway) -> None:
    order = Shopper().buys(shelved(1))
    dispute = lost_in_part(order, gateway)
    confirm(order, "cancel")

    for state in (DisputeState.UNDER_REVIEW, DisputeState.LOST):
        gateway.disputes[dispute] = replace(gateway.disputes[dispute], state=state)
        look_at(payment_of(order).account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")

    now(order, "cancelled")


def won_after_all(order: Order, dispute: str, gateway: ScriptedGateway) -> None:
    """The bank decides anew, for the shop, and the gateway tells us."""
    gateway.close_dispute(dispute, DisputeState.WON)
    look_at(payment_of(order).account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")


def test_a_lost_partial_dispute_that_is_won_after_all_is_refunded_before_the_order_is_cancelled_again(
    gateway: ScriptedGateway,
) -> None:
    order = Shopper().buys(shelved(1))
    dispute = lost_in_part(order, gateway)
    confirm(order, "cancel")
    won_after_all(order, dispute, gateway)
    now(order, "needs_attention")
    assert "17.20 EUR of its payment is still here" in told(confirm(order, "cancel"))

    give_back(payment_of(order))
    confirm(order, "cancel")

    assert now(order, "cancelled").left_amount == 0
    assert not Discrepancy.objects.filter(kind=Discrepancy.Kind.ORDER, resolved_at=None).exists()


def test_what_was_paid_in_another_way_is_not_asked_for_again(gateway: ScriptedGateway) -> None:
    """12.20 stayed and went back by a transfer; then the dispute is won, and only the 5.00 are refunded."""
    order = Shopper().buys(shelved(1))
    dispute = lost_in_part(order, gateway)
    confirm(order, "cancel")
    Discrepancy.objects.update(resolved_at=Now(), resolution="Paid by bank transfer.")
    won_after_all(order, dispute, gateway)
    give_back(payment_of(order), 500)
    assert "as when the order was cancelled before" in page_of(order, "cancel")

    confirm(order, "cancel")

    assert now(order, "cancelled").left_amount == 1220
    assert not Discrepancy.objects.filter(resolved_at=None).exists()


def test_a_kept_order_leaves_nothing_to_be_paid_in_another_way(gateway: ScriptedGateway) -> None:
    order = Shopper().buys(shelved(1))
    dispute = lost_in_part(order, gateway)
    confirm(order, "cancel")
    won_after_all(order, dispute, gateway)

    confirm(order, "keep")

    assert now(order, "confirmed").left_amount == 0
    assert not Discrepancy.objects.filter(kind=Discrepancy.Kind.ORDER, resolved_at=None).exists()
    assert "17.20 EUR of its payment is still here" in told(confirm(order, "cancel"))


def test_when_more_stays_than_before_staff_are_reminded_of_what_they_wrote_down_then(gateway: ScriptedGateway) -> None:
    """A refund fails after the order was cancelled: that money is here as well, and cannot be refunded again."""
    order = Shopper().buys(shelved(1))
    give_back(payment_of(order), 200)
    lost_in_part(order, gateway)
    confirm(order, "cancel")
    assert now(order, "cancelled").left_amount == 1020
    refund_fails(order, gateway)
    now(order, "needs_attention")

    confirm(order, "cancel")

    assert now(order, "cancelled").left_amount == 1220
    (open_one,) = Discrepancy.objects.filter(subject=f"left:{order.number}", resolved_at=None)
    assert "12.20 EUR of its payment stays here" in open_one.explanation
    assert "When it was cancelled before, 10.20 EUR stayed" in open_one.explanation
