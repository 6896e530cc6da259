"""`apply`: what news about money does, in whatever order, as often as it comes."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils.timezone import now

from payments.gateways.base import (
    PaymentState,
    Subject,
    SubjectKind,
)
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, LedgerEntry, Observation, Operation, Payment
from payments.money import Money
from payments.operations.clock import database_now
from payments.operations.collect import try_again
from payments.operations.looking import look_at, look_at_payment, store
from payments.states.apply import apply
from tests.payments.arrange import age, authorized, carried, carry, operation, placed, retry, seen_now
from tests.payments.scripted import ScriptedGateway, lost, normal, unsent

pytestmark = pytest.mark.django_db(transaction=True)


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
