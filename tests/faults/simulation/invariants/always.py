"""What must hold at every moment, not only when all has come to rest."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F

from payments.models import Payment
from tests.faults.simulation.world import World


def promised_within_captured(world: World) -> Iterator[str]:
    """What is given back, promised or withdrawn is never more than what was taken, but by an excess told to staff."""
    gone = F("refunded_amount") + F("refund_reserved_amount") + F("disputed_amount")
    for payment in Payment.objects.filter(captured_amount__lt=gone - F("excess_amount")):
        yield f"payment {payment.pk} promised {payment.gone_amount} of {payment.captured_amount}"
