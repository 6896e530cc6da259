"""`apply`: what news about money does, in whatever order, as often as it comes."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils.timezone import now

from payments.gateways.base import (
    Declined,
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
    Refusal,
    Subject,
    SubjectKind,
)
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, LedgerEntry, Observation, Operation, Payment, Refund
from payments.money import Money
from payments.operations.clock import database_now
from payments.operations.collect import try_again
from payments.operations.deciding import record_not_done
from payments.operations.looking import NotOurs, look_at, look_at_payment, store
from payments.operations.refunding import refund
from payments.operations.sweeping import ask_about_pending_refunds
from payments.states.apply import apply
from tests.payments.arrange import PRICE, age, authorized, carried, carry, operation, placed, retry
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway, answers, lost, normal, unsent

pytestmark = pytest.mark.django_db(transaction=True)


def seen_now(payment: Payment, seen: PaymentSeen | RefundSeen) -> Observation:
    """Store and apply a look made just now."""
    observation = store(payment, seen, source="query", asked_at=database_now())
    apply(observation.pk)
    payment.refresh_from_db()
    return observation


# --- The same fact, late facts


def test_the_same_fact_twice_changes_nothing(gateway: ScriptedGateway) -> None:
    payment = carried("tok_ok")
    entries = LedgerEntry.objects.count()
    newest = payment.observations.latest("pk")

    apply(newest.pk)
    seen_now(payment, gateway.only_payment)

    assert payment.observations.get(pk=newest.pk).applied_at == newest.applied_at
    assert LedgerEntry.objects.count() == entries
    assert payment.status == "succeeded"


def test_a_slow_old_answer_is_not_applied_over_a_newer_one_but_asked_again(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    asked_before = database_now()
    old = gateway.only_payment
    gateway._show(gateway.payments["P-1"], state=PaymentState.PROCESSING)
    look_at_payment(payment)
    payment.refresh_from_db()
    assert payment.status == "processing"

    observation = store(payment, old, source="query", asked_at=asked_before)
    apply(observation.pk)
    payment.refresh_from_db()

    assert payment.status == "processing"
    assert payment.next_check_at is not None
    assert payment.next_check_at <= now()


def test_a_look_made_before_the_confirm_was_sent_says_nothing_about_it(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")
    asked_before = database_now()
    age(payment, timedelta(seconds=1))
    gateway.script("confirm", unsent())
    retry(payment, "tok_ok")
    declined_again = replace(gateway.only_payment, charge_id="P-1-try-9")
    Payment.objects.filter(pk=payment.pk).update(state_answered_at=asked_before)

    observation = store(payment, declined_again, source="query", asked_at=asked_before)
    apply(observation.pk)

    assert operation(payment, "sale").status == Operation.Status.UNKNOWN


def test_a_late_decline_of_an_older_attempt_does_not_touch_a_paid_payment(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")
    late = gateway.only_payment
    retry(payment, "tok_ok")

    observation = seen_now(payment, replace(late, captured=payment.captured))

    assert payment.status == "succeeded"
    assert observation.pk
    assert gateway.successful_charges == 1


def test_money_that_comes_after_the_payment_was_given_up_is_taken_in(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    gateway.expire("P-1")
    look_at_payment(payment)
    payment.refresh_from_db()
    assert payment.status == "failed"

    gateway._take_money(gateway.payments["P-1"])
    look_at_payment(payment)
    payment.refresh_from_db()

    assert payment.status == "succeeded"
    assert list(verify_ledger()) == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_all_orders_of_the_same_looks_end_alike(gateway: ScriptedGateway, order: tuple[int, ...]) -> None:
    payment = carried("tok_declined")
    looks = [(database_now(), gateway.only_payment)]
    retry(payment, "tok_action")
    looks.append((database_now(), gateway.only_payment))
    gateway.complete_action("P-1")
    looks += [(database_now(), gateway.only_payment), (database_now(), gateway.only_payment)]

    for index in order:
        asked_at, seen = looks[index]
        observation = store(payment, seen, source="webhook", asked_at=asked_at)
        apply(observation.pk)
    look_at_payment(payment)
    payment.refresh_from_db()

    assert (payment.status, payment.captured_amount) == ("succeeded", 4200)
    assert gateway.successful_charges == 1
    assert list(verify_ledger()) == []


# --- What does not fit is never "paid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"money": Money(4300, "EUR"), "captured": Money(4300, "EUR")},
        {"money": Money(4200, "USD"), "captured": Money(4200, "USD")},
        {"reference": str(uuid.uuid4())},
        {"reference": ""},
        {"live": True},
        {"gateway_id": "P-77", "captured": Money(0, "EUR"), "state": PaymentState.PROCESSING},
        {"captured": Money(0, "EUR")},
    ],
    ids=[
        "amount",
        "currency",
        "foreign reference",
        "no reference",
        "mode",
        "object",
        "nothing taken",
    ],
)
def test_an_object_that_is_not_what_we_asked_for_is_a_discrepancy_and_never_paid(
    gateway: ScriptedGateway, wrong: dict[str, object]
) -> None:
    payment = carried("tok_action")
    gateway.complete_action("P-1")
    paid = gateway.only_payment

    seen_now(payment, replace(paid, **wrong))  # type: ignore[arg-type]  # the fields are those of PaymentSeen

    assert payment.status == "requires_action"
    assert payment.captured_amount == 0
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.MISMATCH


def test_a_refund_in_another_currency_is_a_discrepancy_and_books_nothing(gateway: ScriptedGateway) -> None:
    payment = carried("tok_ok")
    outside = gateway.refund_outside("P-1", Money(500, "USD"))

    observation = seen_now(payment, gateway.refunds[outside])

    observation.refresh_from_db()
    assert observation.applied_at is not None
    assert (payment.refunded_amount, payment.refunds.count()) == (0, 0)
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.MISMATCH


def test_money_that_vanishes_from_the_gateways_object_is_a_discrepancy(gateway: ScriptedGateway) -> None:
    payment = carried("tok_ok")

    seen_now(payment, replace(gateway.only_payment, captured=Money(1, "EUR")))

    assert payment.captured_amount == 4200
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.MISMATCH


def test_an_answer_from_before_the_capture_does_not_say_that_the_money_vanished(gateway: ScriptedGateway) -> None:
    payment = carried("tok_processing")
    asked_before, old = database_now(), gateway.only_payment
    gateway.settle("P-1")
    look_at_payment(payment)

    apply(store(payment, old, source="query", asked_at=asked_before).pk)
    payment.refresh_from_db()

    assert (payment.status, payment.captured_amount) == ("succeeded", 4200)
    assert not Discrepancy.objects.exists()


def test_an_attempt_that_was_used_outside_the_shop_is_put_before_staff(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")
    gateway._show(gateway.payments["P-1"], state=PaymentState.REQUIRES_ACTION)

    look_at_payment(payment)
    payment.refresh_from_db()

    assert payment.status == "requires_payment_method"
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.CONTRADICTION


def test_two_proofs_that_disagree_are_put_before_staff_and_the_money_is_believed(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")
    sale = operation(payment, "sale")
    gateway._take_money(gateway.payments["P-1"])

    observation = Observation.of(
        gateway.only_payment,
        payment=payment,
        operation=sale,
        source="response",
        asked_at=database_now(),
        verdict="succeeded",
    )
    observation.save()
    apply(observation.pk)
    payment.refresh_from_db()

    assert payment.status == "succeeded"
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.CONTRADICTION
    assert operation(payment, "sale").status == Operation.Status.SUCCEEDED


# --- The object's end


def test_a_payment_that_the_gateway_ends_by_itself_has_failed(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    gateway.expire("P-1")

    look_at_payment(payment)
    payment.refresh_from_db()

    assert (payment.status, payment.attempts.get().status) == ("failed", "canceled")
    assert payment.next_check_at is None


def test_an_authorization_that_expires_ends_the_payment(gateway: ScriptedGateway) -> None:
    payment = authorized()
    gateway.expire("P-1")

    look_at_payment(payment)
    payment.refresh_from_db()

    assert (payment.status, payment.attempts.get().status) == ("failed", "expired")


def test_an_operation_that_was_never_sent_ends_with_its_payment(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")
    try_again(payment, token="tok_ok", request_id=uuid.uuid4(), return_url="https://shop.example/r")
    gateway.expire("P-1")
    look_at_payment(payment)
    payment.refresh_from_db()

    assert payment.status == "failed"
    assert operation(payment, "sale").status == Operation.Status.FAILED
    carry(payment)
    assert gateway.successful_charges == 0


def test_a_payment_whose_webhook_comes_before_its_opening_is_answered_is_found_by_reference(
    gateway: ScriptedGateway,
) -> None:
    payment = placed()
    account = payment.account

    def a_webhook_comes() -> None:
        look_at(account, Subject(SubjectKind.PAYMENT, "P-1"), source="webhook")

    gateway.script("open_payment", normal(after=a_webhook_comes))
    carry(payment)

    assert (payment.status, payment.gateway_id) == ("succeeded", "P-1")
    assert gateway.successful_charges == 1


def test_an_opening_whose_answer_was_lost_is_proven_by_the_webhook_that_came_before(gateway: ScriptedGateway) -> None:
    payment = placed()

    def a_webhook_comes() -> None:
        look_at(payment.account, Subject(SubjectKind.PAYMENT, "P-1"), source="webhook")

    gateway.script("open_payment", lost(after=a_webhook_comes))
    carry(payment)

    assert (operation(payment, "open").status, payment.gateway_id) == ("succeeded", "P-1")
    assert gateway.looks == ["P-1"]


# --- Refunds


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
    assert paid.refundable == PRICE


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
