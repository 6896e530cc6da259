"""A worker that goes on until nothing is left to do."""

from __future__ import annotations

from payments.models import Operation, Payment
from tests.payments.arrange import carry

MOST_STEPS = 50


def carry_all(payment: Payment) -> None:
    """Carry the payment's operations until each is settled, as workers and sweep do by and by."""
    for _ in range(MOST_STEPS):
        if not payment.operations.filter(status__in=Operation.UNSETTLED).exists():
            return
        carry(payment)
    raise AssertionError(f"after {MOST_STEPS} steps an operation of payment {payment.pk} is still open")
