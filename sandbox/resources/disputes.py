"""Disputes (docs.stripe.com/api/disputes)."""

from __future__ import annotations

from sandbox.documents import Dispute
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import Conflict, Missing
from sandbox.lists import listed
from sandbox.payments import dispute_evidence, disputes


def retrieve(call: Call) -> Answer:
    return _dispute(call)


def list_all(call: Call) -> Answer:
    filters = {"charge": call.params.text("charge"), "payment_intent": call.params.text("payment_intent")}
    return listed(call.sandbox.disputes, call.params, "/v1/disputes", filters)


def update(call: Call) -> Answer:
    return dispute_evidence.update(call.sandbox, _dispute(call), call.params, call.cause)


def close(call: Call) -> Answer:
    """Give in, for good. Only a chargeback that waits for an answer can be: `needs_response` becomes `lost`."""
    dispute = _dispute(call)
    dispute_evidence.ensure_open(dispute)
    if dispute["status"] != "needs_response":
        raise Conflict(f"This dispute cannot be closed because it has a status of {dispute['status']}.")
    return disputes.lose(call.sandbox, dispute, call.cause)


def _dispute(call: Call) -> Dispute:
    dispute = call.sandbox.disputes.get(call.id)
    if dispute is None:
        raise Missing("dispute", call.id, "dispute")
    return dispute


ENDPOINTS = (
    Endpoint("disputes.list", "GET", "/v1/disputes", list_all),
    Endpoint("disputes.retrieve", "GET", "/v1/disputes/{id}", retrieve),
    Endpoint("disputes.update", "POST", "/v1/disputes/{id}", update),
    Endpoint("disputes.close", "POST", "/v1/disputes/{id}/close", close),
)
