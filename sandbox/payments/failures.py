"""How an attempt fails: the intent's `last_payment_error`, and the error that the caller gets."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.documents import PaymentIntent, PaymentMethod
from sandbox.errors import ApiError, CardError, Conflict
from sandbox.instruments.behaviour import Decline
from sandbox.render import public

AUTHENTICATION_FAILED = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again."
)
TOLD_TO_SHOPPERS = {
    AUTHENTICATION_FAILED: (
        "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    )
}
"""Servers are told in the words for developers, browsers in those for shoppers: the former stand in the test data of
Stripe's mobile SDKs (github.com/stripe/stripe-android, PaymentIntentFixtures), the latter are what Stripe.js shows."""
AUTHENTICATION_NOT_HANDLED = (
    "This payment required an authentication action to complete, but `error_on_requires_action` was set. When you're "
    "ready, you can upgrade your integration to handle actions at "
    "https://stripe.com/docs/payments/payment-intents/upgrade-to-handle-actions."
)


def decline_error(decline: Decline, charge_id: str | None, method: PaymentMethod) -> dict[str, object]:
    """`last_payment_error` after an issuer's refusal."""
    error: dict[str, object] = {
        "advice_code": decline.advice or None,
        "charge": charge_id,
        "code": decline.code,
        "decline_code": decline.decline_code or None,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "network_decline_code": decline.network_decline_code or None,
        "param": decline.param or None,
        "payment_method": public(method),
        "type": "card_error",
    }
    return {name: value for name, value in error.items() if value is not None}


def authentication_error(method: PaymentMethod) -> dict[str, object]:
    """`last_payment_error` after the shopper failed 3-D Secure."""
    return {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
        "message": AUTHENTICATION_FAILED,
        "payment_method": public(method),
        "type": "invalid_request_error",
    }


def for_shoppers(error: Mapping[str, object]) -> dict[str, object]:
    """A last error as a browser is told it."""
    message = str(error["message"])
    return {**error, "message": TOLD_TO_SHOPPERS.get(message, message)}


def card_error(last_error: Mapping[str, object], intent: PaymentIntent) -> CardError:
    """The 402 that carries the intent as it now stands."""
    known = {"code", "doc_url", "message", "param", "type"}
    detail: dict[str, object] = {name: value for name, value in last_error.items() if name not in known}
    return CardError(
        str(last_error["message"]),
        code=str(last_error["code"]),
        param=str(last_error.get("param", "")),
        detail={**detail, "payment_intent": public(intent)},
    )


def unexpected_state(message: str, intent: PaymentIntent, param: str = "") -> ApiError:
    """The intent's status does not allow what was asked; `param` names what cannot change any more."""
    detail = {"payment_intent": public(intent)}
    return Conflict(message, code="payment_intent_unexpected_state", param=param, detail=detail)
