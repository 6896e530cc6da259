"""Give money back: staff's wish becomes one refund, one operation and one job."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from payments import queue
from payments.audit.journal import Actor, Journal
from payments.models import Dispute, Operation, Payment, Refund
from payments.money import Money
from payments.operations.clock import database_now
from payments.states.table import Cause
from payments.states.transition import insert
from payments.states.wish import write_operation
from payments.transactions import retried


class NotRefundable(ValueError):
    """More than what is left, nothing, or another currency; the message says what is left."""


@retried
def refund(
    payment: Payment, money: Money, *, reason: str, by: AbstractBaseUser, request_id: uuid.UUID, origin: str = "admin"
) -> Refund:
    """Record a refund of `money` once per `request_id` and enqueue it; it is reserved at once and sent by a worker.

    Raises NotRefundable.
    """
    with transaction.atomic():
        payment = Payment.objects.lock(payment.pk)
        if earlier := payment.refunds.filter(request_id=request_id).first():
            return earlier
        ensure_refundable(payment, money)
        wish = Refund(
            payment=payment,
            account=payment.account,
            request_id=request_id,
            amount=money.amount,
            currency=money.currency,
            reason=reason,
            source=Refund.Source.STAFF,
            requested_by_id=by.pk,
        )
        return _write(payment, wish, Journal(Actor.user(by.pk, origin), payment.pk))


def ensure_refundable(payment: Payment, money: Money) -> None:
    """Raises NotRefundable unless `money` is positive, of the payment's currency and at most what is left."""
    if money.currency != payment.currency:
        raise NotRefundable(f"This payment was made in {payment.currency}; it cannot be refunded in {money.currency}.")
    if money.amount <= 0:
        raise NotRefundable("A refund is of a positive amount.")
    if obstacle := obstacle_to_refunding(payment):
        raise NotRefundable(obstacle)
    if money > payment.left:
        raise NotRefundable(f"At most {payment.left} is left to refund; {money} is more.")


def obstacle_to_refunding(payment: Payment) -> str:
    """Why nothing of the payment can be refunded now, and what can be done instead; empty if something can."""
    if _disputes(payment).filter(status__in=Dispute.UNDECIDED).exists():
        return (
            "The shopper's bank disputes this payment and holds money of it back: a refund would pay it out twice, and "
            "the gateway refuses it. Answer the dispute, or accept it."
        )
    if not payment.left:
        return "Nothing of this payment is left to refund."
    if is_refused_for_good(payment):
        return (
            "A dispute of this payment was lost, and the gateway refuses refunds of a charge that was charged back, "
            f"also of the {payment.left} that are left. What of it is owed to the shopper goes back in another way, "
            "by a bank transfer for example."
        )
    return ""


def is_refused_for_good(payment: Payment) -> bool:
    """Whether the gateway refunds nothing of the payment any more, unless its bank decides anew."""
    return _disputes(payment).filter(status=Dispute.Status.LOST).exists()


def _disputes(payment: Payment) -> QuerySet[Dispute]:
    """The disputes of the payment's own charge."""
    return payment.disputes.filter(surplus_gateway_id="")


def _write(payment: Payment, wish: Refund, journal: Journal) -> Refund:
    insert(wish, Refund.Status.REQUESTED, Cause.REQUESTED, journal, reason=wish.reason)
    operation = Operation.of(payment, Operation.Kind.REFUND, wish.money, refund=wish)
    write_operation(operation, database_now(), journal)
    reserved = payment.refund_reserved_amount + wish.amount
    Payment.objects.filter(pk=payment.pk).update(refund_reserved_amount=reserved)
    journal.write()
    queue.submit(operation.pk)
    return wish
