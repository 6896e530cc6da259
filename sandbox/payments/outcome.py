"""How an attempt ends: the intent's new status, its charge, and the events."""

from __future__ import annotations

from dataclasses import replace

from sandbox.documents import JSON, Charge, PaymentIntent
from sandbox.events import emit
from sandbox.instruments import accounts, declines, lookup
from sandbox.instruments.behaviour import Authentication, Decline
from sandbox.payments import charges
from sandbox.payments.charges import Attempt
from sandbox.payments.failures import AUTHENTICATION_NOT_HANDLED as NOT_HANDLED_MESSAGE
from sandbox.payments.failures import card_error, decline_error

LOOKUP_FAILED = declines.GENERIC
AUTHENTICATION_REQUIRED = declines.AUTHENTICATION_REQUIRED
AUTHENTICATION_NOT_HANDLED = Decline("authentication_required", "authentication_not_handled", NOT_HANDLED_MESSAGE)


def charged(attempt: Attempt) -> PaymentIntent:
    """Ask the issuer: money, a hold, or a refusal (which raises `CardError`). A bank is asked, and answers later."""
    if attempt.method["type"] in accounts.KINDS:
        return ordered(attempt)
    behaviour = attempt.behaviour
    if behaviour.decline is not None:
        return declined(attempt, behaviour.decline)
    if behaviour.authentication is Authentication.FRICTIONLESS and attempt.authentication is None:
        attempt = replace(attempt, authentication=three_d_secure("frictionless"))
    charge = charges.authorize(attempt)
    return accepted(attempt, charge)


def ordered(attempt: Attempt) -> PaymentIntent:
    """The debit is on its way to the shopper's bank."""
    sandbox, intent = attempt.sandbox, attempt.intent
    intent["latest_charge"] = charges.order(attempt)["id"]
    intent["last_payment_error"] = intent["next_action"] = None
    intent["status"] = "processing"
    sandbox.payment_intents.put(intent)
    attempt.method["sandbox"]["used"] = True
    sandbox.payment_methods.put(attempt.method)
    emit(sandbox, "payment_intent.processing", intent, attempt.cause)
    after_s = lookup.answers_after_s(attempt.method["sandbox"]["instrument"])
    if after_s is not None:
        sandbox.schedule.add("answer_debit", intent["id"], after_s)
    return intent


def accepted(attempt: Attempt, charge: Charge) -> PaymentIntent:
    """The intent after a charge went through."""
    sandbox, intent = attempt.sandbox, attempt.intent
    intent["latest_charge"] = charge["id"]
    intent["last_payment_error"] = intent["next_action"] = intent["processing"] = None
    intent["sandbox"]["attempt"] = None
    if charge["captured"]:
        intent["status"], intent["amount_received"] = "succeeded", charge["amount"]
    else:
        intent["status"], intent["amount_capturable"] = "requires_capture", charge["amount"]
    sandbox.payment_intents.put(intent)
    attempt.method["sandbox"]["used"] = True
    sandbox.payment_methods.put(attempt.method)
    happened = "payment_intent.succeeded" if charge["captured"] else "payment_intent.amount_capturable_updated"
    emit(sandbox, happened, intent, attempt.cause)
    return intent


def declined(attempt: Attempt, decline: Decline, with_charge: bool = True) -> PaymentIntent:
    """Record the refusal, then raise it."""
    charge = charges.refuse(attempt, decline) if with_charge else None
    error = decline_error(decline, charge["id"] if charge else None, attempt.method)
    if charge:
        attempt.intent["latest_charge"] = charge["id"]
    failed(attempt, error)
    raise card_error(error, attempt.intent)


def failed(attempt: Attempt, error: dict[str, object]) -> None:
    """The intent waits for another method, and tells why."""
    intent = attempt.intent
    intent["last_payment_error"] = error
    intent["next_action"] = intent["processing"] = intent["payment_method"] = None
    intent["sandbox"]["attempt"] = intent["sandbox"]["authenticated"] = None
    intent["status"] = "requires_payment_method"
    attempt.sandbox.payment_intents.put(intent)
    emit(attempt.sandbox, "payment_intent.payment_failed", intent, attempt.cause)


def three_d_secure(flow: str | None, result: str = "authenticated") -> dict[str, JSON]:
    """What a charge says of the authentication before it; without a flow it was only attempted."""
    return {
        "authentication_flow": flow,
        "electronic_commerce_indicator": "05" if flow else "06",
        "exemption_indicator": None,
        "result": result,
        "result_reason": None,
        "transaction_id": "6f1b3f31-0a5e-4b5b-9d2a-4a1f6f8f5b7c",
        "version": "2.2.0",
    }
