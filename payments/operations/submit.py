"""`submit`: the one path by which a write reaches the gateway.

Jobs are hints and may come twice, late or never; what is true stands in the operation's row. So a worker that dies at
any line leaves a row from which the next one goes on: leased and never sent, or sent and unknown.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from django.db import transaction

from payments.audit.journal import WORKER, Journal
from payments.gateways.base import (
    Answer,
    Declined,
    DefinitelyNotSent,
    Found,
    Missing,
    Processing,
    RequiresAction,
    Succeeded,
    Unknown,
)
from payments.models import Discrepancy, Observation, Operation, Payment
from payments.operations import calls
from payments.operations.breaker import record
from payments.operations.lease import Claim, Step, go_on, put_down, take_confirm, take_lease
from payments.operations.looking import keep, store
from payments.states.apply import apply_and_go_on, apply_or_park
from payments.states.discrepancies import open_discrepancy, stuck_subject
from payments.states.wish import write_operation
from payments.transactions import retried

logger = logging.getLogger(__name__)

Kind = Operation.Kind
Source = Observation.Source
Verdict = Observation.Verdict


def submit(operation_id: int) -> None:
    """Carry an operation to the gateway and bring its answer home, then the payment's next one, until none is left.

    Does nothing for an operation that is settled or in somebody else's hands. Where the outcome stays unknown the row
    says when to look again, and the sweep brings it back here.
    """
    claim = take_lease(operation_id)
    while claim is not None:
        claim = _carry(claim)


def _carry(claim: Claim) -> Claim | None:
    """One operation as far as it goes now; returns the lease of the operation to carry next, if any."""
    match claim.step:
        case Step.ASK:
            return _ask(claim)
        case Step.SEND:
            return _send(claim)
        case Step.OPEN_FIRST:
            return _open_first(claim.operation)
        case Step.FENCE:
            return take_lease(_end_by(claim, _fence_of(claim.operation)))
        case Step.ANEW:
            return take_lease(_make_anew(claim))
        case Step.NOT_SENT:
            _close_as_not_sent(claim)
        case Step.STUCK:
            _give_to_a_person(claim)
    return None


def _send(claim: Claim) -> Claim | None:
    operation = claim.operation
    account = operation.payment.account
    answer = calls.send(account.adapter, operation)
    logger.info(
        "operation_answered",
        extra={"operation": operation.pk, "kind": operation.kind, "answer": type(answer).__name__},
    )
    match answer:
        case Unknown():
            record(account, answer)
            put_down(
                claim,
                reason=answer.reason,
                retry_after_s=answer.retry_after_s,
                sent=True,
                vain=answer.replayed,
            )
            return None
        case DefinitelyNotSent():
            record(account, answer)
            put_down(claim, reason=answer.reason, retry_after_s=answer.retry_after_s, sent=False)
            return None
    observation = _store_answer(claim, answer)
    record(account, answer)
    return apply_and_go_on(observation.pk, partial(_next_to_send, operation))


def _store_answer(claim: Claim, answer: Succeeded | RequiresAction | Processing | Declined) -> Observation:
    """Commit the answer by itself, whoever holds the lease now: an answer about money is never rolled back."""
    verdicts: dict[type[Answer], Verdict] = {
        Succeeded: Verdict.SUCCEEDED,
        RequiresAction: Verdict.REQUIRES_ACTION,
        Processing: Verdict.PROCESSING,
        Declined: Verdict.DECLINED,
    }
    observation = Observation.of(
        answer.seen,
        payment=claim.operation.payment,
        operation=claim.operation,
        source=Source.RESPONSE,
        asked_at=_asked_at(claim, replayed=answer.replayed),
        verdict=verdicts[type(answer)],
        refusal=answer.refusal if isinstance(answer, Declined) else None,
    )
    keep(observation)
    return observation


def _asked_at(claim: Claim, *, replayed: bool) -> datetime:
    """When what an answer shows was asked for. One that the gateway replayed may be as old as the first call.

    Its verdict holds all the same, but the state that it shows wins over nothing that was learned since.
    """
    first_sent_at = claim.operation.first_sent_at
    return first_sent_at if replayed and first_sent_at is not None else claim.asked_at


def _next_to_send(operation: Operation, payment: Payment) -> Claim | None:
    """After an opening, the confirm that waited for it, leased in the transaction that knows the object's id first."""
    return take_confirm(payment) if operation.kind == Kind.OPEN else None


