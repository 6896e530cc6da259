"""End a payment that nobody paid in time: the gateway cancels first, and its answer decides."""

from __future__ import annotations

from django.db import transaction

from payments import queue
from payments.audit.journal import WORKER, Journal
from payments.models import Observation, Operation, Payment
from payments.operations.clock import database_now
from payments.states.apply import apply
from payments.states.wish import write_operation
from payments.transactions import retried

WAITS_FOR_THE_SHOPPER = (Payment.Status.REQUIRES_PAYMENT_METHOD, Payment.Status.REQUIRES_ACTION)


@retried
def expire(payment: Payment) -> bool:
    """Have the gateway cancel a payment that waits for its shopper; True if that is under way or done now.

    Nothing is decided here: a payment that succeeds meanwhile refuses the cancellation and is kept. One whose outcome
    is open, or that something else is just changing, is left alone. One that the gateway never had ends at once.
    """
    with transaction.atomic():
        payment = Payment.objects.lock(payment.pk)
        if payment.status not in WAITS_FOR_THE_SHOPPER:
            return False
        if payment.operations.filter(status__in=Operation.UNSETTLED).exists():
            return False
        if not payment.gateway_id:
            _end_here(payment)
        else:
            _write_void(payment)
    return True


def _end_here(payment: Payment) -> None:
    """Without an object at the gateway nothing was ever confirmed: our own record is the proof."""
    proof = Observation.of(
        None,
        payment=payment,
        source=Observation.Source.LOCAL,
        asked_at=database_now(),
        verdict=Observation.Verdict.EXPIRED,
    )
    proof.save(force_insert=True)
    apply(proof.pk)


def _write_void(payment: Payment) -> None:
    journal = Journal(WORKER, payment.pk)
    void = Operation.of(payment, Operation.Kind.VOID, payment.money, expires=True)
    write_operation(void, database_now(), journal, expires="unpaid")
    journal.write()
    queue.submit(void.pk)
