"""An order that nobody pays is given up, but only after the gateway has canceled its payment."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from catalog.models import Variant
from checkout.models import Order
from checkout.operations import expire
from checkout.operations.expire import expire_unpaid_orders
from payments.gateways.base import PaymentState
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, Payment
from payments.operations.collect import PaymentClosed, try_again
from payments.operations.looking import look_at_payment
from payments.signals import payment_changed
from tests.catalog.factories import shelved
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import Shopper, long_ago, payment_of
from tests.payments.arrange import RETURN_URL, carry, operation
from tests.payments.scripted import ScriptedGateway, lost, unreachable

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]


@pytest.fixture
def mug(gateway: ScriptedGateway) -> Variant:
    return shelved(3)


def reserved(variant: Variant) -> int:
    variant.refresh_from_db()
    return int(variant.stock.reserved)


@pytest.mark.parametrize("token", ["tok_declined", "tok_action"])
def test_an_order_that_nobody_paid_in_time_ends_when_the_gateway_confirmed_it(
    mug: Variant, gateway: ScriptedGateway, token: str
) -> None:
    order = long_ago(carried_order(mug, token))

    assert expire_unpaid_orders() == 1
    order.refresh_from_db()
    assert (order.status, reserved(mug)) == ("placed", 1)

    carry(payment_of(order))
    order.refresh_from_db()
    assert gateway.only_payment.state == PaymentState.CANCELED
    assert (payment_of(order).status, order.status, reserved(mug)) == ("failed", "cancelled", 0)


def test_an_order_that_is_young_paid_or_undecided_is_left_alone(mug: Variant, gateway: ScriptedGateway) -> None:
    carried_order(mug, "tok_declined")
    long_ago(carried_order(mug))
    gateway.script("confirm", lost())
    gateway.script("retrieve_payment", unreachable())
    long_ago(carried_order(mug))

    assert expire_unpaid_orders() == 0
    assert gateway.keys("cancel") == []


def test_how_long_an_order_waits_is_a_setting(mug: Variant, settings: Settings) -> None:
    long_ago(carried_order(mug, "tok_declined"))
    settings.ORDER_EXPIRES_AFTER_MINUTES = 240

    assert expire_unpaid_orders() == 0


def test_looking_again_while_it_is_under_way_asks_for_nothing_more(mug: Variant, gateway: ScriptedGateway) -> None:
    order = long_ago(carried_order(mug, "tok_declined"))

    assert [expire_unpaid_orders(), expire_unpaid_orders()] == [1, 0]
    carry(payment_of(order))
    assert expire_unpaid_orders() == 0
    assert len(gateway.keys("cancel")) == 1


def test_a_payment_that_succeeds_meanwhile_is_kept_and_the_order_completed(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    order = long_ago(carried_order(mug, "tok_action"))
    expire_unpaid_orders()
    gateway.complete_action("P-1")

    carry(payment_of(order))
    order.refresh_from_db()

    assert (payment_of(order).status, order.status) == ("succeeded", "confirmed")
    assert gateway.successful_charges == 1
    assert list(verify_ledger()) == []


def test_a_lost_answer_of_the_cancellation_is_asked_for_before_anything_ends(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    order = long_ago(carried_order(mug, "tok_declined"))
    gateway.script("cancel", lost())
    expire_unpaid_orders()

    carry(payment_of(order))
    order.refresh_from_db()
    assert order.status == "placed"

    carry(payment_of(order))
    order.refresh_from_db()
    assert order.status == "cancelled"


def test_while_it_is_being_canceled_nothing_can_be_paid(mug: Variant) -> None:
    order = long_ago(carried_order(mug, "tok_declined"))
    expire_unpaid_orders()

    with pytest.raises(PaymentClosed, match="being canceled"):
        try_again(payment_of(order), token="tok_ok", request_id=uuid.uuid4(), return_url=RETURN_URL)


def never_sent(mug: Variant, gateway: ScriptedGateway) -> Order:
    """An order of long ago whose payment never reached the gateway."""
    gateway.script("open_payment", unreachable())
    order = carried_order(mug)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_operation DISABLE TRIGGER payments_operation_frozen")
        cursor.execute("UPDATE payments_operation SET send_before = send_before - interval '1 hour'")
        cursor.execute("ALTER TABLE payments_operation ENABLE TRIGGER payments_operation_frozen")
    while payment_of(order).operations.filter(status="created").exists():
        carry(payment_of(order))
    return long_ago(order)


def test_one_order_that_cannot_be_ended_keeps_no_other_waiting_and_is_put_before_staff(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    bad, fine = never_sent(mug, gateway), never_sent(mug, gateway)

    def fail(payment: Payment, **kwargs: object) -> None:
        if payment == payment_of(bad):
            raise RuntimeError("the stock system is away")

    payment_changed.connect(fail)
    ended = expire_unpaid_orders()
    payment_changed.disconnect(fail)

    trouble = Discrepancy.objects.get()
    for order, status in ((bad, "placed"), (fine, "cancelled")):
        order.refresh_from_db()
        assert order.status == status
    assert ended == 1
    assert "the stock system is away" in trouble.explanation

    assert expire_unpaid_orders() == 1
    trouble.refresh_from_db()
    bad.refresh_from_db()
    assert (bad.status, trouble.resolved_at is None) == ("cancelled", False)


def test_orders_that_cannot_be_ended_never_fill_the_batch_for_good(
    mug: Variant, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expire, "BATCH", 1)
    bad, fine = never_sent(mug, gateway), never_sent(mug, gateway)

    def fail(payment: Payment, **kwargs: object) -> None:
        if payment == payment_of(bad):
            raise RuntimeError("the stock system is away")

    payment_changed.connect(fail)
    ended = expire_unpaid_orders()
    payment_changed.disconnect(fail)

    fine.refresh_from_db()
    assert (ended, fine.status) == (1, "cancelled")


def test_an_order_that_could_not_be_ended_and_was_paid_meanwhile_is_nothing_for_staff_any_more(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    order = never_sent(mug, gateway)

    def fail(**kwargs: object) -> None:
        raise RuntimeError("the stock system is away")

    payment_changed.connect(fail)
    expire_unpaid_orders()
    payment_changed.disconnect(fail)
    trouble = Discrepancy.objects.get(resolved_at=None)
    try_again(payment_of(order), token="tok_ok", request_id=uuid.uuid4(), return_url=RETURN_URL)
    carry(payment_of(order))

    assert expire_unpaid_orders() == 0

    trouble.refresh_from_db()
    assert "paid meanwhile" in trouble.resolution


def test_a_busy_database_is_no_persons_to_mend(mug: Variant, gateway: ScriptedGateway) -> None:
    order = never_sent(mug, gateway)

    def collide(**kwargs: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")

    payment_changed.connect(collide)
    ended = expire_unpaid_orders()
    payment_changed.disconnect(collide)

    assert (ended, Discrepancy.objects.count()) == (0, 0)
    assert expire_unpaid_orders() == 1
    order.refresh_from_db()
    assert order.status == "cancelled"


def test_a_payment_that_the_gateway_never_had_ends_at_once_with_our_own_proof(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    order = never_sent(mug, gateway)

    assert expire_unpaid_orders() == 1

    order.refresh_from_db()
    payment = payment_of(order)
    assert payment.proof is not None
    assert (payment.status, payment.proof.verdict, order.status) == ("failed", "expired", "cancelled")
    assert gateway.payments == {}


def test_the_shopper_of_an_expired_order_sees_that_nothing_was_charged(mug: Variant) -> None:
    shopper = Shopper()
    order = long_ago(shopper.buys(mug, "tok_declined"))
    expire_unpaid_orders()
    carry(payment_of(order))

    assert b"has ended. Nothing was charged" in shopper.client.get(order.get_absolute_url()).content


def test_money_that_comes_for_goods_that_are_gone_is_put_before_staff(gateway: ScriptedGateway) -> None:
    last = shelved(1)
    order = long_ago(carried_order(last, "tok_declined"))
    expire_unpaid_orders()
    carry(payment_of(order))
    carried_order(last)
    gateway._take_money(gateway.payments["P-1"])

    look_at_payment(payment_of(order))

    order.refresh_from_db()
    told = Discrepancy.objects.get(kind=Discrepancy.Kind.ORDER)
    assert order.status == "needs_attention"
    assert order.number in told.explanation and told.payment == payment_of(order)


def test_an_expired_payment_is_no_persons_void(mug: Variant) -> None:
    order = long_ago(carried_order(mug, "tok_declined"))
    expire_unpaid_orders()
    carry(payment_of(order))

    assert operation(payment_of(order), "void").expires
    assert payment_of(order).audit_entries.filter(actor="system", after__expires="unpaid").exists()
