"""Apply observations: the only place where news about money changes what we believe."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from payments.audit.journal import Actor, Journal
from payments.gateways.base import DisputeSeen, PaymentSeen, RefundSeen, Seen
from payments.models import Discrepancy, Observation, Operation, Payment, PaymentAttempt
from payments.signals import dispute_changed, payment_changed, refund_changed
from payments.statements import Select, update_row
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from payments.states.dispute_facts import apply_dispute_state
from payments.states.excess import tell_of_excess
from payments.states.fact import Fact
from payments.states.mismatch import mismatch
from payments.states.payment_facts import apply_payment_state
from payments.states.projection import ENDED, payment_status
from payments.states.refund_facts import apply_refund_state
from payments.states.schedule import check_interval
from payments.states.settling import settle_operations
from payments.states.surplus import book_surplus, is_second_object
from payments.states.table import Cause
from payments.states.transition import move
from payments.transactions import is_passing, retried

logger = logging.getLogger(__name__)

T = TypeVar("T")

_OBSERVATION = Select(Observation, "FROM payments_observation observation WHERE id = %s")
_UNSETTLED = Select(
    Operation, "FROM payments_operation operation WHERE payment_id = %s AND status = ANY(%s) ORDER BY id"
)
_NEWEST_ATTEMPT = Select(
    PaymentAttempt, "FROM payments_paymentattempt paymentattempt WHERE payment_id = %s ORDER BY id DESC LIMIT 1"
)
_MARK_APPLIED = (
    "UPDATE payments_observation SET applied_at = statement_timestamp(), next_try_at = NULL, apply_error = ''"
    " WHERE id = %s"
)


def apply(observation_id: int) -> None:
    """Apply one stored observation in one transaction: settle operations, move statuses, book money, tell receivers.

    Applying it again does nothing. Raises whatever a receiver or the database raises; then nothing of it is done and
    the observation stays unapplied (see `apply_or_park`).
    """
    _apply_then(observation_id, lambda payment: None)


def apply_or_park(observation_id: int) -> bool:
    """Apply an observation; if that fails, keep it for another try and put it before staff. True when applied."""
    return apply_and_go_on(observation_id, lambda payment: True) or False


def apply_and_go_on(observation_id: int, go_on: Callable[[Payment], T]) -> T | None:
    """The same with what follows, done under the payment's lock in the same transaction. Returns what it returns."""
    try:
        return _apply_then(observation_id, go_on)
    except Exception as error:  # the outermost edge: a receiver may raise anything, and no fact may be lost by it
        logger.exception("observation_not_applied", extra={"observation": observation_id})
        _park(observation_id, error)
        return None


@retried
def _apply_then(observation_id: int, go_on: Callable[[Payment], T]) -> T:
    with transaction.atomic():
        payment = Payment.objects.lock_of("payments_observation", observation_id)
        observation = _OBSERVATION.get(observation_id)
        if observation.applied_at is None:
            _apply_now(payment, observation)
            _mark_applied(observation)
        return go_on(payment)


def _apply_now(payment: Payment, observation: Observation) -> None:
    seen = observation.seen
    if seen is not None and (trouble := mismatch(payment, seen, observation.asked_at)):
        open_discrepancy(Discrepancy.Kind.MISMATCH, f"{seen.gateway_id}", trouble, payment)
        return
    fact = _fact(payment, observation)
    _apply_seen(fact, seen)
    before = payment.status
    _write_payment(fact)
    fact.journal.write()
    _tell(fact, before)


def _apply_seen(fact: Fact, seen: Seen | None) -> None:
    if isinstance(seen, PaymentSeen) and is_second_object(fact.payment, seen):
        book_surplus(fact, seen)
        return
    settle_operations(fact)
    if fact.observation.verdict == Observation.Verdict.EXPIRED:
        fact.ended_as = Payment.Status.FAILED
    match seen:
        case PaymentSeen():
            apply_payment_state(fact, seen)
        case RefundSeen():
            apply_refund_state(fact, seen)
        case DisputeSeen():
            apply_dispute_state(fact, seen)


