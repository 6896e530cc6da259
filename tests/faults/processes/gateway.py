"""The gateway's side of things, asked of the sandbox past all our code, and the faults that it is told to have."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import requests

Row = dict[str, object]
PAGE = 100
LONG_HOLD_S = 20


@dataclass(frozen=True)
class Gateway:
    """`url` is the sandbox's address with a slash at its end."""

    url: str
    secret_key: str

    def token(self, card: str) -> str:
        """A single-use token, as the hosted fields make it (docs.stripe.com/api/confirmation_tokens/test_create)."""
        form = {"payment_method": card}
        return str(self._read(self._post("v1/test_helpers/confirmation_tokens", form))["id"])

    def authenticate(self, client_secret: str, *, passed: bool) -> None:
        """Answer the bank's page as the frame does that Stripe.js opens; an answer that comes late is refused there."""
        intent = self._get(f"v1/payment_intents/{client_secret.partition('_secret_')[0]}", {})
        action = intent["next_action"]
        if not isinstance(action, dict):
            return
        page = str(action["use_stripe_sdk"]["stripe_js"])
        requests.post(page, {"answer": "complete" if passed else "fail"}, timeout=30)

    def dispute(self, charge: str, amount: int) -> str:
        """Have the cardholder's bank claim `amount` (minor units) of a charge back; the dispute's id."""
        order = {"charge": charge, "amount": amount}
        return str(self._read(requests.post(f"{self.url}_control/disputes", json=order, timeout=10))["id"])

    def decide_dispute(self, dispute: str, *, won: bool) -> None:
        verdict = "win" if won else "lose"
        self._read(requests.post(f"{self.url}_control/disputes/{dispute}/{verdict}", timeout=10))

    def pay_out(self) -> None:
        """Have all that is available paid out to the shop's bank account."""
        self._read(requests.post(f"{self.url}_control/payouts", timeout=10))

    def answers(self) -> bool:
        """Whether anything is answered there."""
        try:
            return requests.get(f"{self.url}_control/state", timeout=5).ok
        except requests.RequestException:
            return False

    def intents(self) -> list[Row]:
        return self.everything("payment_intents")

    def intents_of(self, order_number: str) -> list[Row]:
        """Every PaymentIntent that was ever opened for this order."""
        return [intent for intent in self.intents() if intent["description"] == f"Order {order_number}"]

    def charges_of(self, order_number: str) -> list[Row]:
        """Every charge, whatever became of it, of every PaymentIntent of this order."""
        intents = [str(intent["id"]) for intent in self.intents_of(order_number)]
        return [charge for intent in intents for charge in self.everything("charges", payment_intent=intent)]

    def refund_named(self, reference: str, intent: str) -> str:
        """The id of the refund that carries this reference of ours; empty where the gateway has none."""
        for refund in self.everything("refunds", payment_intent=intent):
            if reference_in(refund) == reference:
                return str(refund["id"])
        return ""

    def key_of(self, charge: str) -> str:
        """The idempotency key of the request that made this charge, as its event tells it."""
        for event in self.everything("events", type="charge.succeeded"):
            about, request = event["data"], event["request"]
            assert isinstance(about, dict)
            assert isinstance(request, dict)
            if about["object"]["id"] == charge:
                return str(request["idempotency_key"])
        raise LookupError(f"no event tells of {charge}")

    def everything(self, path: str, **query: str) -> list[Row]:
        """The whole list, newest first, page by page."""
        rows: list[Row] = []
        while True:
            after = {"starting_after": str(rows[-1]["id"])} if rows else {}
            page = self._get(f"v1/{path}", {"limit": str(PAGE), **query, **after})
            found = page["data"]
            assert isinstance(found, list)
            rows += found
            if not page["has_more"]:
                return rows

    def will(self, **fault: object) -> None:
        """Arm a fault, in the words of the sandbox's control API."""
        self._read(requests.post(f"{self.url}_control/faults", json=fault, timeout=10))

    def will_hold_back(self) -> bool:
        """Whether the long hold that was armed still waits for its call; afterwards that call's work is done."""
        armed = self._read(requests.get(f"{self.url}_control/faults", timeout=10))["data"]
        assert isinstance(armed, list)
        return any(fault.get("hold_s") == LONG_HOLD_S for fault in armed)

    def has_no_faults(self) -> None:
        """Disarm every fault."""
        self._read(requests.delete(f"{self.url}_control/faults", timeout=10))

    def _get(self, path: str, query: dict[str, str]) -> Row:
        return self._read(requests.get(self.url + path, params=query, auth=(self.secret_key, ""), timeout=10))

    def _post(self, path: str, form: dict[str, str]) -> requests.Response:
        return requests.post(self.url + path, data=form, auth=(self.secret_key, ""), timeout=10)

    @staticmethod
    def _read(answer: requests.Response) -> Row:
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:  # a fault that was meant for the shop
            answer.raise_for_status()
        assert answer.ok, f"{answer.request.method} {answer.url} answered {answer.status_code}: {answer.text[:500]}"
        document: Row = answer.json()
        return document


def reference_in(row: Row) -> str:
    """Our reference in one of the gateway's objects; empty where it carries none."""
    metadata = row["metadata"]
    return str(metadata.get("reference", "")) if isinstance(metadata, dict) else ""
