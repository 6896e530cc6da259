"""Balance transactions (docs.stripe.com/api/balance_transactions)."""

from __future__ import annotations

from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import Missing
from sandbox.lists import listed

FILTERS = ("currency", "payout", "source", "type")


def retrieve(call: Call) -> Answer:
    transaction = call.sandbox.balance_transactions.get(call.id)
    if transaction is None:
        raise Missing("balance_transaction", call.id, "id")
    return transaction


def list_all(call: Call) -> Answer:
    filters = {name: call.params.text(name) for name in FILTERS}
    return listed(call.sandbox.balance_transactions, call.params, "/v1/balance_transactions", filters)


ENDPOINTS = (
    Endpoint("balance_transactions.list", "GET", "/v1/balance_transactions", list_all),
    Endpoint("balance_transactions.retrieve", "GET", "/v1/balance_transactions/{id}", retrieve),
)
