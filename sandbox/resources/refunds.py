"""Refunds (docs.stripe.com/api/refunds)."""

from __future__ import annotations

from sandbox.documents import Refund
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import Conflict, Missing
from sandbox.lists import listed
from sandbox.payments import refunds


def create(call: Call) -> Answer:
    return refunds.create(call.sandbox, call.params, call.cause)


def retrieve(call: Call) -> Answer:
    return _refund(call)


def list_all(call: Call) -> Answer:
    filters = {"charge": call.params.text("charge"), "payment_intent": call.params.text("payment_intent")}
    return listed(call.sandbox.refunds, call.params, "/v1/refunds", filters)


def update(call: Call) -> Answer:
    return refunds.update(call.sandbox, _refund(call), call.params, call.cause)


def cancel(call: Call) -> Answer:
    """Only a refund that waits for the shopper can be canceled, and refunds to cards never do."""
    _refund(call)
    raise Conflict("Canceling this refund is unsupported.")


def _refund(call: Call) -> Refund:
    refund = call.sandbox.refunds.get(call.id)
    if refund is None:
        raise Missing("refund", call.id, "refund")
    return refund


ENDPOINTS = (
    Endpoint("refunds.create", "POST", "/v1/refunds", create),
    Endpoint("refunds.list", "GET", "/v1/refunds", list_all),
    Endpoint("refunds.retrieve", "GET", "/v1/refunds/{id}", retrieve),
    Endpoint("refunds.update", "POST", "/v1/refunds/{id}", update),
    Endpoint("refunds.cancel", "POST", "/v1/refunds/{id}/cancel", cancel),
)
