"""Payouts (docs.stripe.com/api/payouts), automatic ones only."""

from __future__ import annotations

from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import Missing
from sandbox.lists import listed, time_bounds


def retrieve(call: Call) -> Answer:
    payout = call.sandbox.payouts.get(call.id)
    if payout is None:
        raise Missing("payout", call.id, "payout")
    return payout


def list_all(call: Call) -> Answer:
    filters = {name: call.params.text(name) for name in ("destination", "status")}
    arrival = time_bounds(call.params, "arrival_date", "json_extract(body, '$.arrival_date')")
    return listed(call.sandbox.payouts, call.params, "/v1/payouts", filters, arrival)


ENDPOINTS = (
    Endpoint("payouts.list", "GET", "/v1/payouts", list_all),
    Endpoint("payouts.retrieve", "GET", "/v1/payouts/{id}", retrieve),
)
