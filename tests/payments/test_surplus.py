"""Money that a gateway took twice is never dropped and never "paid": it is booked, and given back by itself."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from payments.gateways.base import Declined, PaymentSeen, RefundState, Refusal, Subject, SubjectKind
from payments.ledger.verification import account_sums, verify_ledger
from payments.models import Discrepancy, Observation, Operation, Payment, Refund
from payments.money import Money
from payments.operations.looking import look_at
from tests.payments.arrange import PRICE, carried, carry, operation
from tests.payments.refusals import execute, refused_by
from tests.payments.scripted import ScriptedGateway, answers, lost

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    return carried("tok_ok")


def hear(payment: Payment, gateway_id: str, kind: SubjectKind = SubjectKind.PAYMENT) -> None:
    """What a drained webhook does."""
    look_at(payment.account, Subject(kind, gateway_id), source=Observation.Source.WEBHOOK)
    payment.refresh_from_db()


def booked(account: str) -> int:
    return {name: amount for _, name, amount in account_sums()}.get(account, 0)


def test_a_second_success_is_booked_as_surplus_and_put_before_staff(paid: Payment, gateway: ScriptedGateway) -> None:
    hear(paid, gateway.charge_again("P-1"))

    assert (paid.status, paid.captured, paid.surplus_amount) == ("succeeded", PRICE, 4200)
    assert (booked("surplus"), booked("clearing")) == (-4200, 8400)
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.SURPLUS
    assert list(verify_ledger()) == []


def test_a_second_success_is_given_back_by_an_operation_of_its_own(paid: Payment, gateway: ScriptedGateway) -> None:
    second = gateway.charge_again("P-1")
    hear(paid, second)

    carry(paid)

    (given_back,) = gateway.refunds.values()
    assert (given_back.payment_gateway_id, given_back.money) == (second, PRICE)
    assert operation(paid, "reverse").status == Operation.Status.SUCCEEDED
    assert (paid.surplus_amount, paid.surplus_reversed_amount, paid.refunded_amount) == (4200, 4200, 0)
    assert (booked("surplus"), booked("clearing"), booked("refunds")) == (0, 4200, 0)
    assert paid.left == PRICE
    assert list(verify_ledger()) == []


def test_a_second_success_that_is_heard_of_again_and_again_is_given_back_once(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    second = gateway.charge_again("P-1")

    for _ in range(5):
        hear(paid, second)
        carry(paid)

    assert len(gateway.refunds) == 1
    assert (paid.surplus_amount, Refund.objects.count()) == (4200, 1)


def test_a_lost_answer_of_a_reversal_is_asked_for_and_never_repeated(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.script("refund", lost())
    hear(paid, gateway.charge_again("P-1"))

    carry(paid)
    carry(paid)

    assert (len(gateway.refunds), paid.surplus_reversed_amount) == (1, 4200)
    assert len(gateway.keys("refund")) == 1


def test_a_reversal_that_fails_later_is_owed_to_the_shopper_again(paid: Payment, gateway: ScriptedGateway) -> None:
    hear(paid, gateway.charge_again("P-1"))
    carry(paid)
    (refund_id,) = gateway.refunds

    gateway.settle(refund_id, succeeded=False)
    hear(paid, refund_id, SubjectKind.REFUND)

    assert gateway.refunds[refund_id].state == RefundState.FAILED
    assert (paid.surplus_reversed_amount, booked("surplus")) == (0, -4200)
    assert list(verify_ledger()) == []
    assert "42.00 EUR that was taken too much is owed" in Discrepancy.objects.latest("pk").explanation


def test_a_reversal_that_is_refused_after_staff_trusted_in_it_is_put_before_them_again(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    hear(paid, gateway.charge_again("P-1"))
    Discrepancy.objects.update(resolved_at=Now(), resolution="It is given back by itself.")
    gateway.script("refund", answers(Declined(Refusal("insufficient_balance", "the balance is too low"))))

    carry(paid)

    assert "is owed to the shopper" in Discrepancy.objects.get(resolved_at=None).explanation


def test_a_surplus_that_staff_gave_back_in_the_dashboard_counts_against_the_surplus(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    second = gateway.charge_again("P-1")
    hear(paid, second)
    outside = gateway.refund_outside(second, PRICE)

    hear(paid, outside, SubjectKind.REFUND)
    carry(paid)

    assert (paid.surplus_reversed_amount, paid.refunded_amount) == (4200, 0)
    assert [row.status for row in paid.refunds.order_by("pk")] == ["failed", "succeeded"]


def test_more_than_was_asked_for_on_our_own_object_is_surplus_too(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    gateway.complete_action("P-1")
    gateway._show(gateway.payments["P-1"], captured=Money(5000, "EUR"))

    hear(payment, "P-1")
    carry(payment)

    assert (payment.status, payment.captured, payment.surplus_amount) == ("succeeded", PRICE, 800)
    assert [(row.payment_gateway_id, row.money) for row in gateway.refunds.values()] == [("P-1", Money(800, "EUR"))]
    assert list(verify_ledger()) == []


def test_a_refund_in_the_dashboard_of_an_object_that_took_too_much_is_a_refund_like_any_other(
    gateway: ScriptedGateway,
) -> None:
    payment = carried("tok_action")
    gateway.complete_action("P-1")
    gateway._show(gateway.payments["P-1"], captured=Money(5000, "EUR"))
    hear(payment, "P-1")
    carry(payment)

    hear(payment, gateway.refund_outside("P-1", PRICE), SubjectKind.REFUND)

    assert (payment.refunded, payment.surplus_reversed_amount) == (PRICE, 800)
    assert not Observation.objects.filter(applied_at=None).exists()
    assert list(verify_ledger()) == []


def test_a_second_object_that_took_nothing_is_put_before_staff_and_books_nothing(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    second = gateway.charge_again("P-1")
    gateway._show(gateway.payments[second], captured=Money(0, "EUR"))

    hear(paid, second)

    assert (paid.surplus_amount, Discrepancy.objects.get().kind) == (0, Discrepancy.Kind.MISMATCH)


def test_another_orders_object_is_no_surplus_of_ours(paid: Payment, gateway: ScriptedGateway) -> None:
    other = carried("tok_ok")
    foreign = gateway.payments["P-2"].seen

    assert isinstance(foreign, PaymentSeen)
    hear(paid, "P-2")

    paid.refresh_from_db()
    other.refresh_from_db()
    assert (paid.surplus_amount, other.surplus_amount, Refund.objects.count()) == (0, 0, 0)


def test_the_database_ties_a_reversal_to_its_surplus(paid: Payment, gateway: ScriptedGateway) -> None:
    hear(paid, gateway.charge_again("P-1"))

    with refused_by("payments_payment_reversals_within_surplus"):
        execute("UPDATE payments_payment SET surplus_reversed_amount = 4201 WHERE id = %s", paid.pk)
    with refused_by("payments_refund_frozen"):
        execute("UPDATE payments_refund SET surplus_gateway_id = 'P-1'")
