"""PaymentMethods (docs.stripe.com/api/payment_methods), of cards."""

from __future__ import annotations

from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import InvalidParameter, Missing
from sandbox.payments import methods


def create(call: Call) -> Answer:
    """From the browser only: raw card numbers are not taken from servers."""
    if not call.from_browser:
        raise InvalidParameter(
            "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test "
            "tokens that map to the test card you are using, see https://stripe.com/docs/testing."
        )
    return call.sandbox.payment_methods.put(methods.from_data(call.sandbox, call.params))


def retrieve(call: Call) -> Answer:
    method = call.sandbox.payment_methods.get(call.id)
    if method is not None:
        return method
    if call.id.startswith("pm_card_"):
        return methods.ready_made(call.sandbox, call.id, "payment_method")
    raise Missing("PaymentMethod", call.id, "payment_method")


ENDPOINTS = (
    Endpoint("payment_methods.create", "POST", "/v1/payment_methods", create, browser=True),
    Endpoint("payment_methods.retrieve", "GET", "/v1/payment_methods/{id}", retrieve),
)
