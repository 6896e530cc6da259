"""Who may carry an operation, until when, and what may be done with it now. All under the payment's lock."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from django.db import transaction
from django.db.models.functions import Now

from payments.audit.journal import WORKER, Journal
from payments.models import Operation, Payment, PaymentAttempt
from payments.operations.breaker import may_call, resume_after
from payments.statements import Select, update_row
from payments.states.table import Cause
from payments.states.transition import move
from payments.transactions import retried

Status = Operation.Status

LEASE = timedelta(seconds=60)
WINDOW_MARGIN = timedelta(hours=1)
_MOVE_NO_MONEY = (Operation.Kind.OPEN, Operation.Kind.VOID)
BACKOFF_FIRST_S, BACKOFF_MOST_S = 2.0, 600.0

_WITH_ATTEMPT = (
    "FROM payments_operation operation LEFT JOIN payments_paymentattempt attempt ON attempt.id = operation.attempt_id"
)
_RELATED, _CLOCK = {"attempt": PaymentAttempt}, {"read_at": "clock_timestamp()"}
_OPERATION = Select(Operation, f"{_WITH_ATTEMPT} WHERE operation.id = %s", _RELATED, _CLOCK)
_WAITING_CONFIRM = Select(
    Operation,
    f"{_WITH_ATTEMPT} WHERE operation.payment_id = %s AND operation.kind = ANY(%s) AND operation.status = 'created'"
    " ORDER BY operation.id LIMIT 1",
    _RELATED,
    _CLOCK,
)


class Step(Enum):
    """What the holder of a lease does next."""

    SEND = auto()  # make the write, for the first time or again with the same key
    ASK = auto()  # ask what became of it, or what the object's state is, before any write
    OPEN_FIRST = auto()  # the payment has no object at the gateway yet
    NOT_SENT = auto()  # too late to send, and it never was
    FENCE = auto()  # repeating cannot end it: cancel the object, whose answer is the proof
    ANEW = auto()  # repeating cannot end it, and it moves no money (an opening, a void): make it with a new key
    STUCK = auto()  # only a person can tell


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry `operation` until the lease ends; `asked_at` is the database's clock before any call."""

    operation: Operation
    lease: int
    step: Step
    asked_at: datetime


@retried
def take_lease(operation_id: int) -> Claim | None:
    """Take the operation up, unless it is settled or somebody holds it. Commits what the step needs to be safe."""
    with transaction.atomic():
        return _take(*_locked(operation_id))


def take_confirm(payment: Payment) -> Claim | None:
    """The same for the confirm that waited for the payment's object, in the transaction that locked the payment."""
    if not payment.gateway_id:
        return None
    waiting = _WAITING_CONFIRM.first(payment.pk, list(Operation.CONFIRMS))
    return _take(*_of(payment, waiting)) if waiting else None


def _take(operation: Operation, now: datetime) -> Claim | None:
    if operation.is_settled or operation.is_leased_at(now):
        return None
    journal = Journal(WORKER, operation.payment_id)
    if operation.status == Status.IN_FLIGHT:  # its worker died or lost its answer
        move(operation, Status.UNKNOWN, Cause.ANSWER_LOST, journal, last_error="the lease ran out")
    step = _first_step(operation, now)
    claim = _claim(operation, step, now, journal)
    journal.write()
    return claim


def _claim(operation: Operation, step: Step, now: datetime, journal: Journal) -> Claim | None:
    if step is Step.OPEN_FIRST:
        return Claim(operation, operation.lease, step, now)
    if step in (Step.SEND, Step.ASK) and not may_call(operation.payment.account, now):
        _wait_for_the_gateway(operation, now)
        return None
    held = _hold(operation, now)
    if step is Step.SEND:
        _mark_sending(operation, now, journal, **held)
    else:
        update_row(operation, held)
    return Claim(operation, operation.lease, step, now)


@retried
def go_on(claim: Claim) -> Claim | None:
    """After asking: what may be done next, or None if the operation is settled or the lease is somebody else's."""
    with transaction.atomic():
        operation, now = _locked(claim.operation.pk)
        if operation.is_settled or operation.lease != claim.lease:
            return None
        step = step_after_asking(operation, now)
        journal = Journal(WORKER, operation.payment_id)
        if step is Step.SEND:
            _mark_sending(operation, now, journal)
        journal.write()
    return Claim(operation, claim.lease, step, now)


