"""Apply what the gateway tells of refunds: money reserved, given back, come back, and told to staff."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils.timezone import now

from payments.gateways.base import (
    Declined,
    RefundSeen,
    RefundState,
    Refusal,
    Subject,
    SubjectKind,
)
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, Observation, Operation, Payment, Refund
from payments.money import Money
from payments.operations.clock import database_now
from payments.operations.deciding import record_not_done
from payments.operations.looking import NotOurs, look_at, store
from payments.operations.refunding import refund
from payments.operations.sweeping import ask_about_pending_refunds
from payments.states.apply import apply
from tests.payments.arrange import PRICE, age, carried, carry, operation, placed, seen_now
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway, answers, lost, normal, unsent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    return carried("tok_ok")


def give_back(payment: Payment, amount: int, reason: str = "") -> Refund:
    wish = refund(payment, Money(amount, "EUR"), reason=reason, by=staff(), request_id=uuid.uuid4())
    carry(payment)
    wish.refresh_from_db()
    return wish


def totals(payment: Payment) -> tuple[int, int, int]:
    payment.refresh_from_db()
    return payment.captured_amount, payment.refund_reserved_amount, payment.refunded_amount


def test_a_refund_moves_from_reserved_to_given_back_and_is_booked(paid: Payment) -> None:
    wish = give_back(paid, 1200)

    assert wish.status == "succeeded"
    assert totals(paid) == (4200, 0, 1200)
    assert paid.status == "succeeded"
    assert list(verify_ledger()) == []


def test_a_refund_that_pends_stays_reserved_until_it_succeeds(paid: Payment, gateway: ScriptedGateway) -> None:
    wish = give_back(paid, 1200, reason="pend")
    assert (wish.status, totals(paid)) == ("pending", (4200, 1200, 0))
    assert wish.next_check_at is not None

    gateway.settle("R-1")
    look_at(paid.account, Subject(SubjectKind.REFUND, "R-1"), source="query")
    wish.refresh_from_db()

    assert (wish.status, totals(paid)) == ("succeeded", (4200, 0, 1200))
    assert list(verify_ledger()) == []


def test_a_refund_that_pends_and_fails_is_refundable_again(paid: Payment, gateway: ScriptedGateway) -> None:
    wish = give_back(paid, 4200, reason="pend")
    gateway.settle("R-1", succeeded=False)

    look_at(paid.account, Subject(SubjectKind.REFUND, "R-1"), source="query")
    wish.refresh_from_db()

    assert (wish.status, totals(paid)) == ("failed", (4200, 0, 0))
    assert paid.left == PRICE


def test_a_refund_that_fails_after_it_succeeded_is_booked_back(paid: Payment, gateway: ScriptedGateway) -> None:
    wish = give_back(paid, 1200)
    gateway.settle("R-1", succeeded=False)

    look_at(paid.account, Subject(SubjectKind.REFUND, "R-1"), source="webhook")
    wish.refresh_from_db()

    assert (wish.status, totals(paid)) == ("failed", (4200, 0, 0))
    assert list(verify_ledger()) == []


def test_a_refund_that_the_gateway_refuses_is_refundable_again(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.refund_outside("P-1", Money(4000, "EUR"))

    wish = give_back(paid, 1200)

    assert (wish.status, wish.refusal_code) == ("failed", "too_much")
    assert totals(paid) == (4200, 0, 0)


def test_a_refund_made_in_the_dashboard_becomes_a_row_of_its_own(paid: Payment, gateway: ScriptedGateway) -> None:
    refund_id = gateway.refund_outside("P-1", Money(700, "EUR"))

    for _ in range(2):
        look_at(paid.account, Subject(SubjectKind.REFUND, refund_id), source="webhook")

    outside = paid.refunds.get()
    assert (outside.source, outside.status, outside.amount) == ("external", "succeeded", 700)
    assert totals(paid) == (4200, 0, 700)
    assert list(verify_ledger()) == []


def test_a_lost_answer_of_a_refund_is_found_and_never_repeated(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.script("refund", lost())
    wish = give_back(paid, 1200)
    assert wish.status == "requested"

    carry(paid)
    wish.refresh_from_db()

    assert wish.status == "succeeded"
    assert len(gateway.keys("refund")) == 1
    assert len(gateway.refunds) == 1


def test_a_refund_that_never_arrived_is_repeated_with_the_same_key(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.script("refund", unsent())
    wish = give_back(paid, 1200)

    carry(paid)
    wish.refresh_from_db()

    first, second = gateway.keys("refund")
    assert first == second
    assert wish.status == "succeeded"
    assert len(gateway.refunds) == 1


def test_a_refund_that_could_not_be_sent_in_time_is_closed_and_refundable_again(paid: Payment) -> None:
    refund(paid, Money(500, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    age(paid, timedelta(hours=24))

    carry(paid)

    assert paid.refunds.get().refusal_code == "not_sent"
    assert totals(paid) == (4200, 0, 0)


def test_a_refund_of_another_amount_under_our_reference_is_put_before_staff(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    wish = give_back(paid, 1200, reason="pend")

    seen_now(paid, replace(gateway.refunds["R-1"], money=Money(1300, "EUR"), state=RefundState.SUCCEEDED))
    wish.refresh_from_db()

    assert wish.status == "pending"
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.MISMATCH


def test_an_older_look_at_a_refund_is_asked_again(paid: Payment, gateway: ScriptedGateway) -> None:
    asked_before = database_now()
    wish = give_back(paid, 1200, reason="pend")
    old = replace(gateway.refunds["R-1"], state=RefundState.FAILED)

    observation = store(paid, old, source="query", asked_at=asked_before)
    apply(observation.pk)
    wish.refresh_from_db()

    assert wish.status == "pending"
    assert wish.next_check_at is not None
    assert wish.next_check_at <= now()


def look_at_refund_once(payment: Payment) -> None:
    look_at(payment.account, Subject(SubjectKind.REFUND, "R-1"), source="webhook")


@pytest.mark.parametrize("reason", ["pend", ""])
def test_a_refund_that_fails_later_is_put_before_staff(paid: Payment, gateway: ScriptedGateway, reason: str) -> None:
    wish = give_back(paid, 1200, reason)
    gateway.settle("R-1", succeeded=False)

    look_at_refund_once(paid)

    told = Discrepancy.objects.get(payment=paid, resolved_at=None)
    assert (told.kind, told.subject) == (Discrepancy.Kind.REFUND, f"refund:{wish.pk}")
    assert "The refund of 12.00 EUR failed" in told.explanation

    gateway.settle("R-1")
    look_at_refund_once(paid)
    told.refresh_from_db()
    assert "succeeded after all" in told.resolution


def test_a_refund_that_somebody_cancels_in_the_dashboard_is_put_before_staff(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    give_back(paid, 1200, "pend")
    gateway.refunds["R-1"] = replace(gateway.refunds["R-1"], state=RefundState.CANCELED)

    look_at_refund_once(paid)

    assert "The refund of 12.00 EUR was canceled" in Discrepancy.objects.get(resolved_at=None).explanation


def test_a_refund_that_the_gateway_refuses_is_put_before_staff(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.script("refund", answers(Declined(Refusal("insufficient_balance", "the balance is too low"))))

    give_back(paid, 1200)

    assert "the balance is too low" in Discrepancy.objects.get(payment=paid, resolved_at=None).explanation


def test_news_that_came_with_an_older_look_is_asked_for_although_the_refund_had_ended(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    """Two drains look at once: one sees it succeeded, then it fails, and the other, asked earlier, sees that."""
    wish = give_back(paid, 1200)

    def another_drain_looks_and_then_it_fails() -> None:
        look_at_refund_once(paid)
        gateway.settle("R-1", succeeded=False)

    gateway.script("fetch", normal(before=another_drain_looks_and_then_it_fails))
    look_at_refund_once(paid)

    assert ask_about_pending_refunds() == 1
    wish.refresh_from_db()
    assert (wish.status, totals(paid)) == ("failed", (4200, 0, 0))
    assert ask_about_pending_refunds() == 0


def test_a_pending_refund_made_in_the_dashboard_is_asked_about(paid: Payment, gateway: ScriptedGateway) -> None:
    made = gateway.refund_outside("P-1", Money(700, "EUR"))
    gateway.refunds[made] = replace(gateway.refunds[made], state=RefundState.PENDING)
    look_at_refund_once(paid)
    gateway.settle(made, succeeded=False)
    Refund.objects.update(next_check_at=now())

    assert ask_about_pending_refunds() == 1
    assert totals(paid) == (4200, 0, 0)


def test_a_refund_of_another_systems_charge_is_not_taken_for_that_of_a_payment_without_object(
    gateway: ScriptedGateway,
) -> None:
    waiting = placed()
    gateway.refunds["R-1"] = RefundSeen("R-1", "", RefundState.SUCCEEDED, Money(700, "EUR"), live=False)

    with pytest.raises(NotOurs, match="another system"):
        look_at_refund_once(waiting)

    assert totals(waiting) == (0, 0, 0)


@pytest.mark.parametrize("state", [RefundState.PENDING, RefundState.CANCELED])
def test_a_refund_that_a_person_called_not_done_is_believed_when_it_shows_up(
    paid: Payment, gateway: ScriptedGateway, state: RefundState
) -> None:
    gateway.script("refund", lost())
    wish = give_back(paid, 1200, "pend")
    Operation.objects.filter(refund=wish).update(repeat_is_vain=True)
    record_not_done(operation(paid, "refund"), note="nothing in the dashboard", by=staff())
    assert totals(paid) == (4200, 0, 0)
    gateway.refunds["R-1"] = replace(gateway.refunds["R-1"], state=state)

    look_at_refund_once(paid)

    wish.refresh_from_db()
    assert (wish.status, Observation.objects.filter(applied_at=None).count()) == (state.value, 0)
    assert totals(paid) == (4200, 1200 if state == RefundState.PENDING else 0, 0)


def test_a_refund_that_the_gateway_cancels_at_once_is_refundable_again(paid: Payment, gateway: ScriptedGateway) -> None:
    wish = refund(paid, Money(1200, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    seen = RefundSeen("R-1", "P-1", RefundState.CANCELED, Money(1200, "EUR"), live=False, reference=wish.reference)
    gateway.script("refund", answers(Declined(Refusal("refund_failed", "canceled"), seen)))

    carry(paid)

    assert operation(paid, "refund").status == "failed"
    assert totals(paid) == (4200, 0, 0)
    assert Discrepancy.objects.get(resolved_at=None).kind == Discrepancy.Kind.REFUND
