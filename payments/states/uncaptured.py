"""A capture that took nothing: its goods may be on their way, so staff are told."""

from __future__ import annotations

from payments.gateways.base import CaptureMethod
from payments.models import Discrepancy, Operation, Payment
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from payments.states.fact import Fact


def tell_not_captured(fact: Fact, capture: Operation) -> None:
    """Put a failed capture before staff, unless one of them found that out."""
    if fact.observation.recorded_by_id is not None:
        return
    open_discrepancy(
        Discrepancy.Kind.CAPTURE,
        _subject(fact.payment),
        f"The capture of {capture.money} took nothing: {_why(fact, capture)}. Capture it again where the payment still "
        "allows it; else let the shopper pay anew before the goods are sent.",
        fact.payment,
    )


def close_not_captured(payment: Payment) -> None:
    """Money was captured after all."""
    if payment.capture_method == CaptureMethod.MANUAL:
        close_discrepancy(Discrepancy.Kind.CAPTURE, _subject(payment), "Captured after all.")


def _why(fact: Fact, capture: Operation) -> str:
    if fact.is_not_sent:
        return "the gateway could not be reached in time"
    if fact.own == capture and fact.observation.refusal is not None:
        return fact.observation.refusal.message
    return "the authorization had ended"


def _subject(payment: Payment) -> str:
    return f"capture:{payment.pk}"
