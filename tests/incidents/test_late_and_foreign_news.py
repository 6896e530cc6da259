"""News that comes late, doubled, in any order, or that is about somebody else's money."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from catalog.models import Variant
from checkout.models import Order
from checkout.operations.emails import send_email
from checkout.operations.expire import expire_unpaid_orders
from payments.gateways.base import Found, Subject, SubjectKind
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, LedgerTransaction, Payment, WebhookEvent
from payments.money import Money
from payments.operations.capturing import capture
from payments.operations.clock import database_now
from payments.operations.collect import AttemptStillOpen, try_again
from payments.operations.looking import look_at, store
from payments.operations.progress import progress
from payments.states.apply import apply
from payments.webhooks.inbox import drain_inbox
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import long_ago, payment_of
from tests.incidents.racing import at_once
from tests.payments.arrange import RETURN_URL, age, authorized, carried, carry, operation, retry
from tests.payments.people import staff
from tests.payments.refusals import execute, refused_by
from tests.payments.scripted import ScriptedGateway, lost, unsent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping", "no_deadlock")]


URL = "/payments/webhooks/scripted/"


def hear(payment: Payment, gateway_id: str, kind: SubjectKind = SubjectKind.PAYMENT) -> None:
    look_at(payment.account, Subject(kind, gateway_id), source="webhook")
    payment.refresh_from_db()


def test_money_that_came_after_an_error_state_is_believed(mug: Variant, gateway: ScriptedGateway) -> None:
    """pay-connector 443: a late "captured" was ignored, since the state had become an error meanwhile."""
    order = carried_order(mug, "tok_action")
    gateway.expire("P-1")
    hear(payment_of(order), "P-1")
    assert (payment_of(order).status, order.status) == ("failed", "cancelled")
    gateway.complete_action("P-1")

    hear(payment_of(order), "P-1")

    assert (payment_of(order).status, order.status) == ("succeeded", "confirmed")
    assert payment_of(order).captured == order.total
    assert list(verify_ledger()) == []


def test_the_news_that_a_capture_was_done_is_believed_while_we_are_about_to_try_it_again(
    gateway: ScriptedGateway,
) -> None:
    """pay-connector 389: a capture timed out and had been done; from "to be tried again", "captured" was no way."""
    payment = authorized()
    gateway.script("capture", lost())
    capture(payment, payment.money, by=staff())
    carry(payment)
    assert operation(payment, "capture").status == "unknown"

    hear(payment, "P-1")
    carry(payment)

    assert (payment.status, operation(payment, "capture").status) == ("succeeded", "succeeded")
    assert len(gateway.keys("capture")) == 1


def test_a_webhook_before_our_row_exists_is_kept_and_converges(gateway: ScriptedGateway) -> None:
    """pay-connector 1854, statamic-cargo 190: an event came before its row, got a 200, and was never heard of again."""
    body, headers = gateway.webhook("P-1", event_id="e-1")
    assert Client().post(URL, body, content_type="application/json", headers=headers).status_code == 200
    drain_inbox()
    assert WebhookEvent.objects.get().status == "unmatched"

    payment = carried("tok_action")
    gateway.complete_action("P-1")
    WebhookEvent.objects.update(next_try_at=database_now())
    drain_inbox()

    payment.refresh_from_db()
    assert (payment.status, WebhookEvent.objects.get().status) == ("succeeded", "processed")


NEWS = ("fail A", "success B", "success B again", "expire A", "refund B")


@pytest.mark.parametrize("first", NEWS)
def test_all_orders_of_an_old_failure_and_a_new_success_end_alike(
    mug: Variant, gateway: ScriptedGateway, first: str
) -> None:
    """woocommerce-gateway-stripe 902: a late "failed" of an older attempt downgraded an order that was paid.

    Every order of the five, and none of them known here before; each was asked for when it was true.
    """
    for later in itertools.permutations([name for name in NEWS if name != first]):
        order = carried_order(mug, "tok_declined")
        news = news_of_two_attempts(order, gateway)

        for name in (first, *later):
            apply(news[name])

        assert end_of(order) == PAID_AND_PARTLY_REFUNDED, later
    assert not Discrepancy.objects.filter(resolved_at=None).exists()
    assert list(verify_ledger()) == []


PAID_AND_PARTLY_REFUNDED = {
    "payment": ("succeeded", 1720, 1000, 0),
    "attempts": ["declined", "succeeded"],
    "sale": "succeeded",
    "order": "confirmed",
    "mails": ["receipt", "refund"],
    "booked": ["capture", "refund"],
}


def news_of_two_attempts(order: Order, gateway: ScriptedGateway) -> dict[str, int]:
    """A was declined and its time ran out, B's answer got lost, and staff refunded a part in the dashboard."""
    payment = payment_of(order)

    def look(kind: SubjectKind, gateway_id: str) -> int:
        asked_at = database_now()
        found = gateway.fetch(Subject(kind, gateway_id))
        assert isinstance(found, Found)
        return store(payment, found.seen, source="webhook", asked_at=asked_at).pk

    fail_a, expire_a = (look(SubjectKind.PAYMENT, payment.gateway_id) for _ in range(2))
    gateway.script("confirm", lost())
    retry(payment)
    success_b, again = (look(SubjectKind.PAYMENT, payment.gateway_id) for _ in range(2))
    refund_b = look(SubjectKind.REFUND, gateway.refund_outside(payment.gateway_id, Money(1000, "EUR")))
    return dict(zip(NEWS, (fail_a, success_b, again, expire_a, refund_b), strict=True))


