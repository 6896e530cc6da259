"""Bring payments where a test wants them, by the same operations as everybody else."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import connection, transaction

from payments.gateways.base import CaptureMethod, PaymentSeen, RefundSeen
from payments.models import Observation, Operation, Payment
from payments.money import Money
from payments.operations.clock import database_now
from payments.operations.collect import collect, try_again
from payments.operations.looking import store
from payments.operations.submit import submit
from payments.states.apply import apply

RETURN_URL = "https://shop.example/orders/1/return"
PRICE = Money(4200, "EUR")


def placed(token: str = "tok_ok", money: Money = PRICE, capture: CaptureMethod = CaptureMethod.AUTOMATIC) -> Payment:
    """A payment as the shop leaves it: written, and nothing sent."""
    with transaction.atomic():
        return collect(
            money,
            token=token,
            request_id=uuid.uuid4(),
            description="Order TG-TEST",
            return_url=RETURN_URL,
            capture_method=capture,
        )


def carried(token: str = "tok_ok", money: Money = PRICE, capture: CaptureMethod = CaptureMethod.AUTOMATIC) -> Payment:
    """A payment whose operations a worker has carried to the gateway as far as they go."""
    payment = placed(token, money, capture)
    carry(payment)
    return payment


def authorized() -> Payment:
    return carried(capture=CaptureMethod.MANUAL)


def carry(payment: Payment) -> None:
    """What a worker does when the job of the payment's oldest unsettled operation comes up."""
    oldest = payment.operations.filter(status__in=Operation.UNSETTLED).order_by("pk").first()
    if oldest is not None:
        submit(oldest.pk)
    payment.refresh_from_db()


def retry(payment: Payment, token: str = "tok_ok") -> None:
    """The shopper tries again, and a worker carries it."""
    try_again(payment, token=token, request_id=uuid.uuid4(), return_url=RETURN_URL)
    carry(payment)


def age(payment: Payment, by: timedelta) -> None:
    """Let time pass for the payment: move all its times into the past, round the triggers that freeze them."""
    shifts = {
        "payments_operation": ("send_before", "first_sent_at", "leased_until", "next_check_at", "created_at"),
        "payments_observation": ("asked_at", "answered_at", "next_try_at"),
        "payments_paymentattempt": ("created_at",),
        "payments_refund": ("state_answered_at", "next_check_at", "created_at"),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, columns in shifts.items():
            changes = ", ".join(f"{column} = {column} - make_interval(secs => %(by)s)" for column in columns)
            cursor.execute(
                f"UPDATE {table} SET {changes} WHERE payment_id = %(id)s", {"by": by.total_seconds(), "id": payment.pk}
            )
        cursor.execute(
            "UPDATE payments_payment SET state_answered_at = state_answered_at - make_interval(secs => %(by)s),"
            " next_check_at = next_check_at - make_interval(secs => %(by)s) WHERE id = %(id)s",
            {"by": by.total_seconds(), "id": payment.pk},
        )
    payment.refresh_from_db()


def operation(payment: Payment, kind: str) -> Operation:
    """The payment's newest operation of this kind."""
    newest = payment.operations.filter(kind=kind).order_by("-pk").first()
    assert newest is not None
    return newest


def seen_now(payment: Payment, seen: PaymentSeen | RefundSeen) -> Observation:
    """Store and apply a look made just now."""
    observation = store(payment, seen, source="query", asked_at=database_now())
    apply(observation.pk)
    payment.refresh_from_db()
    return observation
