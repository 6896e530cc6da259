"""Spend a ConfirmationToken: once, in time, and only on an intent like the one Elements was mounted for.

Sources: docs.stripe.com/api/confirmation_tokens, docs.stripe.com/payments/finalize-payments-on-the-server.
"""

from __future__ import annotations

from sandbox.documents import ClientContext, ConfirmationToken, PaymentIntent
from sandbox.errors import Conflict, InvalidParameter, MissingReference
from sandbox.world import Sandbox


def usable(sandbox: Sandbox, token_id: str, intent: PaymentIntent) -> ConfirmationToken:
    """The token, or why it cannot confirm this intent. Nothing is spent yet."""
    token = sandbox.confirmation_tokens.get(token_id)
    if token is None:
        raise MissingReference("confirmation_token", token_id, "confirmation_token")
    if token["payment_intent"] is not None:
        raise _unusable(token_id, "has already been used", "token_already_used")
    if token["expires_at"] is not None and token["expires_at"] <= sandbox.clock.now():
        raise _unusable(token_id, "has expired", "payment_intent_invalid_parameter")
    _check_future_usage(token, intent)
    if context := token["sandbox"]["client_context"]:
        _check_context(context, intent)
    return token


def spend(sandbox: Sandbox, token: ConfirmationToken, intent: PaymentIntent) -> None:
    """Mark the token as used by this intent."""
    token["payment_intent"] = intent["id"]
    sandbox.confirmation_tokens.put(token)


def _unusable(token_id: str, why: str, code: str) -> Conflict:
    message = f"The provided ConfirmationToken ({token_id}) {why}. Please create a new one."
    return Conflict(message, code=code, param="confirmation_token")


def _check_future_usage(token: ConfirmationToken, intent: PaymentIntent) -> None:
    wanted = token["setup_future_usage"]
    if wanted is not None and wanted != intent["setup_future_usage"]:
        raise _mismatch("setup_future_usage", intent["setup_future_usage"], wanted)


def _check_context(context: ClientContext, intent: PaymentIntent) -> None:
    if context["mode"] != "payment":
        raise _mismatch("mode", "payment", context["mode"])
    expected = (
        ("amount", intent["amount"], context["amount"]),
        ("currency", intent["currency"], (context["currency"] or "").lower() or None),
    )
    for name, provided, wanted in expected:
        if wanted is not None and provided != wanted:
            raise _mismatch(name, provided, wanted)
    if _capture(intent["capture_method"]) != _capture(context["capture_method"]):
        raise _mismatch("capture_method", intent["capture_method"], context["capture_method"] or "automatic")
    if intent["setup_future_usage"] != context["setup_future_usage"]:
        raise _mismatch("setup_future_usage", intent["setup_future_usage"], context["setup_future_usage"])
    _check_types(context["payment_method_types"], intent)


def _capture(method: str | None) -> str:
    """Elements knows `automatic` and `manual`; how an automatic capture is carried out is the server's affair."""
    return "manual" if method == "manual" else "automatic"


def _check_types(wanted: list[str], intent: PaymentIntent) -> None:
    provided = intent["allowed_payment_method_types"] or []
    if sorted(wanted) != sorted(provided):
        raise _mismatch("payment_method_types", _listed(provided), _listed(wanted))


def _listed(types: list[str]) -> str:
    return ", ".join(sorted(types)) or "automatic"


def _mismatch(name: str, provided: object, expected: object) -> InvalidParameter:
    return InvalidParameter(
        f"The provided {name} ({_shown(provided)}) does not match the expected {name} ({_shown(expected)}). Try "
        "confirming with a Payment Intent that is configured with the same parameters as Stripe Elements.",
        param=name,
    )


def _shown(value: object) -> str:
    return "null" if value is None else str(value)
