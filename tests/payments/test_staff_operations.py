"""Refund, capture and void as staff ask for them: once per wish, never more than there is."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection

from payments.gateways.base import Declined, Refusal
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, Payment
from payments.money import Money
from payments.operations.capturing import NotCapturable, NotVoidable, capture, void
from payments.operations.looking import look_at_payment
from payments.operations.refunding import NotRefundable, refund
from tests.payments.arrange import PRICE, authorized, carried, carry, operation
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway, answers, lost, unsent

pytestmark = pytest.mark.django_db(transaction=True)


def carry_all(payment: Payment) -> None:
    while payment.operations.filter(status__in=["created", "unknown"]).exists():
        carry(payment)


def test_the_same_refund_request_twice_is_one_refund_and_two_equal_requests_are_two(gateway: ScriptedGateway) -> None:
    payment, by = carried(), staff()
    wish = uuid.uuid4()

    first = refund(payment, Money(500, "EUR"), reason="", by=by, request_id=wish)
    same = refund(payment, Money(500, "EUR"), reason="", by=by, request_id=wish)
    other = refund(payment, Money(500, "EUR"), reason="", by=by, request_id=uuid.uuid4())
    carry_all(payment)

    assert first == same != other
    assert payment.refunded_amount == 1000
    assert len(set(gateway.keys("refund"))) == len(gateway.refunds) == 2


@pytest.mark.parametrize(
    ("money", "told"),
    [
        (Money(4201, "EUR"), "At most 42.00 EUR is left"),
        (Money(0, "EUR"), "positive"),
        (Money(-100, "EUR"), "positive"),
        (Money(100, "USD"), "cannot be refunded in USD"),
    ],
)
def test_a_refund_beyond_what_is_left_is_refused_with_the_reason(
    gateway: ScriptedGateway, money: Money, told: str
) -> None:
    with pytest.raises(NotRefundable, match=told):
        refund(carried(), money, reason="", by=staff(), request_id=uuid.uuid4())


def test_of_twenty_refunds_at_once_only_as_many_succeed_as_there_is_money(gateway: ScriptedGateway) -> None:
    payment, by = carried(money=Money(10000, "EUR")), staff()
    barrier = threading.Barrier(20)
    refused: list[str] = []

    def ask_for_sixty() -> None:
        barrier.wait()
        try:
            refund(payment, Money(6000, "EUR"), reason="", by=by, request_id=uuid.uuid4())
        except NotRefundable as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask_for_sixty) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    carry_all(payment)

    assert len(refused) == 19
    assert (payment.refunded_amount, payment.refund_reserved_amount) == (6000, 0)
    assert sum(seen.money.amount for seen in gateway.refunds.values()) == 6000
    assert list(verify_ledger()) == []


def test_an_authorization_is_captured_in_full(gateway: ScriptedGateway) -> None:
    payment = authorized()

    capture(payment, PRICE, by=staff())
    carry(payment)

    assert (payment.status, payment.captured_amount) == ("succeeded", 4200)
    assert payment.attempts.get().status == "succeeded"
    assert list(verify_ledger()) == []


def test_an_authorization_is_captured_in_part_and_only_that_can_be_refunded(gateway: ScriptedGateway) -> None:
    payment = authorized()

    capture(payment, Money(1500, "EUR"), by=staff())
    carry(payment)

    assert (payment.status, payment.captured_amount) == ("partially_captured", 1500)
    assert payment.left == Money(1500, "EUR")
    assert list(verify_ledger()) == []


def test_a_lost_answer_of_a_capture_is_asked_for_and_never_repeated(gateway: ScriptedGateway) -> None:
    payment = authorized()
    gateway.script("capture", lost())
    capture(payment, PRICE, by=staff())
    carry(payment)
    assert payment.status == "requires_capture"

    carry(payment)

    assert payment.status == "succeeded"
    assert len(gateway.keys("capture")) == 1


def test_a_refused_capture_is_put_before_staff_until_one_takes_money(gateway: ScriptedGateway) -> None:
    payment = authorized()
    refusal = Refusal("capture_refused", "the bank wants to be asked later", "try_again")
    gateway.script("capture", answers(Declined(refusal, gateway.only_payment)))
    capture(payment, PRICE, by=staff())
    carry(payment)

    told = Discrepancy.objects.get()
    assert (told.kind, told.payment, told.resolved_at) == (Discrepancy.Kind.CAPTURE, payment, None)
    assert "The capture of 42.00 EUR took nothing: the bank wants to be asked later." in told.explanation

    capture(payment, PRICE, by=staff())
    carry(payment)

    told.refresh_from_db()
    assert (payment.status, told.resolution) == ("succeeded", "Captured after all.")


def test_a_capture_of_an_authorization_that_had_ended_is_put_before_staff(gateway: ScriptedGateway) -> None:
    payment = authorized()
    gateway.script("capture", unsent())
    capture(payment, PRICE, by=staff())
    carry(payment)
    gateway.expire(payment.gateway_id)

    look_at_payment(payment)

    told = Discrepancy.objects.get()
    assert operation(payment, "capture").status == "failed"
    assert (told.kind, told.resolved_at) == (Discrepancy.Kind.CAPTURE, None)
    assert "took nothing: the authorization had ended." in told.explanation


def test_an_authorization_is_voided_on_a_persons_wish(gateway: ScriptedGateway) -> None:
    payment = authorized()

    void(payment, by=staff())
    carry(payment)

    assert (payment.status, payment.attempts.get().status) == ("canceled", "canceled")


def test_capture_and_void_exclude_each_other(gateway: ScriptedGateway) -> None:
    payment = authorized()
    capture(payment, PRICE, by=staff())

    with pytest.raises(NotVoidable, match="under way"):
        void(payment, by=staff())
    with pytest.raises(NotCapturable, match="under way"):
        capture(payment, PRICE, by=staff())


@pytest.mark.parametrize("money", [Money(4201, "EUR"), Money(0, "EUR"), Money(4200, "USD")])
def test_no_more_than_the_authorization_is_captured(gateway: ScriptedGateway, money: Money) -> None:
    with pytest.raises(NotCapturable):
        capture(authorized(), money, by=staff())


def test_a_paid_payment_is_neither_captured_nor_voided(gateway: ScriptedGateway) -> None:
    payment = carried()

    with pytest.raises(NotCapturable):
        capture(payment, PRICE, by=staff())
    with pytest.raises(NotVoidable):
        void(payment, by=staff())


def test_a_void_whose_answer_is_lost_is_proven_refused_by_the_money_that_was_taken(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    void(payment, by=staff())
    gateway.complete_action("P-1")
    gateway.script("cancel", lost())

    carry(payment)
    carry(payment)

    assert (payment.status, payment.operations.get(kind="void").status) == ("succeeded", "failed")
    assert len(gateway.keys("cancel")) == 1


def test_a_void_that_comes_too_late_leaves_the_money_taken(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    void(payment, by=staff())
    gateway.complete_action("P-1")

    carry(payment)

    assert payment.status == "succeeded"
    assert payment.operations.get(kind="void").status == "failed"
