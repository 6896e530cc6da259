"""The truth about an order's money, asked of the gateway itself, past all our code."""

from __future__ import annotations

from dataclasses import dataclass

import requests

Row = dict[str, object]


@dataclass(frozen=True)
class GatewayTruth:
    url: str
    secret_key: str

    def intent_of(self, order_number: str) -> Row:
        """The one PaymentIntent that was opened for this order."""
        (intent,) = [row for row in self._list("payment_intents") if row["description"] == f"Order {order_number}"]
        return intent

    def successful_charges(self, order_number: str) -> list[Row]:
        charges = self._list("charges", payment_intent=str(self.intent_of(order_number)["id"]))
        return [charge for charge in charges if charge["status"] == "succeeded"]

    def charged(self, order_number: str) -> list[object]:
        """The amount of each successful charge, in minor units."""
        return [charge["amount"] for charge in self.successful_charges(order_number)]

    def refunds(self, order_number: str) -> list[Row]:
        return self._list("refunds", payment_intent=str(self.intent_of(order_number)["id"]))

    def hold_answers(self, endpoint: str, seconds: int) -> None:
        """Do the next such request's work, and keep its answer back."""
        order = {"on": endpoint, "when": "after", "hold_s": seconds, "times": 1}
        requests.post(f"{self.url}_control/faults", json=order, timeout=10).raise_for_status()

    def _list(self, path: str, **query: str) -> list[Row]:
        answer = requests.get(
            f"{self.url}v1/{path}", params={"limit": "100", **query}, auth=(self.secret_key, ""), timeout=10
        )
        answer.raise_for_status()
        rows: list[Row] = answer.json()["data"]
        return rows
