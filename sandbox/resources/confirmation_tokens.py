"""ConfirmationTokens: what the fields collected, for one confirmation (docs.stripe.com/api/confirmation_tokens)."""

from __future__ import annotations

from sandbox.documents import JSON, ClientContext, ConfirmationToken, PaymentMethod
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import InvalidParameter, Missing
from sandbox.ids import new_id
from sandbox.parameters import Params
from sandbox.payments import methods

LIFETIME_S = 12 * 3600


def create_in_browser(call: Call) -> Answer:
    """`stripe.createConfirmationToken()`: card details arrive here and nowhere else."""
    return _create(call)


def create_for_test(call: Call) -> Answer:
    """The test helper: a token from a ready-made payment method, without a browser."""
    return _create(call)


def retrieve(call: Call) -> Answer:
    """The token as it stands; `payment_intent` says whether it was used."""
    token = call.sandbox.confirmation_tokens.get(call.id)
    if token is None:
        raise Missing("confirmation_token", call.id, "confirmation_token")
    return token


def _create(call: Call) -> ConfirmationToken:
    method = _payment_method(call)
    now = call.sandbox.clock.now()
    shipping = call.params.section("shipping")
    return call.sandbox.confirmation_tokens.put(
        {
            "id": new_id("ctoken_1"),
            "object": "confirmation_token",
            "created": now,
            "expires_at": now + LIFETIME_S,
            "livemode": False,
            "mandate_data": None,
            "payment_intent": None,
            "payment_method_options": None,
            "payment_method_preview": _preview(method),
            "return_url": call.params.text("return_url"),
            "setup_future_usage": call.params.text("setup_future_usage"),
            "setup_intent": None,
            "shipping": shipping_details(shipping) if shipping else None,
            "use_stripe_sdk": call.params.flag("use_stripe_sdk", default=True),
            "sandbox": {"payment_method": method, "client_context": _client_context(call.params)},
        }
    )


def _payment_method(call: Call) -> PaymentMethod:
    if name := call.params.text("payment_method"):
        method = call.sandbox.payment_methods.get(name)
        return method or methods.ready_made(call.sandbox, name, "payment_method")
    if data := call.params.section("payment_method_data"):
        return methods.from_data(call.sandbox, data)
    raise InvalidParameter(
        "You must provide either `payment_method` or `payment_method_data`.",
        code="parameter_missing",
        param="payment_method_data",
    )


def _preview(method: PaymentMethod) -> dict[str, JSON]:
    """The method without an identity: it becomes a PaymentMethod only when it is used."""
    billing = method["billing_details"]
    details: dict[str, JSON] = {
        "allow_redisplay": method["allow_redisplay"],
        "billing_details": {
            "address": billing["address"],
            "email": billing["email"],
            "name": billing["name"],
            "phone": billing["phone"],
            "tax_id": billing["tax_id"],
        },
        "customer": method["customer"],
        "customer_account": method["customer_account"],
        "type": method["type"],
    }
    if "card" in method:
        details["card"] = method["card"]
    if "sepa_debit" in method:
        details["sepa_debit"] = method["sepa_debit"]
    if "us_bank_account" in method:
        details["us_bank_account"] = method["us_bank_account"]
    return details


def _client_context(params: Params) -> ClientContext | None:
    sent = params.section("client_context")
    if sent is None:
        return None
    context: ClientContext = {
        "amount": sent.integer("amount"),
        "capture_method": sent.text("capture_method"),
        "currency": sent.text("currency"),
        "mode": sent.text("mode") or "payment",
        "payment_method_types": sent.texts("allowed_payment_method_types") or sent.texts("payment_method_types"),
        "setup_future_usage": sent.text("setup_future_usage"),
    }
    return context


def shipping_details(given: Params) -> dict[str, JSON]:
    """Shipping with every field that Stripe always shows."""
    address = given.section("address") or Params({})
    lines = ("city", "country", "line1", "line2", "postal_code", "state")
    return {
        "address": {line: address.text(line) for line in lines},
        "name": given.text("name"),
        "phone": given.text("phone"),
    }


ENDPOINTS = (
    Endpoint("confirmation_tokens.create", "POST", "/v1/confirmation_tokens", create_in_browser, browser=True),
    Endpoint("confirmation_tokens.retrieve", "GET", "/v1/confirmation_tokens/{id}", retrieve, browser=True),
    Endpoint(
        "test_helpers.confirmation_tokens.create",
        "POST",
        "/v1/test_helpers/confirmation_tokens",
        create_for_test,
    ),
)