def end_of(order: Order) -> dict[str, object]:
    payment = payment_of(order)
    return {
        "payment": (payment.status, payment.captured_amount, payment.refunded_amount, payment.excess_amount),
        "attempts": [attempt.status for attempt in payment.attempts.all()],
        "sale": operation(payment, "sale").status,
        "order": order.status,
        "mails": sorted(order.emails.values_list("kind", flat=True)),
        "booked": sorted(LedgerTransaction.objects.filter(payment=payment).values_list("kind", flat=True)),
    }


def test_two_tabs_with_two_bank_prompts_make_one_charge(mug: Variant, gateway: ScriptedGateway) -> None:
    """woocommerce-payments 5678: two tabs opened two 3-D Secure prompts; both were completed, and both charged."""
    order = carried_order(mug, "tok_action")
    payment = payment_of(order)

    def pay_in_another_tab() -> object:
        return try_again(payment, token="tok_action", request_id=uuid.uuid4(), return_url=RETURN_URL)

    results = at_once([pay_in_another_tab] * 5)

    assert all(isinstance(result, AttemptStillOpen) for result in results)
    gateway.complete_action(payment.gateway_id)
    hear(payment, payment.gateway_id)
    assert (gateway.successful_charges, payment.status) == (1, "succeeded")


def test_a_second_charge_that_came_all_the_same_is_given_back_and_both_sides_are_told(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    """woocommerce-payments 5678, the worst case: the gateway took the money twice, past all our code."""
    order = carried_order(mug)
    payment = payment_of(order)
    second = gateway.charge_again(payment.gateway_id)

    at_once([lambda: look_at(payment.account, Subject(SubjectKind.PAYMENT, second), source="webhook")] * 5)
    carry(payment)

    assert [(seen.payment_gateway_id, seen.money) for seen in gateway.refunds.values()] == [(second, payment.money)]
    assert (payment.captured, payment.refunded_amount) == (payment.money, 0)
    assert payment.surplus_amount == payment.surplus_reversed_amount == payment.amount
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.SURPLUS
    send_email(order.emails.get(kind="surplus").pk)
    assert "charged a second time" in mail.outbox[-1].body
    assert list(verify_ledger()) == []


def test_one_object_of_the_gateway_is_never_two_payments(gateway: ScriptedGateway) -> None:
    """woocommerce-payments 3980: one PaymentIntent was attached to two orders, and refunding one changed the other."""
    first, second = carried("tok_ok"), carried("tok_declined")

    with refused_by("payments_payment_gateway_id_once"):
        execute("ALTER TABLE payments_payment DISABLE TRIGGER payments_payment_frozen")
        execute("UPDATE payments_payment SET gateway_id = %s WHERE id = %s", first.gateway_id, second.pk)


@pytest.mark.parametrize("changed", ["reference", "money"])
def test_another_orders_success_pays_nothing_and_is_put_before_staff(gateway: ScriptedGateway, changed: str) -> None:
    """woocommerce-payments 6977: an intent of another order, for another amount, completed this one."""
    ours, other = carried("tok_action"), carried("tok_ok", money=Money(9900, "EUR"))
    gateway.complete_action(ours.gateway_id)
    true, foreign = gateway.payments[ours.gateway_id].seen, gateway.payments[other.gateway_id].seen
    swapped = replace(true, **{changed: getattr(foreign, changed)})

    for seen in (foreign, swapped):
        apply(store(ours, seen, source="webhook", asked_at=database_now()).pk)

    ours.refresh_from_db()
    assert (ours.status, ours.captured_amount, ours.surplus_amount) == ("requires_action", 0, 0)
    assert set(Discrepancy.objects.values_list("kind", "payment")) == {(Discrepancy.Kind.MISMATCH, ours.pk)}


def test_an_event_about_somebody_elses_object_is_quarantined_and_touches_nothing(gateway: ScriptedGateway) -> None:
    """woocommerce-payments 6977: another shop on the same account, or a payment made in the dashboard."""
    ours = carried("tok_action")
    foreign = gateway.charge_again(ours.gateway_id, reference="an order of another shop")
    body, headers = gateway.webhook(foreign, event_id="e-1")
    assert Client().post(URL, body, content_type="application/json", headers=headers).status_code == 200

    while WebhookEvent.objects.filter(next_try_at__isnull=False).exists():
        WebhookEvent.objects.update(next_try_at=database_now())
        drain_inbox()

    ours.refresh_from_db()
    assert (ours.status, ours.captured_amount) == ("requires_action", 0)
    assert WebhookEvent.objects.get().status == "parked"
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.UNMATCHED


def test_a_blocked_payment_does_not_stay_pending(mug: Variant, gateway: ScriptedGateway) -> None:
    """woocommerce-payments 4246: the bank blocked a payment, its one event was of no interest, the order hung for good.

    Here the answer is lost, and the only event is one about the object.
    """
    gateway.script("confirm", lost())
    order = carried_order(mug, "tok_declined")
    body, headers = gateway.webhook("P-1", event_id="e-1")
    Client().post(URL, body, content_type="application/json", headers=headers)

    drain_inbox()

    assert progress(payment_of(order)).state == "declined"
    expire_unpaid_orders()
    assert order.status == "placed"  # still time for another card
    long_ago(order)
    expire_unpaid_orders()
    carry(payment_of(order))
    assert (payment_of(order).status, order.status) == ("failed", "cancelled")
    assert gateway.successful_charges == 0


def test_a_payment_that_never_left_does_not_stay_pending_for_ever(mug: Variant, gateway: ScriptedGateway) -> None:
    """The other half of woocommerce-payments 4246: whatever blocks the way to the gateway, the order ends."""
    gateway.script("confirm", *[unsent()] * 20)
    order = carried_order(mug)
    payment = payment_of(order)

    for _ in range(8):
        age(payment, timedelta(minutes=10))
        carry(payment)
    order.refresh_from_db()

    assert operation(payment, "sale").status == "failed"
    assert (payment.status, order.status) == ("failed", "cancelled")
    assert gateway.successful_charges == 0
