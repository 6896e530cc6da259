"""What may be done with an authorized payment: take the money, in full or in part, or let it go."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from payments import queue
from payments.audit.journal import Actor, Journal
from payments.models import Operation, Payment
from payments.money import Money
from payments.operations.clock import database_now
from payments.states.wish import write_operation
from payments.transactions import retried


class NotCapturable(ValueError):
    """The payment holds no authorization for this amount, or its capture or void is already under way."""


class NotVoidable(ValueError):
    """The payment has nothing that could be let go, or its capture or void is already under way."""


@retried
def capture(
    payment: Payment,
    money: Money,
    *,
    by: AbstractBaseUser,
    request_id: uuid.UUID | None = None,
    origin: str = "admin",
) -> Operation:
    """Take `money` of an authorized payment and release the rest, once per `request_id`. Raises NotCapturable."""
    with transaction.atomic():
        payment = Payment.objects.lock(payment.pk)
        if earlier := _asked_for(payment, request_id):
            return earlier
        if payment.status != Payment.Status.REQUIRES_CAPTURE:
            raise NotCapturable(f"The payment is {payment.get_status_display()}; only an authorized one is captured.")
        if not 0 < money.amount <= payment.amount or money.currency != payment.currency:
            raise NotCapturable(f"Between one minor unit and {payment.money} can be captured, not {money}.")
        if _under_way(payment):
            raise NotCapturable("A capture or void of this payment is already under way.")
        return _write(payment, Operation.Kind.CAPTURE, money, Actor.user(by.pk, origin), request_id)


@retried
def void(
    payment: Payment, *, by: AbstractBaseUser, request_id: uuid.UUID | None = None, origin: str = "admin"
) -> Operation:
    """Let an authorized or unpaid payment go, once per `request_id`: nothing can be charged with it afterwards.

    Raises NotVoidable.
    """
    with transaction.atomic():
        payment = Payment.objects.lock(payment.pk)
        if earlier := _asked_for(payment, request_id):
            return earlier
        if not payment.is_open or not payment.gateway_id:
            raise NotVoidable(f"The payment is {payment.get_status_display()}; there is nothing to void.")
        if _under_way(payment):
            raise NotVoidable("A capture or void of this payment is already under way.")
        return _write(payment, Operation.Kind.VOID, payment.money, Actor.user(by.pk, origin), request_id)


def is_voidable(payment: Payment) -> bool:
    """Whether there is something to let go and nothing else under way."""
    return payment.is_open and bool(payment.gateway_id) and not _under_way(payment)


def is_capturable(payment: Payment) -> bool:
    """Whether money is held that can be taken."""
    return payment.status == Payment.Status.REQUIRES_CAPTURE and not _under_way(payment)


def _asked_for(payment: Payment, request_id: uuid.UUID | None) -> Operation | None:
    return payment.operations.filter(request_id=request_id).first() if request_id else None


def _under_way(payment: Payment) -> bool:
    kinds = (Operation.Kind.CAPTURE, Operation.Kind.VOID)
    return payment.operations.filter(kind__in=kinds, status__in=Operation.UNSETTLED).exists()


def _write(
    payment: Payment, kind: Operation.Kind, money: Money, actor: Actor, request_id: uuid.UUID | None
) -> Operation:
    now = database_now()
    journal = Journal(actor, payment.pk)
    operation = Operation.of(payment, kind, money, request_id=request_id)
    write_operation(operation, now, journal)
    journal.write()
    queue.submit(operation.pk)
    return operation
