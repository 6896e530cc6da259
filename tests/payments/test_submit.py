"""`submit`: each way that a write can go, and what the gateway, not we, says was charged."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.dispatch import Signal

from payments.gateways.base import CaptureMethod, Declined, PaymentState, Refusal, Unknown
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, GatewayAccount, Observation, Operation, Payment, PaymentAttempt
from payments.operations.capturing import capture, void
from payments.operations.collect import try_again
from payments.operations.lease import put_down, take_lease
from payments.operations.looking import look_at_payment
from payments.operations.submit import submit
from payments.operations.sweeping import sweep_observations, sweep_operations
from payments.signals import payment_changed
from tests.payments.arrange import RETURN_URL, age, authorized, carried, carry, operation, placed, retry
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway, answers, lost, normal, replays_an_error, unreachable, unsent

pytestmark = pytest.mark.django_db(transaction=True)

Status = Operation.Status
A_MINUTE, PAST_SENDING, PAST_WINDOW = timedelta(minutes=2), timedelta(minutes=20), timedelta(hours=25)


def attempt_of(payment: Payment) -> PaymentAttempt:
    return payment.attempts.latest("pk")


# --- All goes well


def test_a_sale_opens_the_payment_then_confirms_it_and_books_the_money(gateway: ScriptedGateway) -> None:
    payment = carried("tok_ok")

    assert [call.method for call in gateway.calls] == ["open_payment", "confirm"]
    assert (payment.status, payment.captured_amount, payment.gateway_id) == ("succeeded", 4200, "P-1")
    assert attempt_of(payment).status == "succeeded"
    assert gateway.successful_charges == 1
    assert list(verify_ledger()) == []


def test_an_authorization_holds_the_money_and_books_nothing(gateway: ScriptedGateway) -> None:
    payment = authorized()

    assert (payment.status, payment.captured_amount) == ("requires_capture", 0)
    assert attempt_of(payment).status == "authorized"
    assert not payment.ledger_transactions.exists()
    assert payment.next_check_at is not None


def test_the_gateways_id_is_committed_before_anything_is_confirmed(gateway: ScriptedGateway) -> None:
    seen: list[str] = []
    gateway.script("confirm", normal(before=lambda: seen.append(Payment.objects.get().gateway_id)))

    carried("tok_ok")

    assert seen == ["P-1"]


def test_the_operation_is_marked_in_flight_before_its_call(gateway: ScriptedGateway) -> None:
    seen: list[str] = []
    gateway.script("confirm", normal(before=lambda: seen.append(Operation.objects.get(kind="sale").status)))

    carried("tok_ok")

    assert seen == [Status.IN_FLIGHT]


def test_a_decline_ends_the_attempt_and_leaves_the_payment_open_for_another(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")

    assert payment.status == "requires_payment_method"
    assert (attempt_of(payment).status, attempt_of(payment).refusal_code) == ("declined", "insufficient_funds")
    assert operation(payment, "sale").status == Status.FAILED

    retry(payment)

    assert payment.status == "succeeded"
    assert gateway.successful_charges == 1
    assert len(gateway.payments) == 1


def test_an_attempt_that_needs_the_shopper_waits_for_them(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")

    assert (payment.status, attempt_of(payment).status) == ("requires_action", "requires_action")
    assert operation(payment, "sale").status == Status.SUCCEEDED


def test_an_attempt_that_is_processed_later_is_asked_about_again(gateway: ScriptedGateway) -> None:
    payment = carried("tok_processing")

    assert (payment.status, attempt_of(payment).status) == ("processing", "processing")
    assert payment.next_check_at is not None


# --- Called again, or twice at once


def test_submitting_a_settled_operation_again_sends_nothing(gateway: ScriptedGateway) -> None:
    payment = carried("tok_ok")
    sent = len(gateway.calls)

    for settled in payment.operations.all():
        submit(settled.pk)

    assert len(gateway.calls) == sent


def test_an_operation_in_somebody_elses_hands_is_left_alone(gateway: ScriptedGateway) -> None:
    payment = placed()
    claim = take_lease(operation(payment, "open").pk)

    carry(payment)

    assert claim is not None
    assert gateway.calls == []


def test_a_confirm_whose_job_comes_first_opens_the_payment_first(gateway: ScriptedGateway) -> None:
    payment = placed()

    submit(operation(payment, "sale").pk)

    assert [call.method for call in gateway.calls] == ["open_payment", "confirm"]


# --- Never sent


def test_a_gateway_that_cannot_be_reached_leaves_the_operation_as_it_was(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", unreachable())
    payment = carried("tok_ok")
    sale = operation(payment, "sale")
    assert (sale.status, sale.first_sent_at, sale.leased_until) == (Status.CREATED, None, None)
    assert sale.next_check_at is not None

    carry(payment)

    assert payment.status == "succeeded"
    assert gateway.looks == []


def test_an_operation_not_sent_in_time_is_closed_and_the_shopper_may_pay_again(gateway: ScriptedGateway) -> None:
    payment = placed()
    age(payment, PAST_SENDING)

    carry(payment)

    assert gateway.calls == []
    assert payment.status == "requires_payment_method"
    assert attempt_of(payment).status == "canceled"
    assert {o.status for o in payment.operations.all()} == {Status.FAILED}
    assert {o.proof.source for o in payment.operations.all() if o.proof} == {Observation.Source.LOCAL}

    retry(payment)

    assert payment.status == "succeeded"


def test_a_confirm_that_could_not_be_sent_in_time_is_closed_though_it_was_tried(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", unreachable())
    payment = carried("tok_ok")
    age(payment, PAST_SENDING)

    carry(payment)

    assert (payment.status, attempt_of(payment).status) == ("requires_payment_method", "canceled")
    assert gateway.successful_charges == 0


def test_an_opening_that_is_refused_declines_the_attempt(gateway: ScriptedGateway) -> None:
    gateway.script("open_payment", answers(Declined(Refusal("amount_too_small", "too little"))))

    payment = carried("tok_ok")

    assert (payment.status, attempt_of(payment).refusal_code) == ("requires_payment_method", "amount_too_small")
    assert operation(payment, "sale").status == Status.FAILED

    retry(payment)

    assert payment.status == "succeeded"


# --- The answer is lost: ask first


def test_a_lost_answer_of_the_opening_is_found_by_our_reference(gateway: ScriptedGateway) -> None:
    gateway.script("open_payment", lost())
    payment = carried("tok_ok")
    assert operation(payment, "open").status == Status.UNKNOWN
    assert payment.gateway_id == ""

    carry(payment)

    assert payment.status == "succeeded"
    assert len(gateway.keys("open_payment")) == 1
    assert len(gateway.payments) == 1


def test_an_opening_that_cannot_be_found_is_repeated_with_the_same_key(gateway: ScriptedGateway) -> None:
    gateway.script("open_payment", lost())
    gateway.find_lags = True
    payment = carried("tok_ok")

    carry(payment)

    first, second = gateway.keys("open_payment")
    assert first == second
    assert len(gateway.payments) == 1
    assert payment.status == "succeeded"


def test_a_lost_answer_of_a_charge_is_asked_for_and_never_repeated(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", lost())
    payment = carried("tok_ok")
    assert (payment.status, operation(payment, "sale").status) == ("processing", Status.UNKNOWN)

    carry(payment)

    assert payment.status == "succeeded"
    assert len(gateway.keys("confirm")) == 1
    assert gateway.successful_charges == 1
    assert operation(payment, "sale").status == Status.SUCCEEDED


def test_a_charge_that_never_arrived_is_repeated_with_the_same_key_and_request(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", unsent())
    payment = carried("tok_ok")

    carry(payment)

    first, second = [call for call in gateway.calls if call.method == "confirm"]
    assert (first.key, first.request) == (second.key, second.request)
    assert payment.status == "succeeded"
    assert gateway.successful_charges == 1


def test_a_decline_whose_answer_was_lost_is_proven_by_its_new_charge(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", lost())
    payment = carried("tok_declined")

    carry(payment)

    assert (payment.status, attempt_of(payment).status) == ("requires_payment_method", "declined")
    assert attempt_of(payment).refusal_code == "insufficient_funds"
    assert len(gateway.keys("confirm")) == 1


def test_the_decline_of_an_earlier_attempt_proves_nothing_about_the_next(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")
    gateway.script("confirm", unsent())

    retry(payment, "tok_ok")
    assert operation(payment, "sale").status == Status.UNKNOWN
    carry(payment)

    assert payment.status == "succeeded"
    assert gateway.successful_charges == 1


def test_an_earlier_charge_that_we_never_saw_is_learnt_before_the_next_attempt(gateway: ScriptedGateway) -> None:
    declined_without_object = answers(Declined(Refusal("declined", "no object in the error")))
    gateway.script("confirm", declined_without_object)
    payment = carried("tok_declined")
    gateway._decline(gateway.payments["P-1"])  # the charge of that decline, which its answer did not show
    gateway.script("confirm", unsent())

    retry(payment, "tok_ok")
    carry(payment)

    assert payment.status == "succeeded"
    assert gateway.successful_charges == 1


def test_while_the_gateway_cannot_be_asked_nothing_is_repeated(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", unsent())
    gateway.script("retrieve_payment", answers(Unknown("timed out")), unreachable())
    payment = carried("tok_ok")

    carry(payment)
    carry(payment)

    assert len(gateway.keys("confirm")) == 1
    assert operation(payment, "sale").status == Status.UNKNOWN

    carry(payment)

    assert payment.status == "succeeded"
    assert gateway.successful_charges == 1


def test_a_worker_that_died_with_the_lease_leaves_an_unknown_outcome_that_is_asked_for(
    gateway: ScriptedGateway,
) -> None:
    gateway.script("confirm", normal(after=_die))
    payment = placed()
    with pytest.raises(WorkerDied):
        carry(payment)
    assert operation(payment, "sale").status == Status.IN_FLIGHT
    assert gateway.successful_charges == 1

    carry(payment)
    assert gateway.looks == []  # the lease still holds
    age(payment, A_MINUTE)
    carry(payment)

    assert payment.status == "succeeded"
    assert gateway.successful_charges == 1
    assert len(gateway.keys("confirm")) == 1


class WorkerDied(BaseException):
    """Not an Exception: nothing on the way may catch it."""


def _die() -> None:
    raise WorkerDied


def test_a_payment_object_that_the_gateway_does_not_know_goes_to_a_person(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", unsent())
    payment = carried("tok_ok")
    del gateway.payments["P-1"]

    carry(payment)

    assert operation(payment, "sale").status == Status.UNKNOWN
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.STUCK
    assert len(gateway.keys("confirm")) == 1


# --- Repeating cannot end it: the fence


def test_an_unknown_charge_is_not_repeated_once_the_shopper_has_left(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", unsent())
    payment = carried("tok_ok")
    age(payment, PAST_SENDING)

    carry(payment)

    assert len(gateway.keys("confirm")) == 1
    assert len(gateway.keys("cancel")) == 1
    assert operation(payment, "void").fences == operation(payment, "sale")
    assert operation(payment, "sale").status == Status.FAILED
    assert (payment.status, attempt_of(payment).status) == ("failed", "canceled")
    assert gateway.only_payment.state == PaymentState.CANCELED


def test_a_fence_that_is_refused_shows_that_the_money_was_taken(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", lost())
    payment = carried("tok_ok")
    age(payment, PAST_SENDING)
    nothing_new = gateway.payments["P-1"].seen
    gateway.script("retrieve_payment", answers(Unknown("timed out")))
    carry(payment)
    assert nothing_new.state == PaymentState.SUCCEEDED
    assert gateway.keys("cancel") == []

    carry(payment)

    assert payment.status == "succeeded"
    assert gateway.successful_charges == 1


def test_money_that_is_taken_between_the_look_and_the_fence_makes_the_order_paid(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", unsent())
    payment = carried("tok_ok")
    age(payment, PAST_SENDING)
    gateway.script("cancel", normal(before=lambda: gateway._take_money(gateway.payments["P-1"])))

    carry(payment)

    assert payment.status == "succeeded"
    assert operation(payment, "sale").status == Status.SUCCEEDED
    assert operation(payment, "void").status == Status.FAILED
    assert not payment.audit_entries.filter(object_type="attempt", after__status="declined").exists()
    assert list(verify_ledger()) == []


def test_a_stored_error_that_is_replayed_is_ended_by_the_fence_at_once(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", replays_an_error())
    payment = carried("tok_ok")
    assert operation(payment, "sale").repeat_is_vain

    carry(payment)

    assert len(gateway.keys("confirm")) == 1
    assert payment.status == "failed"
    assert gateway.successful_charges == 0


def test_a_fence_whose_answer_is_lost_is_asked_for(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", replays_an_error())
    gateway.script("cancel", lost())
    payment = carried("tok_ok")

    carry(payment)
    carry(payment)

    assert payment.status == "failed"
    assert {o.status for o in payment.operations.filter(kind="void")} == {Status.SUCCEEDED}
    assert len(gateway.keys("cancel")) == 1


def test_a_decline_that_shows_no_object_ends_the_attempt(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", answers(Declined(Refusal("token_expired", "the token is too old", "try_again"))))

    payment = carried("tok_ok")

    assert (payment.status, attempt_of(payment).status) == ("requires_payment_method", "declined")
    assert attempt_of(payment).refusal_code == "token_expired"


def test_an_unknown_charge_is_ended_by_the_void_that_staff_asked_for_already(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", unsent())
    payment = carried("tok_ok")
    age(payment, PAST_SENDING)
    void(payment, by=staff())

    submit(operation(payment, "sale").pk)

    payment.refresh_from_db()
    assert (payment.status, operation(payment, "sale").status) == ("canceled", Status.FAILED)
    assert (payment.operations.filter(kind="void").count(), len(gateway.keys("cancel"))) == (1, 1)


def test_a_fence_whose_error_is_replayed_is_made_with_a_new_key_and_ends_both(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", replays_an_error())
    gateway.script("cancel", replays_an_error())
    payment = carried("tok_ok")

    carry(payment)
    submit(operation(payment, "void").pk)
    payment.refresh_from_db()

    first, second = gateway.keys("cancel")
    assert first != second
    assert payment.status == "failed"
    assert not payment.operations.filter(status__in=Operation.UNSETTLED).exists()
    assert gateway.successful_charges == 0


def test_a_charge_is_not_sent_once_a_fresh_look_shows_that_the_payment_is_paid(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")
    try_again(payment, token="tok_ok", request_id=uuid.uuid4(), return_url=RETURN_URL)
    gateway._take_money(gateway.payments["P-1"])

    carry(payment)

    assert len(gateway.keys("confirm")) == 1
    assert (payment.status, attempt_of(payment).status) == ("succeeded", "canceled")


def test_an_answer_is_stored_before_the_breaker_learns_of_it(
    gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = placed()

    def broken(account: GatewayAccount, answer: object) -> None:
        raise RuntimeError("the breaker's row is locked")

    monkeypatch.setattr("payments.operations.submit.record", broken)
    with pytest.raises(RuntimeError):
        carry(payment)

    assert Observation.objects.get().verdict == "succeeded"


def test_a_new_attempt_is_looked_at_as_often_as_a_first_one(gateway: ScriptedGateway) -> None:
    payment = carried("tok_action")
    Payment.objects.update(checks=12)
    gateway.complete_action("P-1", passed=False)
    look_at_payment(payment)

    retry(payment, "tok_action")

    assert payment.next_check_at is not None
    assert payment.next_check_at - payment.created_at < timedelta(minutes=5)


def test_a_refusal_that_is_replayed_says_nothing_about_how_the_payment_stands_now(gateway: ScriptedGateway) -> None:
    payment = carried("tok_processing", capture=CaptureMethod.MANUAL)
    void(payment, by=staff(), request_id=uuid.uuid4())
    gateway.script("cancel", lost())
    carry(payment)  # refused while the bank was at work, and we were not told
    gateway.settle("P-1")
    look_at_payment(payment)
    age(payment, A_MINUTE)

    carry(payment)

    assert len(gateway.keys("cancel")) == 2
    assert operation(payment, "void").status == Status.FAILED
    assert (payment.status, attempt_of(payment).status) == ("requires_capture", "authorized")
    assert not Discrepancy.objects.filter(resolved_at=None).exists()


def test_a_fence_is_not_sent_once_the_outcome_is_known(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", replays_an_error())
    gateway.script("cancel", unreachable())
    payment = carried("tok_action")
    carry(payment)
    assert operation(payment, "void").status == Status.CREATED
    gateway._take_money(gateway.payments["P-1"])
    submit(operation(payment, "sale").pk)
    payment.refresh_from_db()
    assert payment.status == "succeeded"

    carry(payment)

    assert operation(payment, "void").status == Status.FAILED
    assert len(gateway.keys("cancel")) == 1


def test_an_opening_whose_error_is_replayed_is_opened_with_a_new_key(gateway: ScriptedGateway) -> None:
    gateway.script("open_payment", replays_an_error())
    payment = carried("tok_ok")

    carry(payment)

    first, second = gateway.keys("open_payment")
    assert first != second
    assert payment.status == "succeeded"
    assert gateway.successful_charges == 1


def test_an_opening_is_made_anew_again_when_the_second_was_not_sent_in_time(gateway: ScriptedGateway) -> None:
    gateway.script("open_payment", replays_an_error(), unreachable())
    payment = carried("tok_ok")
    carry(payment)
    age(payment, PAST_WINDOW)
    carry(payment)
    assert payment.operations.filter(kind="open").latest("pk").status == Status.FAILED

    age(payment, timedelta(hours=1))
    assert sweep_operations() == 1
    carry(payment)

    assert payment.gateway_id == "P-1"
    assert not payment.operations.filter(status__in=Operation.UNSETTLED).exists()


# --- Only a person can tell


def test_a_capture_without_trace_after_the_window_goes_to_a_person_and_is_never_repeated(
    gateway: ScriptedGateway,
) -> None:
    payment = authorized()
    capture(payment, payment.money, by=staff())
    gateway.script("capture", unsent())
    carry(payment)
    age(payment, PAST_WINDOW)

    carry(payment)

    assert len(gateway.keys("capture")) == 1
    assert operation(payment, "capture").status == Status.UNKNOWN
    assert Discrepancy.objects.get(kind=Discrepancy.Kind.STUCK).payment == payment


# --- Two workers with one operation


def test_a_worker_whose_lease_was_taken_over_writes_no_next_step(gateway: ScriptedGateway) -> None:
    payment = placed()
    late = take_lease(operation(payment, "open").pk)
    assert late is not None
    age(payment, A_MINUTE)
    newer = take_lease(operation(payment, "open").pk)
    assert newer is not None

    put_down(late, reason="timed out", retry_after_s=None, sent=True)

    assert operation(payment, "open").lease == newer.lease
    assert operation(payment, "open").leased_until is not None


def test_the_answer_of_a_worker_that_lost_its_lease_is_stored_and_applied_all_the_same(
    gateway: ScriptedGateway,
) -> None:
    payment = placed()

    def another_worker_takes_over() -> None:
        age(payment, A_MINUTE)
        carry(payment)

    gateway.script("confirm", normal(after=another_worker_takes_over))
    carry(payment)

    assert payment.status == "succeeded"
    assert gateway.successful_charges == 1
    assert payment.observations.filter(source="response", operation__kind="sale").count() == 1
    assert not payment.observations.filter(applied_at=None).exists()


# --- An answer that cannot be applied


@pytest.fixture
def broken_receiver() -> object:
    class Receiver:
        broken = True

        def __call__(self, **kwargs: object) -> None:
            if self.broken:
                raise RuntimeError("the shop's receiver failed")

    receiver = Receiver()
    signal: Signal = payment_changed
    signal.connect(receiver, weak=False)
    yield receiver
    signal.disconnect(receiver)


def test_an_answer_is_kept_when_a_receiver_fails_and_applied_when_it_is_mended(
    gateway: ScriptedGateway, broken_receiver: object
) -> None:
    payment = carried("tok_ok")

    assert payment.status == "processing"
    assert gateway.successful_charges == 1
    trouble = Discrepancy.objects.get()
    assert (trouble.kind, trouble.resolved_at) == (Discrepancy.Kind.NOT_APPLIED, None)
    assert "the shop's receiver failed" in trouble.explanation

    broken_receiver.broken = False  # type: ignore[attr-defined]  # the fixture's own class
    age(payment, timedelta(hours=1))
    sweep_observations()
    payment.refresh_from_db()
    trouble.refresh_from_db()

    assert payment.status == "succeeded"
    assert trouble.resolved_at is not None
    assert len(gateway.keys("confirm")) == 1
    assert list(verify_ledger()) == []


def test_a_hold_whose_answer_is_applied_after_it_was_voided_contradicts_nothing(
    gateway: ScriptedGateway, broken_receiver: object
) -> None:
    payment = authorized()
    gateway.expire("P-1")
    broken_receiver.broken = False  # type: ignore[attr-defined]  # the fixture's own class
    look_at_payment(payment)

    age(payment, timedelta(hours=1))
    sweep_observations()
    payment.refresh_from_db()

    assert (payment.status, attempt_of(payment).status) == ("failed", "canceled")
    assert not Discrepancy.objects.filter(resolved_at=None).exists()


def test_an_answer_that_was_a_stage_before_a_decline_contradicts_nothing_when_it_is_applied_late(
    gateway: ScriptedGateway, broken_receiver: object
) -> None:
    payment = carried("tok_action")
    gateway.settle("P-1", succeeded=False)
    broken_receiver.broken = False  # type: ignore[attr-defined]  # the fixture's own class
    look_at_payment(payment)

    age(payment, timedelta(hours=1))
    sweep_observations()
    payment.refresh_from_db()

    assert (payment.status, attempt_of(payment).status) == ("requires_payment_method", "declined")
    assert not Discrepancy.objects.filter(resolved_at=None).exists()
