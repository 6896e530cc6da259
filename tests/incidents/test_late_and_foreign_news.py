"""News that comes late, doubled, in any order, or that is about somebody else's money."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from catalog.models import Variant
from checkout.operations.emails import send_email
from payments.gateways.base import PaymentSeen, Subject, SubjectKind
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, LedgerTransaction, Payment, WebhookEvent
from payments.money import Money
from payments.operations.clock import database_now
from payments.operations.collect import AttemptStillOpen, try_again
from payments.operations.looking import look_at, look_at_payment, store
from payments.operations.refunding import refund
from payments.states.apply import apply
from payments.webhooks.inbox import drain_inbox
from tests.catalog.factories import shelved
from tests.checkout.shopper import Shopper, payment_of
from tests.incidents.racing import at_once
from tests.payments.arrange import RETURN_URL, age, carried, carry, operation, retry
from tests.payments.people import staff
from tests.payments.refusals import execute, refused_by
from tests.payments.scripted import ScriptedGateway, unsent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]


@pytest.fixture
def mug(gateway: ScriptedGateway) -> Variant:
    return shelved(20)


def hear(payment: Payment, gateway_id: str, kind: SubjectKind = SubjectKind.PAYMENT) -> None:
    look_at(payment.account, Subject(kind, gateway_id), source="webhook")
    payment.refresh_from_db()


def test_money_that_came_after_an_error_state_is_believed(mug: Variant, gateway: ScriptedGateway) -> None:
    """pay-connector 443 and 389: a late "captured" was ignored, since the state had become an error meanwhile."""
    order = Shopper().buys(mug, "tok_declined")
    gateway.expire("P-1")
    look_at_payment(payment_of(order))
    assert payment_of(order).status == "failed"
    gateway._take_money(gateway.payments["P-1"])

    hear(payment_of(order), "P-1")

    order.refresh_from_db()
    assert (payment_of(order).status, order.status) == ("succeeded", "confirmed")
    assert list(verify_ledger()) == []


def test_a_webhook_before_our_row_exists_is_kept_and_converges(gateway: ScriptedGateway) -> None:
    """pay-connector 1854, statamic-cargo 190: an event for a row that was not written yet got a 200 and was dropped."""
    body, headers = gateway.webhook("P-1", event_id="e-1")
    url = "/payments/webhooks/scripted/"
    assert Client().post(url, body, content_type="application/json", headers=headers).status_code == 200
    drain_inbox()
    assert WebhookEvent.objects.get().status == "unmatched"

    payment = carried("tok_action")
    gateway.complete_action("P-1")
    WebhookEvent.objects.update(next_try_at=database_now())
    drain_inbox()

    payment.refresh_from_db()
    assert (payment.status, WebhookEvent.objects.get().status) == ("succeeded", "processed")


def test_all_orders_of_an_old_failure_and_a_new_success_end_alike(gateway: ScriptedGateway) -> None:
    """woocommerce-gateway-stripe 902: a late "failed" of an older attempt downgraded an order that was paid."""
    for order in itertools.permutations(["fail A", "success B", "success B again", "expire A", "refund B"]):
        payment = carried("tok_declined")
        failed = gateway.payments[payment.gateway_id].seen
        failed_asked_at = database_now()
        retry(payment)
        refund(payment, Money(1000, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
        carry(payment)
        refund_id = payment.refunds.get().gateway_id
        news: dict[str, Callable[[], None]] = {
            "fail A": _stored(payment, failed, failed_asked_at),
            "success B": lambda: hear(payment, payment.gateway_id),  # noqa: B023
            "success B again": lambda: hear(payment, payment.gateway_id),  # noqa: B023
            "expire A": _stored(payment, replace(failed, charge_id=""), failed_asked_at),
            "refund B": lambda: hear(payment, refund_id, SubjectKind.REFUND),  # noqa: B023
        }

        for name in order:
            news[name]()

        payment.refresh_from_db()
        assert (payment.status, payment.captured_amount, payment.refunded_amount) == ("succeeded", 4200, 1000), order
        assert LedgerTransaction.objects.filter(payment=payment).count() == 2, order
    assert list(verify_ledger()) == []
    assert not Discrepancy.objects.exists()


def _stored(payment: Payment, seen: PaymentSeen, asked_at: datetime) -> Callable[[], None]:
    def come() -> None:
        observation = store(payment, seen, source="webhook", asked_at=asked_at)
        apply(observation.pk)

    return come


def test_two_tabs_with_two_bank_prompts_make_one_charge(mug: Variant, gateway: ScriptedGateway) -> None:
    """woocommerce-payments 5678: two tabs opened two 3-D Secure prompts, and both were charged."""
    order = Shopper().buys(mug, "tok_action")
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
    order = Shopper().buys(mug)
    payment = payment_of(order)
    second = gateway.charge_again(payment.gateway_id)

    hear(payment, second)
    carry(payment)

    assert [(seen.payment_gateway_id, seen.money) for seen in gateway.refunds.values()] == [(second, payment.money)]
    assert (payment.captured, payment.refunded_amount) == (payment.money, 0)
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.SURPLUS
    send_email(order.emails.get(kind="surplus").pk)
    assert "charged a second time" in mail.outbox[-1].body
    assert list(verify_ledger()) == []


def test_one_object_of_the_gateway_is_never_two_payments(gateway: ScriptedGateway) -> None:
    """woocommerce-payments 3980: one PaymentIntent paid for two orders."""
    first, second = carried("tok_ok"), carried("tok_declined")

    with refused_by("payments_payment_gateway_id_once"):
        execute("ALTER TABLE payments_payment DISABLE TRIGGER payments_payment_frozen")
        execute("UPDATE payments_payment SET gateway_id = %s WHERE id = %s", first.gateway_id, second.pk)


def test_another_orders_success_pays_nothing_and_is_put_before_staff(gateway: ScriptedGateway) -> None:
    """woocommerce-payments 6977: an event of another order completed this one."""
    ours, other = carried("tok_action"), carried("tok_ok")
    foreign = gateway.payments[other.gateway_id].seen

    apply(store(ours, foreign, source="webhook", asked_at=database_now()).pk)

    ours.refresh_from_db()
    assert (ours.status, ours.captured_amount, ours.surplus_amount) == ("requires_action", 0, 0)
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.MISMATCH


def test_a_payment_that_never_left_does_not_stay_pending_for_ever(mug: Variant, gateway: ScriptedGateway) -> None:
    """woocommerce-payments 4246: a blocked payment left its order pending for good."""
    gateway.script("confirm", *[unsent()] * 20)
    order = Shopper().buys(mug)
    payment = payment_of(order)

    for _ in range(8):
        age(payment, timedelta(minutes=10))
        carry(payment)
    order.refresh_from_db()

    assert operation(payment, "sale").status == "failed"
    assert (payment.status, order.status) == ("failed", "cancelled")
    assert gateway.successful_charges == 0
