"""Make and change PaymentIntents (docs.stripe.com/api/payment_intents/create and /update)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from sandbox.documents import JSON, PaymentIntent
from sandbox.errors import InvalidParameter
from sandbox.ids import client_secret, new_id
from sandbox.parameters import Params
from sandbox.payments import currencies, details, method_options, method_types, validation
from sandbox.payments.addresses import shipping_details
from sandbox.payments.failures import for_shoppers, unexpected_state
from sandbox.render import public
from sandbox.world import Sandbox

CHANGEABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
FIXED_LATER = (
    "amount", "capture_method", "currency", "payment_method", "payment_method_data", "setup_future_usage",
    "allowed_payment_method_types", "excluded_payment_method_types", "payment_method_configuration",
    "automatic_payment_methods", "confirmation_token", "payment_method_options",
)  # fmt: skip


# Every field of an intent that nothing was asked of yet; the strings that are empty here are drawn or sent.
_BLANK: PaymentIntent = {
    "id": "",
    "object": "payment_intent",
    "allowed_payment_method_types": None,
    "amount": 0,
    "amount_capturable": 0,
    "amount_details": details.NO_AMOUNT_DETAILS,
    "amount_received": 0,
    "application": None,
    "application_fee_amount": None,
    "automatic_payment_methods": None,
    "canceled_at": None,
    "cancellation_reason": None,
    "capture_method": "automatic_async",
    "client_secret": "",
    "confirmation_method": "automatic",
    "created": 0,
    "currency": "",
    "customer": None,
    "customer_account": None,
    "description": None,
    "excluded_payment_method_types": None,
    "last_payment_error": None,
    "latest_charge": None,
    "livemode": False,
    "metadata": {},
    "next_action": None,
    "on_behalf_of": None,
    "payment_details": None,
    "payment_method": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "payment_method_types": [],
    "processing": None,
    "receipt_email": None,
    "review": None,
    "setup_future_usage": None,
    "shipping": None,
    "source": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "status": "requires_payment_method",
    "transfer_data": None,
    "transfer_group": None,
    "sandbox": {"attempt": None, "authenticated": None, "confirmations": 0, "return_url": None},
}


def new(sandbox: Sandbox, params: Params) -> PaymentIntent:
    """An intent that was just asked for; not stored yet."""
    currency = currencies.check_currency(params.text("currency") or "")
    amount = params.integer("amount") or 0
    currencies.check_charge(amount, currency)
    method_types.check_exclusive(params)
    check_fields(params)
    intent = deepcopy(_BLANK)
    intent["id"] = new_id("pi_3")
    intent["client_secret"] = client_secret(intent["id"])
    intent["created"] = sandbox.clock.now()
    intent["amount"], intent["currency"] = amount, currency
    intent["capture_method"] = params.text("capture_method") or intent["capture_method"]
    intent["confirmation_method"] = params.text("confirmation_method") or intent["confirmation_method"]
    intent["setup_future_usage"] = params.text("setup_future_usage")
    intent["payment_method_types"] = _types(params, currency, intent["capture_method"])
    _narrow(intent, params)
    describe(intent, params)
    validation.check_no_card_descriptor(intent)
    set_options(intent, params)
    return intent


def check_fields(params: Params) -> None:
    """Refuse texts, metadata and references that no intent can have."""
    validation.check_description(params)
    validation.check_descriptors(params)
    validation.check_email(params)
    validation.check_url(params)
    validation.merged_metadata({}, params)
    validation.check_references(params)
    validation.check_connect(params)


def describe(intent: PaymentIntent, params: Params) -> None:
    """Write what may be written at any time."""
    if "metadata" in params:
        intent["metadata"] = validation.merged_metadata(intent["metadata"], params)
    if "description" in params:
        intent["description"] = params.text("description")
    if "receipt_email" in params:
        intent["receipt_email"] = params.text("receipt_email")
    if "statement_descriptor" in params:
        intent["statement_descriptor"] = params.text("statement_descriptor")
    if "statement_descriptor_suffix" in params:
        intent["statement_descriptor_suffix"] = params.text("statement_descriptor_suffix")
    if "transfer_group" in params:
        intent["transfer_group"] = params.text("transfer_group")
    if "shipping" in params:
        shipping = params.section("shipping")
        intent["shipping"] = shipping_details(shipping) if shipping else None
    intent["amount_details"] = details.amount_details(intent["amount_details"], params)
    intent["payment_details"] = details.payment_details(intent["payment_details"], params)


def change(intent: PaymentIntent, params: Params) -> None:
    """Apply an update: amounts and methods only before the money moved, descriptions at any time."""
    fixed = [name for name in FIXED_LATER if name in params]
    if fixed and intent["status"] not in CHANGEABLE:
        raise unexpected_state(_cannot_change(fixed[0], intent["status"]), intent, fixed[0])
    check_fields(params)
    method_types.check_exclusive(params)
    describe(intent, params)
    change_terms(intent, params)
    validation.check_no_card_descriptor(intent)


def change_terms(intent: PaymentIntent, params: Params) -> None:
    """What decides how money is taken: an update and a confirmation may both change it."""
    if "setup_future_usage" in params:
        intent["setup_future_usage"] = params.text("setup_future_usage")
    if {"amount", "currency", "capture_method"} & set(params) or _narrows(params):
        _change_money(intent, params)
    set_options(intent, params)


def change_amount(intent: PaymentIntent, amount: int | None) -> None:
    """Write another amount (minor units), if there is one."""
    if amount is not None:
        currencies.check_charge(amount, intent["currency"], "amount_to_confirm")
        intent["amount"] = amount


def captured_by_hand(intent: PaymentIntent, kind: str) -> bool:
    """Whether a charge of a method type only holds the money: the type's own option goes before the intent's."""
    options = intent["payment_method_options"].get(kind)
    own = options.get("capture_method") if isinstance(options, Mapping) else None
    return (own or intent["capture_method"]) == "manual"


def _change_money(intent: PaymentIntent, params: Params) -> None:
    amount = params.integer("amount")
    currency = currencies.check_currency(params.text("currency") or intent["currency"])
    currencies.check_charge(intent["amount"] if amount is None else amount, currency)
    intent["amount"] = intent["amount"] if amount is None else amount
    intent["currency"] = currency
    intent["capture_method"] = params.text("capture_method") or intent["capture_method"]
    wanted = params if _narrows(params) else Params(_as_params(intent))
    intent["payment_method_types"] = _types(wanted, currency, intent["capture_method"])
    if _narrows(params):
        _narrow(intent, params)
    if intent["status"] == "requires_action":
        intent["status"], intent["next_action"] = "requires_confirmation", None


def _narrow(intent: PaymentIntent, params: Params) -> None:
    """Write by what the types of payment methods are narrowed."""
    intent["allowed_payment_method_types"] = params.texts("allowed_payment_method_types") or None
    intent["excluded_payment_method_types"] = params.texts("excluded_payment_method_types") or None
    intent["automatic_payment_methods"] = _automatic(params)
    intent["payment_method_configuration_details"] = _configuration(params)


def _narrows(params: Params) -> bool:
    return any(name in params for name in method_types.EXCLUSIVE)


def _as_params(intent: PaymentIntent) -> dict[str, list[str] | dict[str, str]]:
    """What the intent was narrowed by, to be applied again to another currency."""
    wanted: dict[str, list[str] | dict[str, str]] = {
        "allowed_payment_method_types": intent["allowed_payment_method_types"] or [],
        "excluded_payment_method_types": intent["excluded_payment_method_types"] or [],
    }
    automatic = intent["automatic_payment_methods"]
    if automatic:
        wanted["automatic_payment_methods"] = {"allow_redirects": str(automatic["allow_redirects"])}
    return wanted


def _types(params: Params, currency: str, capture_method: str) -> list[str]:
    types = method_types.accepted(params, currency, capture_method)
    if not types:
        raise InvalidParameter(
            "No valid payment method types for this Payment Intent. Please ensure that you have activated payment "
            "methods compatible with your chosen currency in your dashboard "
            "(https://dashboard.stripe.com/settings/payments).",
            param="allowed_payment_method_types" if "allowed_payment_method_types" in params else "",
        )
    return types


def _automatic(params: Params) -> dict[str, JSON] | None:
    if params.texts("allowed_payment_method_types"):
        return None
    automatic = params.section("automatic_payment_methods")
    allow = automatic.text("allow_redirects") if automatic else None
    enabled = automatic is None or automatic.flag("enabled", default=True)
    return {"allow_redirects": allow or "always", "enabled": enabled}


def _configuration(params: Params) -> dict[str, JSON] | None:
    if params.texts("allowed_payment_method_types"):
        return None
    return {"id": params.text("payment_method_configuration") or method_types.CONFIGURATION_ID, "parent": None}


def set_options(intent: PaymentIntent, params: Params) -> None:
    """Write the options of each accepted type."""
    sent = params.section("payment_method_options") or Params({})
    before = intent["payment_method_options"]
    intent["payment_method_options"] = method_options.options_of(intent["payment_method_types"], before, sent)


def _cannot_change(name: str, status: str) -> str:
    return (
        f"This PaymentIntent's {name} could not be updated because it has a status of {status}. You may only update "
        f"the {name} of a PaymentIntent with one of the following statuses: {', '.join(CHANGEABLE)}."
    )


def for_browser(intent: PaymentIntent) -> dict[str, object]:
    """The part of an intent that the publishable key may see (fields marked so in the API reference)."""
    return browser_part(public(intent))


def browser_part(shown: Mapping[str, object]) -> dict[str, object]:
    """The same of an intent that is shown already."""
    part = {name: shown[name] for name in BROWSER_FIELDS if name in shown}
    last_error = part.get("last_payment_error")
    return {**part, "last_payment_error": for_shoppers(last_error)} if isinstance(last_error, Mapping) else part


BROWSER_FIELDS = (
    "id", "object", "amount", "amount_details", "automatic_payment_methods", "canceled_at", "cancellation_reason",
    "capture_method", "client_secret", "confirmation_method", "created", "currency", "description",
    "last_payment_error", "livemode", "next_action", "payment_method", "payment_method_configuration_details",
    "payment_method_types", "processing", "receipt_email", "setup_future_usage", "shipping", "source", "status",
)  # fmt: skip