def _ask(claim: Claim) -> Claim | None:
    """Ask before any repeat; apply what is seen; then what may be done next, or None when there is nothing to do."""
    operation = claim.operation
    account = operation.payment.account
    lookup = calls.look(account.adapter, operation)
    record(account, lookup)
    match lookup:
        case Found(seen):
            observation = store(operation.payment, seen, source=Source.QUERY, asked_at=claim.asked_at)
            if not apply_or_park(observation.pk):
                put_down(claim, reason="an observation could not be applied", retry_after_s=None, sent=True)
                return None
        case Missing() if operation.kind != Kind.OPEN and not operation.gives_back:
            _report_missing(operation, lookup.reason)
            put_down(claim, reason=lookup.reason, retry_after_s=None, sent=True)
            return None
        case Unknown() | DefinitelyNotSent():
            put_down(claim, reason=lookup.reason, retry_after_s=lookup.retry_after_s, sent=True)
            return None
    return go_on(claim) or _after_proof(operation)


@retried
def _after_proof(operation: Operation) -> Claim | None:
    """What follows an opening that a look settled."""
    if operation.kind != Kind.OPEN:
        return None
    with transaction.atomic():
        return take_confirm(Payment.objects.lock(operation.payment_id))


def _report_missing(operation: Operation, reason: str) -> None:
    open_discrepancy(
        Discrepancy.Kind.STUCK,
        stuck_subject(operation),
        f"The gateway has no object {operation.payment.gateway_id}: {reason}. Is it the right account?",
        operation.payment,
    )


def _open_first(operation: Operation) -> Claim | None:
    openings = operation.payment.operations.filter(kind=Kind.OPEN, status__in=Operation.UNSETTLED)
    newest = openings.order_by("-pk").first()
    return take_lease(newest.pk) if newest else None


def _close_as_not_sent(claim: Claim) -> None:
    """Too late, or no longer wanted, and provably never sent: our own record is the proof."""
    observation = Observation.of(
        None,
        payment=claim.operation.payment,
        operation=claim.operation,
        source=Source.LOCAL,
        asked_at=claim.asked_at,
        verdict=Verdict.NOT_SENT,
    )
    keep(observation)
    apply_or_park(observation.pk)


def _end_by(claim: Claim, new: Operation) -> int:
    """Write the operation that is to end an unknown one, and set the unknown one aside until then."""
    with transaction.atomic():
        payment = Payment.objects.lock(new.payment_id)
        running = _running(payment, new.kind)
        if running is None:
            journal = Journal(WORKER, payment.pk)
            write_operation(new, claim.asked_at, journal, ends=claim.operation.pk)
            journal.write()
        by = running or new
        put_down(claim, reason=f"to be ended by operation {by.pk}", retry_after_s=None, sent=True)
    return by.pk


def _make_anew(claim: Claim) -> int:
    """The same write with a new key. The old one is never sent again, only asked about; one look may settle both."""
    old = claim.operation
    new = Operation.of(old.payment, old.kind, old.money, fences=old.fences, expires=old.expires)
    with transaction.atomic():
        Payment.objects.lock(old.payment_id)
        Operation.objects.filter(pk=old.pk).update(repeat_is_vain=True)
        return _end_by(claim, new)


def _fence_of(unknown: Operation) -> Operation:
    return Operation.of(unknown.payment, Kind.VOID, unknown.money, fences=unknown)


def _running(payment: Payment, kind: str) -> Operation | None:
    """One of this kind under way that can still end; one that only replays an error cannot."""
    return payment.operations.filter(kind=kind, status__in=Operation.UNSETTLED, repeat_is_vain=False).first()


def _give_to_a_person(claim: Claim) -> None:
    operation = claim.operation
    open_discrepancy(
        Discrepancy.Kind.STUCK,
        stuck_subject(operation),
        f"{operation} shows no trace at the gateway and may no longer be repeated: {operation.last_error}. "
        "Look in the gateway's dashboard whether it was done, and record what you find.",
        operation.payment,
    )
    put_down(claim, reason="waits for a person", retry_after_s=3600, sent=True)
