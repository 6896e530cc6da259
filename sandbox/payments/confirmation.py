"""Confirm a PaymentIntent: find the method, ask for authentication if need be, charge.

Sources: docs.stripe.com/api/payment_intents/confirm (statuses, the upper limit of confirmations, return_url,
error_on_requires_action), docs.stripe.com/payments/paymentintents/lifecycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sandbox.documents import ConfirmationToken, PaymentIntent, PaymentMethod
from sandbox.errors import Conflict, InvalidParameter
from sandbox.events import Cause
from sandbox.instruments import accounts, lookup
from sandbox.instruments.behaviour import Authentication, Behaviour
from sandbox.parameters import Params
from sandbox.payments import (
    authentication,
    cancellation,
    intents,
    method_types,
    methods,
    outcome,
    tokens,
    validation,
)
from sandbox.payments.charges import Attempt
from sandbox.payments.failures import unexpected_state
from sandbox.world import Sandbox

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
MAXIMUM_CONFIRMATIONS = 20
"""Stripe speaks of a variable upper limit; the call after it cancels the intent."""


@dataclass(frozen=True)
class Confirmation:
    """One call that confirms: what was sent with it, and the token if it came with one."""

    sandbox: Sandbox
    intent: PaymentIntent
    params: Params
    cause: Cause
    token: ConfirmationToken | None = None

    @property
    def use_stripe_sdk(self) -> bool:
        default = self.token["use_stripe_sdk"] if self.token else False
        return self.params.flag("use_stripe_sdk", default)

    @property
    def return_url(self) -> str | None:
        from_token = self.token["return_url"] if self.token else None
        return self.params.text("return_url") or from_token or self.intent["sandbox"]["return_url"]


def confirm(sandbox: Sandbox, intent: PaymentIntent, params: Params, cause: Cause) -> PaymentIntent:
    """Make one attempt. Raises `CardError`, with everything written, if it is refused."""
    _check_status(intent, params)
    if intent["sandbox"]["confirmations"] >= MAXIMUM_CONFIRMATIONS:
        return cancellation.cancel(sandbox, intent, "automatic", cause)
    confirmation = _read(sandbox, intent, params, cause)
    method = _method(confirmation)
    _check_method(method, intent)
    _check_return_url(confirmation)
    _check_mandate(confirmation, method)
    _write(confirmation, method)
    return _attempt(confirmation, method)


def attach(sandbox: Sandbox, intent: PaymentIntent, params: Params) -> None:
    """Give an intent its method without confirming it."""
    name = params.text("payment_method")
    if name is None:
        return
    method = _named_method(sandbox, name)
    _check_method(method, intent)
    sandbox.payment_methods.put(method)
    intent["payment_method"] = method["id"]
    intent["status"], intent["next_action"] = "requires_confirmation", None


def _check_status(intent: PaymentIntent, params: Params) -> None:
    status = intent["status"]
    if status in CONFIRMABLE:
        return
    if status == "succeeded":
        message = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
    elif "payment_method" in params or "confirmation_token" in params:
        message = (
            f"This PaymentIntent's payment_method could not be updated because it has a status of {status}. You may "
            f"only update the payment_method of a PaymentIntent with one of the following statuses: "
            f"{', '.join(CONFIRMABLE)}."
        )
    else:
        message = (
            f"You cannot confirm this PaymentIntent because it has a status of {status}. Only a PaymentIntent with "
            "one of the following statuses may be confirmed: requires_confirmation, requires_action."
        )
    raise unexpected_state(message, intent)


def _read(sandbox: Sandbox, intent: PaymentIntent, params: Params, cause: Cause) -> Confirmation:
    validation.check_exclusive(params, "payment_method", "payment_method_data", "confirmation_token")
    validation.check_url(params)
    intents.change_terms(intent, params)
    token_id = params.text("confirmation_token")
    token = tokens.usable(sandbox, token_id, intent) if token_id else None
    intents.change_amount(intent, params.integer("amount_to_confirm"))
    validation.check_no_card_descriptor(intent)
    return Confirmation(sandbox, intent, params, cause, token)


def check_browser(intent: PaymentIntent, params: Params) -> None:
    """What a browser may not do: confirm an intent that its server confirms by hand, or change the amount."""
    if intent["confirmation_method"] == "manual":
        raise Conflict(
            f"This PaymentIntent {intent['id']} cannot be confirmed using your publishable key because its "
            "`confirmation_method` is set to `manual`. Please use your secret key instead, or create a PaymentIntent "
            "with `confirmation_method` set to `automatic`."
        )
    if "amount_to_confirm" in params:
        raise InvalidParameter(
            "Received unknown parameter: amount_to_confirm", code="parameter_unknown", param="amount_to_confirm"
        )


def _method(confirmation: Confirmation) -> PaymentMethod:
    sandbox, intent, params = confirmation.sandbox, confirmation.intent, confirmation.params
    if confirmation.token:
        brought = confirmation.token["sandbox"]["payment_method"]
        return _unused(sandbox.payment_methods.get(brought["id"]) or brought)
    if name := params.text("payment_method"):
        return _named_method(sandbox, name)
    if data := params.section("payment_method_data"):
        return methods.from_data(sandbox, data)
    attached = sandbox.payment_methods.get(intent["payment_method"]) if intent["payment_method"] else None
    if attached is None:
        raise unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            intent,
        )
    return attached


def _named_method(sandbox: Sandbox, name: str) -> PaymentMethod:
    return _unused(sandbox.payment_methods.get(name) or methods.ready_made(sandbox, name, "payment_method"))


def _unused(method: PaymentMethod) -> PaymentMethod:
    """A method pays once, since this account has no customers to attach it to."""
    if method["sandbox"]["used"]:
        raise Conflict(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be "
            "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
            param="payment_method",
        )
    return method


def _check_method(method: PaymentMethod, intent: PaymentIntent) -> None:
    types = intent["payment_method_types"]
    if method["type"] not in types:
        raise Conflict(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent. Please attach a "
            f"PaymentMethod of one of the following types: {', '.join(types)}.",
            code="payment_intent_incompatible_payment_method",
            param="payment_method",
        )


def _check_return_url(confirmation: Confirmation) -> None:
    automatic = confirmation.intent["automatic_payment_methods"]
    may_redirect = automatic is not None and automatic.get("allow_redirects") != "never"
    asks_nothing = confirmation.return_url or confirmation.use_stripe_sdk
    if may_redirect and not asks_nothing and method_types.any_redirects(confirmation.intent["payment_method_types"]):
        raise InvalidParameter(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. "
            "If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to "
            "`true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and "
            "Payment Intents."
        )


def _check_mandate(confirmation: Confirmation, method: PaymentMethod) -> None:
    """A debit needs the shopper's mandate; a ConfirmationToken has it from the hosted fields."""
    agreed = confirmation.token is not None or confirmation.params.section("mandate_data") is not None
    if method["type"] in accounts.KINDS and not agreed:
        raise InvalidParameter("Missing required param: mandate_data.", code="parameter_missing", param="mandate_data")