@retried
def put_down(claim: Claim, *, reason: str, retry_after_s: float | None, sent: bool, vain: bool = False) -> None:
    """End the lease without an outcome: `unknown` if the write may have arrived, else as before; check again later."""
    with transaction.atomic():
        operation, _ = _locked(claim.operation.pk)
        if operation.is_settled or operation.lease != claim.lease:
            return
        columns: dict[str, object] = {
            "leased_until": None,
            "next_check_at": Now() + backoff(operation.lease, retry_after_s),
            "last_error": reason[:500],
            "repeat_is_vain": operation.repeat_is_vain or vain,
        }
        journal = Journal(WORKER, operation.payment_id)
        if operation.status == Status.IN_FLIGHT and sent:
            move(operation, Status.UNKNOWN, Cause.ANSWER_LOST, journal, **columns)
        elif operation.status == Status.IN_FLIGHT:
            move(operation, Status.CREATED, Cause.NOT_SENT, journal, first_sent_at=None, **columns)
        else:
            Operation.objects.filter(pk=operation.pk).update(**columns)
        journal.write()


def backoff(tries: int, at_least_s: float | None) -> timedelta:
    """Exponential with full-width jitter, so that many waiters do not come back together."""
    longest = min(BACKOFF_FIRST_S * 2 ** min(tries, 20), BACKOFF_MOST_S)
    return timedelta(seconds=max(random.uniform(longest / 2, longest), at_least_s or 0.0))


def _locked(operation_id: int) -> tuple[Operation, datetime]:
    payment = Payment.objects.lock_of("payments_operation", operation_id)
    return _of(payment, _OPERATION.get(operation_id))


def _of(payment: Payment, operation: Operation) -> tuple[Operation, datetime]:
    """The payment's operation, and the database's clock when it was read."""
    operation.payment = payment
    now: datetime = operation.read_at  # type: ignore[attr-defined]  # stands beside the row, by _CLOCK
    return operation, now


def _wait_for_the_gateway(operation: Operation, now: datetime) -> None:
    wait = resume_after(operation.payment.account, now)
    Operation.objects.filter(pk=operation.pk).update(next_check_at=Now() + wait, last_error="the gateway is paused")


def _first_step(operation: Operation, now: datetime) -> Step:
    if operation.status == Status.UNKNOWN:
        return Step.ASK
    if now > operation.send_before or operation.repeat_is_vain or _is_needless(operation):
        return Step.NOT_SENT
    if operation.kind != Operation.Kind.OPEN and not operation.payment.gateway_id:
        return Step.OPEN_FIRST
    return Step.ASK if _needs_a_fresh_look(operation) else Step.SEND


def _is_needless(operation: Operation) -> bool:
    """A fence whose operation has its outcome, and a charge of what is paid or given up already."""
    if operation.is_confirm:
        return operation.payment.status in Payment.FINAL
    return operation.fences is not None and operation.fences.is_settled


def _needs_a_fresh_look(operation: Operation) -> bool:
    """Before a later attempt is confirmed, learn the newest charge, so that an older one is never taken for its own."""
    attempt, looked_at = operation.attempt, operation.payment.state_answered_at
    if attempt is None or (looked_at is not None and looked_at >= attempt.created_at):
        return False
    return operation.payment.attempts.filter(pk__lt=attempt.pk).exists()


def step_after_asking(operation: Operation, now: datetime) -> Step:
    """What is left when the gateway was asked and its answer proved nothing."""
    if operation.status != Status.UNKNOWN:
        return Step.NOT_SENT if now > operation.send_before or _is_needless(operation) else Step.SEND
    if may_repeat(operation, now):
        return Step.SEND
    if operation.is_confirm:
        return Step.FENCE
    return Step.ANEW if operation.kind in _MOVE_NO_MONEY else Step.STUCK


def may_repeat(operation: Operation, now: datetime) -> bool:
    """Only while we have its keys, it still knows this one, a repeat can end it, and the shopper still expects it."""
    if operation.repeat_is_vain or operation.first_sent_at is None:
        return False
    account = operation.payment.account
    if not account.is_served:
        return False
    window = timedelta(seconds=account.adapter.idempotency_window_s) - WINDOW_MARGIN
    return now <= min(operation.first_sent_at + window, operation.send_before)


def _hold(operation: Operation, now: datetime) -> dict[str, object]:
    """The columns of a new lease, for the statement that is written anyway."""
    operation.lease += 1
    return {"lease": operation.lease, "leased_until": now + LEASE, "next_check_at": now + LEASE}


def _mark_sending(operation: Operation, now: datetime, journal: Journal, **held: object) -> None:
    """Say, before the call, that it may arrive: from here on only an observation can end the operation."""
    if operation.status == Status.UNKNOWN:
        return
    move(operation, Status.IN_FLIGHT, Cause.LEASED, journal, first_sent_at=now, **held)
    attempt = operation.attempt
    if operation.is_confirm and attempt is not None:
        known = {"charge_known_before": operation.payment.last_charge_id}
        if attempt.status == PaymentAttempt.Status.CREATED:
            move(attempt, PaymentAttempt.Status.SUBMITTED, Cause.LEASED, journal, **known)
        else:
            PaymentAttempt.objects.filter(pk=attempt.pk).update(**known)
