"""Collect money for a reference, once: the shopper's first try and every later one."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from payments import queue
from payments.audit.journal import SHOPPER, Journal
from payments.gateways.base import CaptureMethod, ClientConfig, NotChargeable
from payments.gateways.registry import gateway_for
from payments.models import GatewayAccount, Operation, Payment, PaymentAttempt
from payments.money import Money
from payments.operations.clock import database_now
from payments.states.table import Cause
from payments.states.transition import insert, move
from payments.states.wish import write_operations
from payments.transactions import retried

Kind = Operation.Kind

SEND_WITHIN = timedelta(minutes=15)


class AmountNotChargeable(ValueError):
    """The gateway would refuse this amount; `limits` says why and what it would take."""

    def __init__(self, limits: NotChargeable) -> None:
        super().__init__(limits.reason)
        self.limits = limits


class AttemptStillOpen(Exception):
    """The outcome of the last attempt is not known, or the shopper must act on it: show the payment's status."""


class PaymentClosed(Exception):
    """The payment was taken, canceled or given up: nothing more can be tried with it."""


def chargeable(money: Money) -> NotChargeable | None:
    """Why the current gateway would refuse this amount; None if it takes it. Ask before a total is shown."""
    return gateway_for(settings.PAYMENT_GATEWAY).chargeable(money)


def client_config(money: Money, capture_method: CaptureMethod = CaptureMethod.AUTOMATIC) -> ClientConfig:
    """What the page needs to mount the hosted fields for this amount."""
    return gateway_for(settings.PAYMENT_GATEWAY).client_config(money, capture_method)


def collect(
    money: Money,
    *,
    token: str,
    request_id: uuid.UUID,
    description: str,
    return_url: str,
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC,
) -> Payment:
    """Write a payment with its first attempt, its operations and the job, inside the caller's transaction.

    Nothing is sent here: a worker does that after the commit. Raises AmountNotChargeable.
    """
    if limits := chargeable(money):
        raise AmountNotChargeable(limits)
    payment = Payment(
        account=GatewayAccount.objects.current(),
        amount=money.amount,
        currency=money.currency,
        capture_method=capture_method,
        description=description,
    )
    journal = Journal(SHOPPER, None)
    insert(payment, Payment.Status.PROCESSING, Cause.REQUESTED, journal)
    journal.belongs_to(payment.pk)
    now = database_now()
    attempt = _attempt(payment, token, request_id, return_url, now, journal)
    opening = _opening(payment)
    write_operations([opening, _confirm(attempt)], now, journal, within=SEND_WITHIN)
    journal.write()
    queue.submit(opening.pk)
    return payment


@retried
def try_again(payment: Payment, *, token: str, request_id: uuid.UUID, return_url: str) -> PaymentAttempt:
    """Another attempt on the same payment after the last one ended; the same request twice is one attempt.

    Raises AttemptStillOpen while the last one may still take money, PaymentClosed when there is nothing left to pay.
    """
    with transaction.atomic():
        payment = Payment.objects.lock(payment.pk)
        if earlier := payment.attempts.filter(request_id=request_id).first():
            return earlier
        _ensure_payable(payment)
        journal = Journal(SHOPPER, payment.pk)
        now = database_now()
        attempt = _attempt(payment, token, request_id, return_url, now, journal)
        running = None if payment.gateway_id else _running_opening(payment)
        opens = not payment.gateway_id and running is None
        new = [_opening(payment), _confirm(attempt)] if opens else [_confirm(attempt)]
        write_operations(new, now, journal, within=SEND_WITHIN)
        move(payment, Payment.Status.PROCESSING, Cause.REQUESTED, journal, checks=0)
        journal.write()
        queue.submit((running or new[0]).pk)
    return attempt


def _ensure_payable(payment: Payment) -> None:
    if is_being_voided(payment):
        raise PaymentClosed(f"payment {payment.public_id} is being canceled")
    if payment.status == Payment.Status.REQUIRES_PAYMENT_METHOD:
        return
    if payment.status in (Payment.Status.PROCESSING, Payment.Status.REQUIRES_ACTION):
        raise AttemptStillOpen(f"payment {payment.public_id} is {payment.status}")
    raise PaymentClosed(f"payment {payment.public_id} is {payment.status}")


def is_being_voided(payment: Payment) -> bool:
    """Whether the gateway was asked to end the payment, and its answer is not known yet."""
    return payment.operations.filter(kind=Kind.VOID, status__in=Operation.UNSETTLED).exists()


def _running_opening(payment: Payment) -> Operation | None:
    """An opening under way that can still end; one that only replays an error cannot."""
    openings = payment.operations.filter(kind=Kind.OPEN, status__in=Operation.UNSETTLED, repeat_is_vain=False)
    return openings.order_by("-pk").first()


def _opening(payment: Payment) -> Operation:
    return Operation.of(payment, Kind.OPEN, payment.money)


def _confirm(attempt: PaymentAttempt) -> Operation:
    payment = attempt.payment
    kind = Kind.AUTHORIZE if payment.capture_method == CaptureMethod.MANUAL else Kind.SALE
    return Operation.of(payment, kind, payment.money, attempt=attempt)


def _attempt(
    payment: Payment, token: str, request_id: uuid.UUID, return_url: str, now: datetime, journal: Journal
) -> PaymentAttempt:
    attempt = PaymentAttempt(payment=payment, token=token, request_id=request_id, return_url=return_url, created_at=now)
    insert(attempt, PaymentAttempt.Status.CREATED, Cause.REQUESTED, journal)
    return attempt
