"""A dispute about a charge that was one too many gives the shopper what we owe them: they must not get it twice."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from payments.gateways.base import DisputeState, SubjectKind
from payments.ledger.verification import verify_ledger
from payments.models import AuditEntry, Discrepancy, Dispute, Operation, Payment
from payments.money import Money
from payments.operations.refunding import refund
from tests.payments.arrange import PRICE, carried, carry, operation
from tests.payments.people import staff
from tests.payments.refusals import execute, refused_by
from tests.payments.scripted import ScriptedGateway, unreachable, unsent
from tests.payments.test_surplus import booked, hear

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    return carried("tok_ok")


@pytest.fixture
def second(paid: Payment, gateway: ScriptedGateway) -> str:
    """Another object that took the money too, of which we have heard; its reversal waits to be sent."""
    second = gateway.charge_again("P-1")
    hear(paid, second)
    return second


def disputed(payment: Payment, gateway: ScriptedGateway, second: str, amount: int = 4200) -> Dispute:
    """The shopper's bank claims back what the second object took, and we hear of it."""
    withdraw(payment, gateway, second, amount)
    return Dispute.objects.get()


def withdraw(payment: Payment, gateway: ScriptedGateway, second: str, amount: int = 4200) -> None:
    hear(payment, gateway.dispute(second, Money(amount, "EUR")), SubjectKind.DISPUTE)


def test_a_dispute_of_the_second_charge_is_recorded_and_pays_off_what_is_owed(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    dispute = disputed(paid, gateway, second)

    assert (dispute.status, dispute.withdrawn, dispute.surplus_gateway_id) == ("needs_response", PRICE, second)
    assert (paid.surplus_disputed_amount, paid.disputed_amount, paid.left) == (4200, 0, PRICE)
    assert (booked("surplus"), booked("disputes"), booked("clearing")) == (0, 0, 4200)
    assert list(verify_ledger()) == []


def test_a_dispute_of_the_second_charge_is_put_before_staff_and_told_in_the_audit_trail(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    dispute = disputed(paid, gateway, second)

    told = AuditEntry.objects.get(object_type="dispute", object_id=dispute.pk)
    assert (told.after["status"], told.after["of_surplus"]) == ("needs_response", second)
    kinds = Discrepancy.objects.filter(resolved_at=None).values_list("kind", flat=True)
    assert set(kinds) == {Discrepancy.Kind.SURPLUS, Discrepancy.Kind.DISPUTED}


def test_a_reversal_that_was_not_sent_is_given_up_when_the_bank_takes_the_money_back(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    disputed(paid, gateway, second)
    carry(paid)

    reversal = paid.refunds.get()
    assert (reversal.status, reversal.refusal_code, gateway.refunds) == ("failed", "disputed", {})
    assert operation(paid, "reverse").status == Operation.Status.FAILED


def test_a_reversal_whose_answer_is_lost_is_not_repeated_when_the_bank_takes_the_money_back(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    gateway.script("refund", unsent())
    carry(paid)

    disputed(paid, gateway, second)
    carry(paid)

    assert (gateway.refunds, operation(paid, "reverse").status) == ({}, Operation.Status.UNKNOWN)
    assert Discrepancy.objects.filter(kind=Discrepancy.Kind.STUCK, resolved_at=None).exists()


def test_a_reversal_that_could_not_leave_while_the_bank_took_the_money_back_is_not_sent_later(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    gateway.script("refund", replace(unreachable(), before=lambda: withdraw(paid, gateway, second)))
    carry(paid)

    carry(paid)

    assert (gateway.refunds, paid.refunds.get().status) == ({}, "failed")


def test_a_dispute_of_the_second_charge_that_is_won_leaves_the_money_owed_and_tells_staff(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    dispute = disputed(paid, gateway, second)

    gateway.close_dispute(dispute.gateway_id, DisputeState.WON)
    hear(paid, dispute.gateway_id, SubjectKind.DISPUTE)

    assert (paid.surplus_disputed_amount, booked("surplus"), booked("clearing")) == (0, -4200, 8400)
    assert "42.00 EUR" in Discrepancy.objects.get(subject=f"owed:{paid.pk}").explanation
    assert list(verify_ledger()) == []


def test_a_second_charge_that_is_reversed_and_disputed_is_an_excess_that_staff_are_told(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    carry(paid)

    dispute = disputed(paid, gateway, second, 1000)

    assert (paid.surplus_excess_amount, paid.excess_amount, booked("surplus")) == (1000, 0, 1000)
    excess = Discrepancy.objects.get(kind=Discrepancy.Kind.EXCESS)
    assert (excess.subject, "10.00 EUR more" in excess.explanation) == (f"surplus:{paid.pk}", True)
    gateway.close_dispute(dispute.gateway_id, DisputeState.WON)
    hear(paid, dispute.gateway_id, SubjectKind.DISPUTE)
    excess.refresh_from_db()
    assert (paid.surplus_excess_amount, excess.resolved_at is not None) == (0, True)
    assert list(verify_ledger()) == []


def test_a_dispute_of_the_second_charge_leaves_the_order_refundable(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    disputed(paid, gateway, second)

    refund(paid, PRICE, reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)

    assert paid.refunded == PRICE


def test_the_database_ties_a_disputed_surplus_to_its_object(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    disputed(paid, gateway, second)

    with refused_by("payments_payment_reversals_within_surplus"):
        execute("UPDATE payments_payment SET surplus_reversed_amount = 1 WHERE id = %s", paid.pk)
    with refused_by("payments_dispute_frozen"):
        execute("UPDATE payments_dispute SET surplus_gateway_id = ''")


def test_what_a_dispute_in_part_leaves_of_the_second_charge_is_put_before_staff(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    disputed(paid, gateway, second, 1000)
    carry(paid)

    assert (paid.surplus_disputed_amount, booked("surplus"), gateway.refunds) == (1000, -3200, {})
    told = Discrepancy.objects.get(subject=f"owed:{paid.pk}").explanation
    assert "32.00 EUR" in told and "else pay in another way" in told


def test_what_is_left_of_the_second_charge_is_told_no_more_once_the_bank_took_all(
    paid: Payment, gateway: ScriptedGateway, second: str
) -> None:
    disputed(paid, gateway, second, 1000)

    withdraw(paid, gateway, second, 3200)

    assert Discrepancy.objects.get(subject=f"owed:{paid.pk}").resolved_at is not None
    assert (paid.surplus_disputed_amount, booked("surplus")) == (4200, 0)
