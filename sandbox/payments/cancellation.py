"""Cancel a PaymentIntent (docs.stripe.com/api/payment_intents/cancel).

A hold that is released shows nowhere as refunded, and one that ran out is canceled as `expired`:
docs.stripe.com/changelog/basil/2025-03-31/remove-refund-from-partial-capture-and-payment-cancellation-flow.
"""

from __future__ import annotations

from sandbox.documents import PaymentIntent
from sandbox.events import BY_ITSELF, Cause, emit
from sandbox.payments.failures import unexpected_state
from sandbox.world import Sandbox

CANCELABLE = (
    "requires_payment_method", "requires_capture", "requires_reauthorization", "requires_confirmation",
    "requires_action", "expired", "processing",
)  # fmt: skip
"""As Stripe's refusal lists them; intents of this account are never to be authorized again, and none is `expired`."""


def cancel(sandbox: Sandbox, intent: PaymentIntent, reason: str | None, cause: Cause) -> PaymentIntent:
    """No further charge is made; what was authorized is released, and its charge stays as it was."""
    if intent["status"] not in CANCELABLE or intent["status"] == "processing":
        raise unexpected_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be canceled: {', '.join(CANCELABLE)}.",
            intent,
        )
    intent["status"] = "canceled"
    intent["canceled_at"] = sandbox.clock.now()
    intent["cancellation_reason"] = reason
    intent["amount_capturable"] = 0
    intent["next_action"] = None
    sandbox.payment_intents.put(intent)
    emit(sandbox, "payment_intent.canceled", intent, cause)
    return intent


def expire_authorization(sandbox: Sandbox, intent_id: str) -> None:
    """Seven days are over and nobody captured: the hold is gone."""
    intent = sandbox.payment_intents.get(intent_id)
    if intent is None or intent["status"] != "requires_capture":
        return
    charge = sandbox.charges.get(intent["latest_charge"] or "")
    cancel(sandbox, intent, "expired", BY_ITSELF)
    if charge is not None:
        emit(sandbox, "charge.expired", charge, BY_ITSELF)
