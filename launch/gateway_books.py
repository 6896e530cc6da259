"""What the gateway holds of a payment, asked through its own API, past all our code."""

from __future__ import annotations

from http import HTTPStatus

import requests

from launch.visitor import UnexpectedAnswer

API_VERSION = "2026-10-28.endive"


class GatewayBooks:
    def __init__(self, url: str, secret_key: str) -> None:
        self._url = url + "v1/"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"Authorization": f"Bearer {secret_key}", "Stripe-Version": API_VERSION})

    def card_token(self, card: str) -> str:
        """A token as the hosted fields would make it (docs.stripe.com/api/confirmation_tokens/test_create)."""
        answer = self._session.post(
            self._url + "test_helpers/confirmation_tokens", {"payment_method": card}, timeout=30
        )
        return str(_document(answer)["id"])

    def charged_once(self, intent: str) -> str:
        """Says what was charged. Raises UnexpectedAnswer unless exactly one charge succeeded, of the whole amount."""
        amount = self._get(f"payment_intents/{intent}")["amount"]
        charges = [charge for charge in self._list("charges", intent) if charge["status"] == "succeeded"]
        if [charge["amount"] for charge in charges] != [amount]:
            raise UnexpectedAnswer(f"{intent} of {amount} has the charges {charges}")
        return f"one charge, {charges[0]['id']}, of {amount} {charges[0]['currency']}"

    def refunded_in_full(self, intent: str) -> str:
        """Says what was given back. Raises UnexpectedAnswer unless one refund returned all of the one charge."""
        (charge,) = self._list("charges", intent)
        refunds = [refund for refund in self._list("refunds", intent) if refund["status"] == "succeeded"]
        if [refund["amount"] for refund in refunds] != [charge["amount"]] or not charge["refunded"]:
            raise UnexpectedAnswer(f"{charge['id']} of {charge['amount']} has the refunds {refunds}")
        return f"one refund, {refunds[0]['id']}, of {refunds[0]['amount']} {refunds[0]['currency']}"

    def _get(self, path: str, **query: str) -> dict[str, object]:
        return _document(self._session.get(self._url + path, params=query, timeout=30))

    def _list(self, path: str, intent: str) -> list[dict[str, object]]:
        rows = self._get(path, payment_intent=intent)["data"]
        if not isinstance(rows, list):
            raise UnexpectedAnswer(f"{path} is no list: {rows}")
        return rows


def _document(answer: requests.Response) -> dict[str, object]:
    if answer.status_code != HTTPStatus.OK:
        raise UnexpectedAnswer(f"{answer.request.method} {answer.url} answered {answer.status_code}: {answer.text}")
    document: dict[str, object] = answer.json()
    return document
