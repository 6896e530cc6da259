"""Addresses and shipping with every field that Stripe always shows."""

from __future__ import annotations

from sandbox.documents import JSON, Address
from sandbox.parameters import Params


def address(given: Params | None) -> Address:
    """An address; lines that were not given are null."""
    given = given or Params({})
    return {
        "city": given.text("city"),
        "country": given.text("country"),
        "line1": given.text("line1"),
        "line2": given.text("line2"),
        "postal_code": given.text("postal_code"),
        "state": given.text("state"),
    }


def shipping_details(given: Params) -> dict[str, JSON]:
    """Where the goods go."""
    return {
        "address": dict(address(given.section("address"))),
        "carrier": given.text("carrier"),
        "name": given.text("name"),
        "phone": given.text("phone"),
        "tracking_number": given.text("tracking_number"),
    }