def _fact(payment: Payment, observation: Observation) -> Fact:
    unsettled = _UNSETTLED.all(payment.pk, list(Operation.UNSETTLED))
    own = _own(observation, unsettled)
    attempt = _NEWEST_ATTEMPT.first(payment.pk)
    for operation in [*unsettled, own]:  # one row, one object
        if operation is not None and attempt is not None and operation.attempt_id == attempt.pk:
            operation.attempt = attempt
    return Fact(
        observation=observation,
        payment=payment,
        attempt=attempt,
        own=own,
        unsettled=[operation for operation in unsettled if operation != own],
        journal=Journal(_actor(observation), payment.pk),
    )


def _own(observation: Observation, unsettled: list[Operation]) -> Operation | None:
    """The operation whose own answer this is."""
    if not observation.verdict:
        return None
    open_still = next((operation for operation in unsettled if operation.pk == observation.operation_id), None)
    return open_still or observation.operation


def _actor(observation: Observation) -> Actor:
    told_by = f"observation:{observation.pk}"
    if observation.recorded_by_id is not None:
        return Actor.user(observation.recorded_by_id, told_by)
    return Actor(observation.source, told_by)


def _write_payment(fact: Fact) -> None:
    payment = fact.payment
    ended_as = fact.ended_as or (payment.status if payment.status in ENDED else "")
    newest_attempt = fact.attempt.status if fact.attempt else ""
    status = payment_status(
        amount=payment.amount, captured=payment.captured_amount, ended_as=ended_as, newest_attempt=newest_attempt
    )
    _schedule_next_check(fact, status)
    tell_of_excess(fact)
    if status != payment.status:
        if status in Payment.FINAL:
            fact.changes["proof"] = fact.observation
        move(payment, status, Cause.NOT_SENT if fact.is_not_sent else Cause.OBSERVED, fact.journal, **fact.changes)
    elif fact.changes:
        update_row(payment, fact.changes)


def _schedule_next_check(fact: Fact, status: str) -> None:
    """Ask again by and by about what is open at the gateway; nothing comes by itself of what waits for the shopper."""
    if "next_check_at" in fact.changes:
        return
    waits = status in Payment.OPEN and status != Payment.Status.REQUIRES_PAYMENT_METHOD
    asked_again = fact.observation.answered_at + check_interval(fact.payment.checks)
    fact.changes["next_check_at"] = asked_again if waits else None


def _tell(fact: Fact, before: str) -> None:
    for refund, status_before in fact.changed_refunds:
        refund_changed.send(sender=type(refund), refund=refund, before=status_before)
    for dispute, status_before in fact.changed_disputes:
        dispute_changed.send(sender=type(dispute), dispute=dispute, before=status_before)
    if fact.payment.status != before:
        logger.info(
            "payment_changed",
            extra={"payment": str(fact.payment.public_id), "before": before, "after": fact.payment.status},
        )
        payment_changed.send(sender=Payment, payment=fact.payment, before=before)


def _mark_applied(observation: Observation) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MARK_APPLIED, [observation.pk])
    if observation.apply_tries:
        failed = Observation.objects.filter(payment_id=observation.payment_id, applied_at=None, apply_tries__gt=0)
        if not failed.exists():
            close_discrepancy(Discrepancy.Kind.NOT_APPLIED, _subject(observation), "Applied by a later try.")


def tell_not_applied(observation: Observation, reason: str) -> None:
    """Put before staff what is stored and not applied, once for a payment; it closes itself when all is applied."""
    open_discrepancy(
        Discrepancy.Kind.NOT_APPLIED,
        _subject(observation),
        f"Observation {observation.pk}: {reason}. It is tried again by itself; if it goes on, mend the cause.",
        observation.payment,
    )


def _subject(observation: Observation) -> str:
    return f"payment:{observation.payment_id}"


def _park(observation_id: int, error: Exception) -> None:
    try:
        with transaction.atomic():
            observation = Observation.objects.select_related("payment").get(pk=observation_id)
            Observation.objects.filter(pk=observation_id).update(
                apply_tries=F("apply_tries") + 1,
                next_try_at=Now() + check_interval(observation.apply_tries),
                apply_error=str(error)[:500],
            )
            if not is_passing(error):  # a busy database is nothing for staff, unless it goes on
                tell_not_applied(observation, f"{type(error).__name__}: {error}")
    except DatabaseError:
        # The database is what failed: the row keeps its `next_try_at`, and the sweep finds it.
        logger.exception("observation_not_parked", extra={"observation": observation_id})
