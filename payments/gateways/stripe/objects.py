"""Stripe's objects as the port's values. Whatever does not fit raises Unreadable, which the adapter calls unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import stripe

from payments.gateways.base import (
    DisputeSeen,
    DisputeState,
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
    Refusal,
)
from payments.gateways.stripe.amounts import from_stripe
from payments.gateways.stripe.refusals import refusal_of
from payments.money import Money

Shown = TypeVar("Shown", bound=stripe.StripeObject)
Value = TypeVar("Value")


class Unreadable(ValueError):
    """The object lacks what every such object has, or is in a status that does not exist at this API version."""


_PAYMENT_STATES = {
    "requires_payment_method": PaymentState.REQUIRES_PAYMENT_METHOD,
    "requires_confirmation": PaymentState.REQUIRES_PAYMENT_METHOD,
    "requires_action": PaymentState.REQUIRES_ACTION,
    "processing": PaymentState.PROCESSING,
    "requires_capture": PaymentState.REQUIRES_CAPTURE,
    "succeeded": PaymentState.SUCCEEDED,
    "canceled": PaymentState.CANCELED,
}
_REFUND_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELED,
}


def payment_seen(intent: stripe.PaymentIntent) -> PaymentSeen:
    """What a PaymentIntent shows. Raises Unreadable."""
    return readable(_payment_seen, intent)


def refund_seen(refund: stripe.Refund, *, live: bool) -> RefundSeen:
    """What a Refund of an account in this mode shows; the object itself does not tell its mode. Raises Unreadable."""
    return readable(lambda shown: _refund_seen(shown, live), refund)


def dispute_seen(dispute: stripe.Dispute) -> DisputeSeen:
    """What a Dispute shows. Raises Unreadable."""
    return readable(_dispute_seen, dispute)


def readable(read: Callable[[Shown], Value], shown: Shown) -> Value:
    """Read one of Stripe's objects. Raises Unreadable where it lacks what the reader needs."""
    try:
        return read(shown)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _payment_seen(intent: stripe.PaymentIntent) -> PaymentSeen:
    error = intent.last_payment_error
    return PaymentSeen(
        gateway_id=intent.id,
        state=_PAYMENT_STATES[intent.status],
        money=from_stripe(intent.amount, intent.currency),
        captured=from_stripe(intent.amount_received, intent.currency),
        capturable=from_stripe(intent.amount_capturable, intent.currency),
        live=intent.livemode,
        reference=_reference(intent.metadata),
        charge_id=_id_of(intent.latest_charge),
        refusal=refusal_of(error) if error else None,
        gateway_time=_answered_at(intent),
    )


def _refund_seen(refund: stripe.Refund, live: bool) -> RefundSeen:
    reason = getattr(refund, "failure_reason", None)
    return RefundSeen(
        gateway_id=refund.id,
        payment_gateway_id=_id_of(refund.payment_intent),
        state=_REFUND_STATES[refund.status or ""],
        money=from_stripe(refund.amount, refund.currency),
        live=live,
        reference=_reference(refund.metadata),
        refusal=Refusal(reason, f"the refund failed: {reason}") if reason else None,
        gateway_time=_answered_at(refund),
    )


def _dispute_seen(dispute: stripe.Dispute) -> DisputeSeen:
    due_by = dispute.evidence_details.due_by
    return DisputeSeen(
        gateway_id=dispute.id,
        payment_gateway_id=_id_of(dispute.payment_intent),
        state=DisputeState(dispute.status),
        money=from_stripe(dispute.amount, dispute.currency),
        withdrawn=_withdrawn(dispute),
        live=dispute.livemode,
        reason=dispute.reason,
        evidence_due_at=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        gateway_time=_answered_at(dispute),
    )


def _withdrawn(dispute: stripe.Dispute) -> Money:
    """What is held back, which Stripe tells in the settlement currency: of a converted one, the part that net is of it.

    What was won came back, be it at another rate. Of a charge that was partly refunded that part may come back alone,
    and the dispute is called lost. Source:
    support.stripe.com/questions/dispute-for-full-charge-amount-after-a-partial-refund-was-issued.
    """
    claimed = from_stripe(dispute.amount, dispute.currency)
    moved = [movement.amount for movement in dispute.balance_transactions]
    taken = next((-amount for amount in moved if amount < 0), 0)
    held = -sum(moved)
    if held <= 0 or (dispute.status == DisputeState.WON and held < taken):
        return Money.zero(claimed.currency)
    return Money(claimed.amount * held // taken, claimed.currency)


def _reference(metadata: stripe.StripeObject | None) -> str:
    return str(metadata["reference"]) if metadata is not None and "reference" in metadata else ""


def _id_of(expandable: str | stripe.Charge | stripe.PaymentIntent | None) -> str:
    """The id of a field that holds an id, an expanded object or nothing."""
    if expandable is None or isinstance(expandable, str):
        return expandable or ""
    return str(expandable.id)


def _answered_at(shown: stripe.StripeObject) -> datetime | None:
    response = shown.last_response
    date = response.headers.get("Date") if response is not None else None
    return parsedate_to_datetime(date) if date else None