def _write(confirmation: Confirmation, method: PaymentMethod) -> None:
    """Spend the token and note the attempt; from here on the intent has this method."""
    sandbox, intent = confirmation.sandbox, confirmation.intent
    if confirmation.token:
        tokens.spend(sandbox, confirmation.token, intent)
        intent["shipping"] = confirmation.token["shipping"] or intent["shipping"]
    intents.describe(intent, confirmation.params)
    sandbox.payment_methods.put(method)
    intent["payment_method"] = method["id"]
    intent["next_action"] = None
    intent["sandbox"]["confirmations"] += 1
    intent["sandbox"]["return_url"] = confirmation.return_url


def _attempt(confirmation: Confirmation, method: PaymentMethod) -> PaymentIntent:
    attempt = Attempt(confirmation.sandbox, confirmation.intent, method, confirmation.cause)
    behaviour = lookup.behaviour(method["sandbox"]["instrument"])
    if behaviour.authentication is Authentication.LOOKUP_FAILS:
        return outcome.declined(attempt, outcome.LOOKUP_FAILED)
    if _needs_authentication(confirmation, behaviour, method):
        return _ask(confirmation, attempt)
    if behaviour.authentication is Authentication.NOT_ENROLLED and _requests_authentication(confirmation):
        attempt = replace(attempt, authentication=outcome.three_d_secure(None, "attempt_acknowledged"))
    return outcome.charged(attempt)


def _needs_authentication(confirmation: Confirmation, behaviour: Behaviour, method: PaymentMethod) -> bool:
    if confirmation.intent["sandbox"]["authenticated"] == method["id"]:
        return False
    if behaviour.authentication is Authentication.REQUIRED:
        return not (_off_session(confirmation.params) and behaviour.prepared_for_off_session)
    return behaviour.authentication is Authentication.OPTIONAL and _requests_authentication(confirmation)


def _requests_authentication(confirmation: Confirmation) -> bool:
    card = confirmation.intent["payment_method_options"].get("card")
    return isinstance(card, Mapping) and card["request_three_d_secure"] in ("any", "challenge")


def _ask(confirmation: Confirmation, attempt: Attempt) -> PaymentIntent:
    if _off_session(confirmation.params):
        return outcome.declined(attempt, outcome.AUTHENTICATION_REQUIRED)
    if confirmation.params.flag("error_on_requires_action"):
        return outcome.declined(attempt, outcome.AUTHENTICATION_NOT_HANDLED, with_charge=False)
    return authentication.ask(attempt, confirmation.use_stripe_sdk, confirmation.return_url)


def _off_session(params: Params) -> bool:
    return params.flag("off_session") or params.text("off_session") is not None
