"""Apply a look at the gateway's payment object: money first, then the attempt, then what is left to do."""

from __future__ import annotations

from django.db.models.functions import Now

from payments.gateways.base import PaymentSeen, PaymentState
from payments.ledger.posting import post_capture
from payments.models import Discrepancy, Operation, Payment, PaymentAttempt
from payments.states.discrepancies import open_discrepancy
from payments.states.fact import Fact
from payments.states.proof import shows_new_charge
from payments.states.settling import decline_attempt
from payments.states.surplus import book_surplus
from payments.states.table import Cause, allows
from payments.states.transition import move
from payments.states.uncaptured import close_not_captured

Status = PaymentAttempt.Status

_ATTEMPT_IN_STATE = {
    PaymentState.REQUIRES_ACTION: Status.REQUIRES_ACTION,
    PaymentState.PROCESSING: Status.PROCESSING,
    PaymentState.REQUIRES_CAPTURE: Status.AUTHORIZED,
    PaymentState.SUCCEEDED: Status.SUCCEEDED,
}


def apply_payment_state(fact: Fact, seen: PaymentSeen) -> None:
    """Bring payment and attempt to what was seen, unless something newer is already applied: then ask again."""
    if fact.payment.knows_newer_than(fact.observation.asked_at):
        fact.changes["next_check_at"] = Now()
        return
    fact.change(state_answered_at=fact.observation.answered_at)
    if seen.charge_id:
        fact.change(last_charge_id=seen.charge_id)
    _book_capture(fact, seen)
    book_surplus(fact, seen)
    if seen.state == PaymentState.CANCELED:
        fact.ended_as = _ended_as(fact)
    if fact.attempt is not None:
        _move_attempt(fact, fact.attempt, seen)


def _book_capture(fact: Fact, seen: PaymentSeen) -> None:
    captured = min(seen.captured, fact.payment.money)
    taken = captured - fact.payment.captured
    if taken:
        post_capture(fact.payment, taken, fact.observation, fact.journal)
        fact.change(captured_amount=captured.amount)
        close_not_captured(fact.payment)


def _ended_as(fact: Fact) -> str:
    """`canceled` when a person wished it, `failed` when its time was over, or we fenced it off, or the gateway did."""
    voids = Operation.objects.filter(payment=fact.payment, kind=Operation.Kind.VOID, fences=None, expires=False)
    wished = voids.exclude(status=Operation.Status.FAILED).exists()
    return Payment.Status.CANCELED if wished else Payment.Status.FAILED


def _move_attempt(fact: Fact, attempt: PaymentAttempt, seen: PaymentSeen) -> None:
    if seen.state == PaymentState.CANCELED:
        if attempt.is_live or attempt.status == Status.AUTHORIZED:
            lapsed = attempt.status == Status.AUTHORIZED and fact.ended_as == Payment.Status.FAILED
            ended = Status.EXPIRED if lapsed else Status.CANCELED
            move(attempt, ended, Cause.OBSERVED, fact.journal, proof=fact.observation)
    elif seen.state == PaymentState.REQUIRES_PAYMENT_METHOD:
        if attempt.is_live and _is_over(fact, attempt, seen):
            decline_attempt(fact, attempt)
    elif attempt.status != _ATTEMPT_IN_STATE[seen.state] and _was_sent_before(fact, attempt):
        _advance(fact, attempt, _ATTEMPT_IN_STATE[seen.state])


def _advance(fact: Fact, attempt: PaymentAttempt, status: Status) -> None:
    if not allows("attempt", attempt.status, status, Cause.OBSERVED):
        open_discrepancy(
            Discrepancy.Kind.CONTRADICTION,
            f"attempt:{attempt.pk}",
            f"the attempt is {attempt.status}, the gateway's object now says {status}. Was it used outside the shop?",
            fact.payment,
        )
        return
    proof = {} if status in PaymentAttempt.LIVE else {"proof": fact.observation}
    move(attempt, status, Cause.OBSERVED, fact.journal, **proof)


def _is_over(fact: Fact, attempt: PaymentAttempt, seen: PaymentSeen) -> bool:
    """Whether an object that wants a new payment method proves that this attempt was declined.

    It does once the confirm was taken (the state came after it). While the confirm's outcome is unknown, the object
    may still show the attempt before; then only a charge that was not known before proves it.
    """
    confirm = _confirm_of(fact, attempt)
    if confirm is None or confirm.first_sent_at is None or fact.observation.asked_at < confirm.first_sent_at:
        return False
    return confirm.status == Operation.Status.SUCCEEDED or shows_new_charge(confirm, seen)


def _was_sent_before(fact: Fact, attempt: PaymentAttempt) -> bool:
    """Whether the attempt's confirm had been sent when this was asked: an older look says nothing about it."""
    confirm = _confirm_of(fact, attempt)
    return (
        confirm is not None and confirm.first_sent_at is not None and fact.observation.asked_at >= confirm.first_sent_at
    )


def _confirm_of(fact: Fact, attempt: PaymentAttempt) -> Operation | None:
    """The attempt's confirm, as this fact has left it; asked of the database only if it was settled before."""
    for operation in (fact.own, *fact.unsettled):
        if operation is not None and operation.is_confirm and operation.attempt_id == attempt.pk:
            return operation
    return attempt.operations.filter(kind__in=Operation.CONFIRMS).first()
