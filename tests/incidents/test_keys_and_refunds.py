"""A retry never draws a new key, and money goes back once for each wish, and never more than came."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from payments.gateways.base import DisputeState, Subject, SubjectKind
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, Operation, Payment, Refund
from payments.money import Money
from payments.operations.capturing import NotCapturable, NotVoidable, capture, void
from payments.operations.looking import look_at
from payments.operations.refunding import NotRefundable, refund
from tests.incidents.carrying import carry_all
from tests.incidents.racing import at_once, starting_line
from tests.payments.arrange import age, authorized, carried, carry, operation
from tests.payments.people import staff
from tests.payments.refusals import execute, refused_by
from tests.payments.scripted import ScriptedGateway, lost, replays_an_error, unsent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_deadlock")]

HUNDRED = Money(10_000, "EUR")
ROUNDS = 30


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    return carried("tok_ok", money=HUNDRED)


def give_back(payment: Payment, amount: int) -> Refund:
    return refund(payment, Money(amount, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())


def write_past_our_code(payment: Payment, amount: int) -> Refund:
    return Refund.objects.create(
        payment=payment,
        account=payment.account,
        request_id=uuid.uuid4(),
        amount=amount,
        currency="EUR",
        source="api",
        status="requested",
        transition_cause="requested",
    )


@pytest.mark.parametrize("fate", [lost, unsent])
def test_a_refund_that_is_tried_again_has_the_same_key_and_goes_back_once(
    paid: Payment, gateway: ScriptedGateway, fate: type
) -> None:
    """medusa 16681 and saleor/apps 2446: a refund whose answer was lost was asked for again under a new key."""
    gateway.script("refund", fate())
    give_back(paid, 2500)

    carry_all(paid)

    assert (len(gateway.refunds), len(set(gateway.keys("refund")))) == (1, 1)
    assert paid.refunded == Money(2500, "EUR")


@pytest.mark.parametrize("fate", [lost, unsent])
def test_a_capture_that_is_tried_again_has_the_same_key_and_takes_once(gateway: ScriptedGateway, fate: type) -> None:
    """medusa 16292: the row that gave the key was deleted when the answer was lost, so the next try had another."""
    payment = authorized()
    gateway.script("capture", fate())
    capture(payment, payment.money, by=staff())

    carry_all(payment)

    assert len(set(gateway.keys("capture"))) == 1
    assert (payment.captured, gateway.only_payment.captured) == (payment.money, payment.money)


def test_two_wishes_for_the_same_five_euros_are_two_refunds(paid: Payment, gateway: ScriptedGateway) -> None:
    """saleor/apps 2446, the other side: a key made of order and amount swallows the second of two equal refunds."""
    give_back(paid, 500)
    give_back(paid, 500)

    carry_all(paid)

    assert len(set(gateway.keys("refund"))) == len(gateway.refunds) == 2
    assert paid.refunded == Money(1000, "EUR")


def test_of_twenty_refunds_of_sixty_on_a_hundred_one_is_taken(paid: Payment, gateway: ScriptedGateway) -> None:
    """hyperswitch 13182: two refunds of 60 on 100 at once both passed the check of what was left."""
    results = at_once([lambda: give_back(paid, 6000)] * 20)

    carry_all(paid)
    refused = [result for result in results if isinstance(result, NotRefundable)]
    assert (len(refused), Refund.objects.count(), len(gateway.refunds)) == (19, 1, 1)
    assert paid.refunded == Money(6000, "EUR")


@pytest.mark.parametrize("amount", [-1, -6000, 0])
def test_a_refund_of_less_than_nothing_is_refused_by_us_and_by_the_database(paid: Payment, amount: int) -> None:
    """hyperswitch 13182 once more: a negative amount is less than what is left, and so passed the check."""
    with pytest.raises(NotRefundable, match="positive"):
        give_back(paid, amount)
    with refused_by("payments_refund_amount_positive"):
        write_past_our_code(paid, amount)


def test_past_all_our_code_one_of_twenty_refunds_takes_what_was_reserved_once(paid: Payment) -> None:
    """hyperswitch 13182, in the database alone: enough is reserved for each, and none sees the others' rows."""
    execute("UPDATE payments_payment SET refund_reserved_amount = 6000")

    def write_and_linger() -> None:
        with transaction.atomic():
            write_past_our_code(paid, 6000)
            execute("SET CONSTRAINTS payments_refund_is_reserved IMMEDIATE")
            execute("SELECT pg_sleep(0.05)")  # checked and not committed: whoever does not wait here overtakes

    results = at_once([write_and_linger] * 20)

    refused = [result for result in results if isinstance(result, IntegrityError)]
    assert (len(refused), Refund.objects.count()) == (19, 1)
    assert all("is not reserved" in str(error) for error in refused)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("refund_reserved_amount = 6000, refunded_amount = 6000", "payments_payment_refunds_within_captured"),
        ("refunded_amount = 6000, disputed_amount = 6000", "payments_payment_refunds_within_captured"),
        ("refunded_amount = -6000", "payments_payment_totals_not_negative"),
        ("captured_amount = 12000", "payments_payment_captured_within_amount"),
    ],
)
def test_past_all_our_code_the_database_keeps_refunds_within_what_was_captured(
    paid: Payment, change: str, constraint: str
) -> None:
    """hyperswitch 13182: its sums were checked by the program alone."""
    with refused_by(constraint):
        execute(f"UPDATE payments_payment SET {change}")


