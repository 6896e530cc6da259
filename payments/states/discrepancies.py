from __future__ import annotations

import logging

from django.db.models.functions import Now

from payments.models import Discrepancy, Operation, Payment

logger = logging.getLogger(__name__)


def stuck_subject(operation: Operation) -> str:
    """What the discrepancy about an operation without an outcome is filed under."""
    return f"operation:{operation.pk}"


def open_discrepancy(
    kind: Discrepancy.Kind, subject: str, explanation: str, payment: Payment | None, amount: int | None = None
) -> None:
    """Put something before staff, once while it is open: `subject` tells one trouble from another.

    `amount` is by how much two books differ, in minor units, where they do.
    """
    if Discrepancy.objects.filter(kind=kind, subject=subject, resolved_at=None).exists():
        return
    Discrepancy.objects.bulk_create(
        [Discrepancy(kind=kind, subject=subject, explanation=explanation, payment=payment, amount=amount)],
        ignore_conflicts=True,
    )
    logger.error(
        "discrepancy_opened",
        extra={"kind": kind.value, "subject": subject, "payment": str(payment.public_id) if payment else None},
    )


def close_discrepancy(kind: Discrepancy.Kind, subject: str, resolution: str) -> None:
    """Resolve what resolved itself, saying how; does nothing where none is open."""
    open_ones = Discrepancy.objects.filter(kind=kind, subject=subject, resolved_at=None)
    open_ones.update(resolved_at=Now(), resolution=resolution)
