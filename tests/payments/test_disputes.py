"""A shopper's bank claims money back: what is withdrawn is booked, and nothing is paid out twice unseen."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from payments.gateways.base import DisputeState, Subject, SubjectKind
from payments.ledger.verification import account_sums, verify_ledger
from payments.models import Discrepancy, Dispute, Observation, Payment
from payments.money import Money
from payments.operations.deciding import is_decidable
from payments.operations.looking import look_at, store
from payments.operations.refunding import NotRefundable, refund
from payments.operations.sweeping import ask_about_open_disputes
from payments.signals import dispute_changed
from payments.states.apply import apply
from tests.payments.arrange import carried, carry, operation
from tests.payments.people import staff
from tests.payments.refusals import execute, refused_by
from tests.payments.scripted import ScriptedGateway, normal, unreachable, unsent

pytestmark = pytest.mark.django_db(transaction=True)

ALL, SOME = Money(4200, "EUR"), Money(1200, "EUR")


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    return carried("tok_ok")


def look(payment: Payment, dispute_id: str) -> Dispute:
    """What a drained webhook does: fetch the dispute's state and apply it."""
    look_at(payment.account, Subject(SubjectKind.DISPUTE, dispute_id), source=Observation.Source.WEBHOOK)
    payment.refresh_from_db()
    return Dispute.objects.get(gateway_id=dispute_id)


def lose(payment: Payment, gateway: ScriptedGateway, money: Money) -> str:
    """A dispute of `money` that the bank decides for the shopper; its id."""
    dispute_id = gateway.dispute("P-1", money)
    look(payment, dispute_id)
    gateway.close_dispute(dispute_id, DisputeState.LOST)
    look(payment, dispute_id)
    return dispute_id


def booked(account: str) -> int:
    return {name: amount for _, name, amount in account_sums()}.get(account, 0)