def test_after_a_stored_error_is_replayed_a_capture_that_worked_is_found_and_not_failed(
    gateway: ScriptedGateway,
) -> None:
    """pay-connector 3962: the provider replayed a stored 5xx for the key although the capture had worked."""
    payment = authorized()
    gateway.script("capture", lost("500"), replays_an_error(), replays_an_error())
    capture(payment, payment.money, by=staff())

    carry_all(payment)

    assert (payment.status, payment.captured) == ("succeeded", payment.money)
    assert len(gateway.keys("capture")) == 1


def test_an_outcome_that_stays_unknown_is_never_called_failed_by_its_age(gateway: ScriptedGateway) -> None:
    """hyperswitch 2380: after the last retry a stuck payment was set to failed, and its money had been taken."""
    payment = authorized()
    gateway.script("capture", unsent(), *[unsent()] * 50)
    capture(payment, payment.money, by=staff())
    carry(payment)

    for _ in range(10):
        age(payment, timedelta(days=2))
        carry(payment)

    taken = operation(payment, "capture")
    assert (taken.status, payment.status) == (Operation.Status.UNKNOWN, "requires_capture")
    assert Discrepancy.objects.filter(kind=Discrepancy.Kind.STUCK, resolved_at=None).count() == 1


def test_no_refund_is_made_of_a_payment_whose_money_a_dispute_holds(paid: Payment, gateway: ScriptedGateway) -> None:
    """woocommerce-payments 6378: the refund button still worked while a dispute had taken the money already."""
    hear_of_dispute(paid, gateway.dispute("P-1", HUNDRED))

    with pytest.raises(NotRefundable, match="would pay it out twice"):
        give_back(paid, 10_000)

    assert (gateway.refunds, paid.refunds.count()) == ({}, 0)


def test_a_refund_and_a_dispute_do_not_both_pay_out(gateway: ScriptedGateway) -> None:
    """woocommerce-payments 6378, raced: the refund is refused, or given up before it is sent, and staff are told."""
    with starting_line(2) as line:
        for _ in range(ROUNDS):
            payment = carried("tok_ok", money=HUNDRED)
            dispute = gateway.dispute(payment.gateway_id, HUNDRED)

            wished, _seen = line.start(
                [lambda: give_back(payment, 10_000), lambda: hear_of_dispute(payment, dispute)]  # noqa: B023
            )
            carry_all(payment)

            payment.refresh_from_db()
            told = payment.discrepancies.filter(kind=Discrepancy.Kind.REFUND, resolved_at=None)
            if isinstance(wished, Refund):
                assert (payment.refunds.get().refusal_code, told.count()) == ("disputed", 1)
            else:
                assert isinstance(wished, NotRefundable)
            assert (payment.refunded_amount, payment.excess_amount, payment.disputed) == (0, 0, HUNDRED)
    assert gateway.refunds == {}
    assert list(verify_ledger()) == []


def hear_of_dispute(payment: Payment, dispute: str) -> object:
    return look_at(payment.account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")


def test_a_lost_partial_dispute_is_never_booked_as_a_refund(paid: Payment, gateway: ScriptedGateway) -> None:
    """woocommerce-payments 6196: losing a partial dispute refunded the whole order in the books."""
    dispute = gateway.dispute("P-1", Money(2500, "EUR"))
    hear_of_dispute(paid, dispute)
    gateway.close_dispute(dispute, DisputeState.LOST)
    hear_of_dispute(paid, dispute)

    paid.refresh_from_db()
    assert (paid.refunded_amount, paid.disputed_amount, paid.left) == (0, 2500, Money(7500, "EUR"))
    assert not paid.refunds.exists()


def test_capture_against_void_ends_as_one_of_them(gateway: ScriptedGateway) -> None:
    """Warszawski and Bailis 2017 (ACIDRain): two requests that each pass their check before the other has written."""
    by = staff()
    with starting_line(2) as line:
        for _ in range(ROUNDS):
            payment = authorized()

            captured, voided = line.start(
                [lambda: capture(payment, payment.money, by=by), lambda: void(payment, by=by)]  # noqa: B023
            )
            carry_all(payment)

            seen = gateway.payments[payment.gateway_id].seen
            if isinstance(captured, Operation):
                assert isinstance(voided, NotVoidable)
                assert (payment.status, payment.captured, seen.captured) == ("succeeded", payment.money, payment.money)
            else:
                assert isinstance(captured, NotCapturable)
                assert (payment.status, payment.captured_amount, seen.captured.amount) == ("canceled", 0, 0)
    assert len(gateway.keys("capture")) + len(gateway.keys("cancel")) == ROUNDS
    assert list(verify_ledger()) == []
