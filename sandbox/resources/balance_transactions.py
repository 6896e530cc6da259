"""Balance transactions (docs.stripe.com/api/balance_transactions)."""

from __future__ import annotations

from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import Missing, MissingReference
from sandbox.lists import listed

FILTERS = ("currency", "source", "type")
NONE_YET = "the payout is not reconciled yet"


def retrieve(call: Call) -> Answer:
    transaction = call.sandbox.balance_transactions.get(call.id)
    if transaction is None:
        raise Missing("balance_transaction", call.id, "id")
    return transaction


def list_all(call: Call) -> Answer:
    filters = {name: call.params.text(name) for name in FILTERS}
    filters["sandbox.payout"] = _payout(call)
    return listed(call.sandbox.balance_transactions, call.params, "/v1/balance_transactions", filters)


def _payout(call: Call) -> str | None:
    """The payout whose transactions are asked for; before its reconciliation is completed it has none."""
    payout_id = call.params.text("payout")
    if payout_id is None:
        return None
    payout = call.sandbox.payouts.get(payout_id)
    if payout is None:
        raise MissingReference("payout", payout_id, "payout")
    return payout_id if payout["reconciliation_status"] == "completed" else NONE_YET


ENDPOINTS = (
    Endpoint("balance_transactions.list", "GET", "/v1/balance_transactions", list_all),
    Endpoint("balance_transactions.retrieve", "GET", "/v1/balance_transactions/{id}", retrieve),
)
