"""What lost jobs leave behind is found in the rows."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from payments import queue
from payments.models import Discrepancy, Operation, Payment
from payments.money import Money
from payments.operations.lease import take_lease
from payments.operations.refunding import refund
from payments.operations.sweeping import (
    ask_about_open_payments,
    ask_about_pending_refunds,
    sweep_operations,
)
from tests.payments.arrange import age, carried, carry, operation, placed
from tests.payments.people import staff
from tests.payments.queued import jobs
from tests.payments.scripted import ScriptedGateway, unreachable

pytestmark = pytest.mark.django_db(transaction=True)

LATER = timedelta(minutes=3)


def test_an_operation_whose_job_was_lost_is_enqueued_again_and_once(gateway: ScriptedGateway) -> None:
    payment = placed()
    assert queue.take_submit() is not None  # and lost
    assert sweep_operations() == 0
    age(payment, LATER)

    assert sweep_operations() == 2
    assert sweep_operations() == 0

    assert [arguments["operation_id"] for _, arguments in jobs()] == [o.pk for o in payment.operations.all()]


def test_an_operation_whose_job_waits_long_is_not_enqueued_again_and_again(gateway: ScriptedGateway) -> None:
    """Workers that are behind must not find their queue grow by what they have not come to."""
    payment = placed()
    assert len(jobs()) == 1  # the opening's; it takes the confirm along

    for _ in range(5):
        age(payment, LATER)
        sweep_operations()

    assert len(jobs()) == 2


def test_an_operation_whose_lease_holds_is_not_swept_and_is_when_it_has_run_out(gateway: ScriptedGateway) -> None:
    payment = placed()
    take_lease(operation(payment, "open").pk)
    Operation.objects.filter(kind="sale").update(next_check_at=None)
    Operation.objects.filter(kind="open").update(next_check_at="2020-01-01T00:00Z")
    assert sweep_operations() == 0

    age(payment, LATER)

    assert sweep_operations() == 1


def test_settled_operations_are_never_swept(gateway: ScriptedGateway) -> None:
    payment = carried()
    age(payment, timedelta(days=2))

    assert sweep_operations() == 0


def test_an_open_payment_is_asked_about_by_and_by(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    gateway.complete_action("P-1")
    assert ask_about_open_payments() == 0
    age(payment, LATER)

    assert ask_about_open_payments() == 1
    payment.refresh_from_db()

    assert payment.status == "succeeded"
    assert payment.next_check_at is None


def test_fruitless_looks_come_ever_more_rarely(gateway: ScriptedGateway) -> None:
    payment = carried("tok_processing")
    waits = []
    for _ in range(3):
        age(payment, timedelta(hours=7))
        ask_about_open_payments()
        payment.refresh_from_db()
        assert payment.next_check_at and payment.state_answered_at
        waits.append((payment.next_check_at - payment.state_answered_at).total_seconds())

    assert waits[0] < waits[1] < waits[2]


def test_a_gateway_that_does_not_answer_leaves_the_payment_to_a_later_look(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    age(payment, LATER)
    gateway.script("fetch", unreachable())

    assert ask_about_open_payments() == 1
    payment.refresh_from_db()

    assert payment.status == "requires_action"
    assert payment.next_check_at is not None


def test_one_bad_payment_keeps_no_other_waiting(gateway: ScriptedGateway) -> None:
    vanished, fine = carried("tok_action"), carried("tok_action")
    del gateway.payments["P-1"]
    gateway.complete_action("P-2")
    for payment in (vanished, fine):
        age(payment, LATER)

    assert ask_about_open_payments() == 2
    fine.refresh_from_db()

    assert fine.status == "succeeded"
    assert Discrepancy.objects.get().subject == "P-1"


def test_a_pending_refund_is_asked_about_by_and_by(gateway: ScriptedGateway) -> None:
    payment: Payment = carried()
    refund(payment, Money(700, "EUR"), reason="pend", by=staff(), request_id=uuid.uuid4())
    carry(payment)
    gateway.settle("R-1")
    assert ask_about_pending_refunds() == 0
    age(payment, LATER)

    assert ask_about_pending_refunds() == 1
    payment.refresh_from_db()

    assert payment.refunded_amount == 700
