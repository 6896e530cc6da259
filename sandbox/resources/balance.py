"""The account's balance (docs.stripe.com/api/balance): the sum of its balance transactions, by currency."""

from __future__ import annotations

from sandbox.documents import JSON
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.payments.balance import DEFAULT_SETTLEMENT
from sandbox.world import Sandbox

_SUMS = """
SELECT json_extract(body, '$.currency') AS currency, sum(json_extract(body, '$.net'))
FROM objects WHERE kind = 'balance_transaction' AND json_extract(body, '$.status') = ? GROUP BY currency
"""


def retrieve(call: Call) -> Answer:
    """What can be paid out now, and what later. Every currency that ever moved shows in both."""
    available, pending = (_sums(call.sandbox, status) for status in ("available", "pending"))
    currencies = sorted({DEFAULT_SETTLEMENT, *available, *pending})
    return {
        "object": "balance",
        "available": [_funds(currency, available.get(currency, 0)) for currency in currencies],
        "livemode": False,
        "pending": [_funds(currency, pending.get(currency, 0)) for currency in currencies],
    }


def _sums(sandbox: Sandbox, status: str) -> dict[str, int]:
    return {str(currency): int(str(net)) for currency, net in sandbox.store.rows(_SUMS, (status,))}


def _funds(currency: str, amount: int) -> dict[str, JSON]:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


ENDPOINTS = (Endpoint("balance.retrieve", "GET", "/v1/balance", retrieve),)