def test_a_dispute_is_recorded_and_what_was_withdrawn_is_booked(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute = look(paid, gateway.dispute("P-1", ALL))

    assert (dispute.status, dispute.money, dispute.withdrawn) == ("needs_response", ALL, ALL)
    assert (paid.status, paid.disputed, paid.left) == ("succeeded", ALL, Money(0, "EUR"))
    assert (booked("disputes"), booked("clearing")) == (4200, 0)
    assert list(verify_ledger()) == []


def test_staff_are_told_until_when_a_dispute_waits_for_an_answer(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute = look(paid, gateway.dispute("P-1", ALL))

    told = Discrepancy.objects.get(payment=paid)
    assert (told.kind, told.resolved_at) == (Discrepancy.Kind.DISPUTED, None)
    assert dispute.evidence_due_at is not None
    assert f"{dispute.evidence_due_at:%Y-%m-%d}" in told.explanation


def test_a_dispute_that_is_won_brings_the_money_back(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute_id = gateway.dispute("P-1", ALL)
    look(paid, dispute_id)
    gateway.close_dispute(dispute_id, DisputeState.WON)

    dispute = look(paid, dispute_id)

    assert (dispute.status, dispute.withdrawn_amount, paid.disputed_amount) == ("won", 0, 0)
    assert (booked("disputes"), booked("clearing")) == (0, 4200)
    assert Discrepancy.objects.get().resolved_at is not None
    assert list(verify_ledger()) == []


def test_a_dispute_that_is_lost_keeps_the_money_gone(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute_id = gateway.dispute("P-1", ALL)
    look(paid, dispute_id)
    gateway.close_dispute(dispute_id, DisputeState.LOST)

    dispute = look(paid, dispute_id)

    assert (dispute.status, paid.disputed, paid.refunded_amount) == ("lost", ALL, 0)
    assert booked("disputes") == 4200


def test_a_lost_partial_dispute_is_no_refund_and_what_is_left_is_not_refunded_either(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    """The gateway would refuse it: `charge_disputed`."""
    lose(paid, gateway, SOME)

    assert (paid.refunded_amount, paid.disputed_amount, paid.left) == (0, 1200, ALL - SOME)
    with pytest.raises(NotRefundable, match=r"30.00 EUR that are left.*another way"):
        refund(paid, ALL - SOME, reason="", by=staff(), request_id=uuid.uuid4())
    assert not paid.refunds.exists()
    assert list(verify_ledger()) == []


def test_a_lost_dispute_that_is_won_after_all_allows_a_refund(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute_id = lose(paid, gateway, SOME)
    gateway.close_dispute(dispute_id, DisputeState.WON)
    look(paid, dispute_id)

    refund(paid, ALL, reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)

    assert paid.refunded == ALL


def test_the_refund_page_says_why_what_is_left_after_a_lost_dispute_is_not_refunded(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    lose(paid, gateway, SOME)
    browser = Client()
    browser.force_login(staff("refund_payment"))

    page = browser.get(f"/admin/payments/payment/{paid.pk}/refund/").content.decode()

    assert "30.00 EUR that are left" in page
    assert "<form" not in page[page.index('id="content-main"') :]
    assert f"/{paid.pk}/refund/" in browser.get(f"/admin/payments/payment/{paid.pk}/change/").content.decode()


def test_an_inquiry_takes_no_money_and_allows_a_refund(paid: Payment, gateway: ScriptedGateway) -> None:
    look(paid, gateway.dispute("P-1", ALL, state=DisputeState.WARNING_NEEDS_RESPONSE))

    assert (paid.disputed_amount, paid.left, booked("disputes")) == (0, ALL, 0)
    refund(paid, ALL, reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    assert paid.refunded == ALL


def test_an_inquiry_that_becomes_a_dispute_is_booked_then(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute_id = gateway.dispute("P-1", ALL, state=DisputeState.WARNING_NEEDS_RESPONSE)
    look(paid, dispute_id)
    gateway.disputes.pop(dispute_id)
    assert gateway.dispute("P-1", ALL) == dispute_id

    look(paid, dispute_id)

    assert (paid.disputed, booked("disputes")) == (ALL, 4200)


def test_a_refund_while_disputed_is_refused_with_the_reason(paid: Payment, gateway: ScriptedGateway) -> None:
    look(paid, gateway.dispute("P-1", SOME))

    with pytest.raises(NotRefundable, match="disputes this payment"):
        refund(paid, Money(100, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())

    assert not paid.refunds.exists()


def test_a_refund_that_meets_a_dispute_is_recorded_as_excess_and_put_before_staff(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    refund(paid, ALL, reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)

    look(paid, gateway.dispute("P-1", SOME))

    assert (paid.refunded, paid.disputed, paid.excess_amount) == (ALL, SOME, SOME.amount)
    assert paid.left == Money(0, "EUR")
    excess = Discrepancy.objects.get(kind=Discrepancy.Kind.EXCESS)
    assert "12.00 EUR more" in excess.explanation
    assert list(verify_ledger()) == []


def test_an_excess_is_settled_when_the_dispute_is_won(paid: Payment, gateway: ScriptedGateway) -> None:
    refund(paid, ALL, reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    dispute_id = gateway.dispute("P-1", SOME)
    look(paid, dispute_id)

    gateway.close_dispute(dispute_id, DisputeState.WON)
    look(paid, dispute_id)

    assert paid.excess_amount == 0
    assert Discrepancy.objects.get(kind=Discrepancy.Kind.EXCESS).resolved_at is not None


def test_the_same_look_at_a_dispute_twice_books_once(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute_id = gateway.dispute("P-1", ALL)

    look(paid, dispute_id)
    look(paid, dispute_id)

    assert (Dispute.objects.count(), booked("disputes")) == (1, 4200)


def test_an_older_look_at_a_dispute_is_asked_again(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute_id = gateway.dispute("P-1", ALL)
    old = gateway.disputes[dispute_id]
    dispute = look(paid, dispute_id)
    gateway.close_dispute(dispute_id, DisputeState.UNDER_REVIEW)
    before = dispute.state_answered_at - timedelta(seconds=1)

    apply(store(paid, old, source="query", asked_at=before).pk)

    asked = ask_about_open_disputes()
    dispute.refresh_from_db()
    assert (asked, dispute.status) == (1, "under_review")


def test_receivers_are_told_what_a_dispute_was_before(paid: Payment, gateway: ScriptedGateway) -> None:
    told: list[tuple[str, str]] = []

    def hear(dispute: Dispute, before: str, **kwargs: object) -> None:
        told.append((before, dispute.status))

    dispute_changed.connect(hear)
    try:
        dispute_id = gateway.dispute("P-1", ALL)
        look(paid, dispute_id)
        gateway.close_dispute(dispute_id, DisputeState.LOST)
        look(paid, dispute_id)
    finally:
        dispute_changed.disconnect(hear)

    assert told == [("", "needs_response"), ("needs_response", "lost")]


def test_a_dispute_of_another_payment_is_a_discrepancy(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute_id = gateway.dispute("P-99", ALL)

    apply(store(paid, gateway.disputes[dispute_id], source="query", asked_at=paid.created_at).pk)

    assert not Dispute.objects.exists()
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.MISMATCH


def test_what_a_dispute_is_about_never_changes(paid: Payment, gateway: ScriptedGateway) -> None:
    dispute = look(paid, gateway.dispute("P-1", ALL))

    with refused_by("payments_dispute_frozen"):
        execute("UPDATE payments_dispute SET gateway_id = 'D-9' WHERE id = %s", dispute.pk)
    with refused_by("payments_dispute_currency_is_payments"):
        execute("ALTER TABLE payments_dispute DISABLE TRIGGER payments_dispute_frozen")
        execute("UPDATE payments_dispute SET currency = 'USD' WHERE id = %s", dispute.pk)
    with refused_by("payments_dispute_kept"):
        execute("DELETE FROM payments_dispute WHERE id = %s", dispute.pk)


def test_of_a_dispute_that_is_won_in_part_only_the_rest_stays_withdrawn(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    """The bank took all back, of which a part had been refunded: that part returns, and the dispute is called lost."""
    refund(paid, SOME, reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    dispute_id = gateway.dispute("P-1", ALL)
    look(paid, dispute_id)
    assert paid.excess_amount == SOME.amount
    gateway.disputes[dispute_id] = replace(
        gateway.disputes[dispute_id], state=DisputeState.LOST, withdrawn=Money(3000, "EUR")
    )

    look(paid, dispute_id)

    assert (paid.disputed_amount, paid.excess_amount, booked("disputes"), booked("clearing")) == (3000, 0, 3000, 0)
    assert list(verify_ledger()) == []


def test_a_refund_that_was_not_sent_when_the_bank_took_the_money_is_given_up(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    gateway.script("refund", unreachable())
    wish = refund(paid, ALL, reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)

    look(paid, gateway.dispute("P-1", ALL))

    wish.refresh_from_db()
    assert (wish.status, wish.refusal_code) == ("failed", "disputed")
    assert (paid.refund_reserved_amount, paid.disputed, paid.excess_amount) == (0, ALL, 0)
    carry(paid)
    assert gateway.refunds == {}


def test_a_refund_that_may_have_arrived_when_the_bank_took_the_money_is_not_repeated(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    gateway.script("refund", unsent())
    refund(paid, SOME, reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    look(paid, gateway.dispute("P-1", ALL))

    carry(paid)

    assert len(gateway.keys("refund")) == 1
    assert is_decidable(operation(paid, "refund"))


def test_money_that_came_back_with_an_older_look_is_asked_for_although_the_dispute_had_ended(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    """The bank closes it first and gives the money back then; two drains look at once."""
    dispute_id = gateway.dispute("P-1", ALL)
    look(paid, dispute_id)
    gateway.disputes[dispute_id] = replace(gateway.disputes[dispute_id], state=DisputeState.WON)

    def another_drain_looks_and_then_the_money_comes() -> None:
        look(paid, dispute_id)
        gateway.close_dispute(dispute_id, DisputeState.WON)

    gateway.script("fetch", normal(before=another_drain_looks_and_then_the_money_comes))
    look(paid, dispute_id)

    assert ask_about_open_disputes() == 1
    paid.refresh_from_db()
    assert (paid.disputed_amount, paid.left) == (0, ALL)
