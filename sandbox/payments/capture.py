"""Capture what was authorized (docs.stripe.com/api/payment_intents/capture)."""

from __future__ import annotations

from sandbox.documents import Charge, PaymentIntent
from sandbox.errors import Conflict, InvalidParameter
from sandbox.events import Cause, emit
from sandbox.parameters import Params
from sandbox.payments import charges, disputes, intents, validation
from sandbox.payments.failures import unexpected_state
from sandbox.world import Sandbox


def capture(sandbox: Sandbox, intent: PaymentIntent, params: Params, cause: Cause) -> PaymentIntent:
    """Take all or part of the hold; the rest is released at once."""
    charge = _capturable(sandbox, intent)
    validation.check_descriptors(params)
    if params.flag("final_capture", default=True) is False:
        raise Conflict(
            "This PaymentIntent does not support multicapture; `final_capture` cannot be false.", param="final_capture"
        )
    amount = _amount(intent, params)
    intents.describe(intent, params)
    validation.check_no_card_descriptor(intent)
    before = charge.copy()
    charges.describe(charge, intent)
    _take(sandbox, charge, amount)
    emit(sandbox, "charge.captured", charge, cause, before)
    intent["status"] = "succeeded"
    intent["amount_received"], intent["amount_capturable"] = amount, 0
    sandbox.payment_intents.put(intent)
    emit(sandbox, "payment_intent.succeeded", intent, cause)
    return intent


def _capturable(sandbox: Sandbox, intent: PaymentIntent) -> Charge:
    charge = sandbox.charges.get(intent["latest_charge"] or "")
    if intent["status"] == "requires_capture" and charge is not None:
        return charge
    if intent["status"] == "succeeded":
        message = "This PaymentIntent could not be captured because it has already been captured."
    else:
        message = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture."
        )
    raise unexpected_state(message, intent)


def _amount(intent: PaymentIntent, params: Params) -> int:
    amount, capturable = params.integer("amount_to_capture"), intent["amount_capturable"]
    if amount is None:
        return capturable
    if amount < 0:
        raise InvalidParameter("Invalid non-negative integer", param="amount_to_capture")
    if amount == 0:
        raise InvalidParameter(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    if amount > capturable:
        raise Conflict(
            "The payment could not be captured because the requested capture amount is greater than the amount you can "
            "capture for this charge. Contact us via https://support.stripe.com/contact/ for help.",
            code="amount_too_large",
        )
    return amount


def _take(sandbox: Sandbox, charge: Charge, amount: int) -> None:
    """One balance transaction, of what was captured; what is released shows nowhere as refunded.

    Source: docs.stripe.com/changelog/basil/2025-03-31/remove-refund-from-partial-capture-and-payment-cancellation-flow.
    """
    charge["captured"], charge["amount_captured"] = True, amount
    charge["balance_transaction"] = charges.settled(sandbox, charge)
    sandbox.charges.put(charge)
    disputes.expect(sandbox, charge)
