"""PaymentMethods (docs.stripe.com/api/payment_methods), of cards and bank accounts."""

from __future__ import annotations

from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import InvalidParameter, Missing
from sandbox.instruments import accounts, cards
from sandbox.lists import Conditions, listed
from sandbox.payments import methods, validation


def create(call: Call) -> Answer:
    """Raw card numbers are taken from the browser only; servers send test tokens, such as `tok_visa`."""
    card = call.params.section("card")
    if card and (token := card.text("token")):
        return call.sandbox.payment_methods.put(methods.of_token(call.sandbox, token, call.params))
    if not call.from_browser and call.params.text("type") not in accounts.KINDS:
        raise InvalidParameter(
            "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test "
            "tokens that map to the test card you are using, see https://stripe.com/docs/testing."
        )
    return call.sandbox.payment_methods.put(methods.from_data(call.sandbox, call.params))


def retrieve(call: Call) -> Answer:
    method = call.sandbox.payment_methods.get(call.id)
    if method is not None:
        return method
    if call.id in cards.BY_PAYMENT_METHOD or call.id in accounts.BY_PAYMENT_METHOD:
        return methods.ready_made(call.sandbox, call.id, "payment_method")
    raise Missing("PaymentMethod", call.id, "payment_method")


def update(call: Call) -> Answer:
    """Only what is saved to a customer can be changed, and this account has no customers."""
    retrieve(call)
    raise InvalidParameter("You must save this PaymentMethod to a customer before you can update it.")


def list_all(call: Call) -> Answer:
    """Those of customers: there are none, and what paid once is not listed."""
    validation.check_references(call.params)
    return listed(call.sandbox.payment_methods, call.params, "/v1/payment_methods", further=SAVED)


SAVED: Conditions = (["json_extract(body, '$.customer') IS NOT NULL"], [])
ENDPOINTS = (
    Endpoint("payment_methods.create", "POST", "/v1/payment_methods", create, browser=True),
    Endpoint("payment_methods.list", "GET", "/v1/payment_methods", list_all),
    Endpoint("payment_methods.retrieve", "GET", "/v1/payment_methods/{id}", retrieve),
    Endpoint("payment_methods.update", "POST", "/v1/payment_methods/{id}", update),
)
