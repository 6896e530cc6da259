"""Ask a sandbox as any server would, and read its JSON by type."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests

from tests.sandbox.conformance import is_documented
from tests.sandbox_process import SECRET_KEY, SandboxProcess

Document = dict[str, object]
PATIENCE_S = 15.0


def paid(sandbox: SandboxProcess, payment_method: str = "pm_card_visa", **more: str) -> Document:
    """A PaymentIntent after its confirmation, of 25.00 EUR unless told otherwise."""
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", **more}
    return sandbox.post("/v1/payment_intents", payment_method=payment_method, confirm="true", **form)


def refused(sandbox: SandboxProcess, path: str, **form: str) -> tuple[int, Document]:
    """The status and the error of a POST that must not succeed."""
    return _refusal(requests.post(sandbox.url + path, data=form, auth=(SECRET_KEY, ""), timeout=10))


def refused_get(sandbox: SandboxProcess, path: str, **query: str) -> tuple[int, Document]:
    """The status and the error of a GET that must not succeed."""
    return _refusal(requests.get(sandbox.url + path, params=query, auth=(SECRET_KEY, ""), timeout=10))


def refused_order(sandbox: SandboxProcess, path: str, order: Document) -> str:
    """Why the control API does not obey."""
    response = requests.post(f"{sandbox.url}/_control/{path}", json=order, timeout=10)
    assert response.status_code == 400, response.text
    return str(response.json()["error"])


def _refusal(response: requests.Response) -> tuple[int, Document]:
    assert response.status_code >= 400, response.text
    error: Document = response.json()["error"]
    assert "code" not in error or is_documented(error["code"]), f"no such error code: {error['code']}"
    return response.status_code, error


def until(ask: Callable[[], Document], holds: Callable[[Document], bool]) -> Document:
    """Ask again until the answer is as expected; what happens later by itself has no other sign."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        answer = ask()
        if holds(answer):
            return answer
        assert time.monotonic() < deadline, f"still not as expected: {answer}"
        time.sleep(0.05)


def section(document: Document, *names: str) -> Document:
    """A nested object."""
    for name in names:
        nested = document[name]
        assert isinstance(nested, dict), f"{name} is {nested!r}"
        document = nested
    return document


def members(document: Document, name: str = "data") -> list[Document]:
    """A list of objects."""
    listed = document[name]
    assert isinstance(listed, list), f"{name} is {listed!r}"
    return listed


def number(document: Document, name: str) -> int:
    """A whole number."""
    value = document[name]
    assert isinstance(value, int), f"{name} is {value!r}"
    return value


def event_types(sandbox: SandboxProcess, object_id: str) -> list[str]:
    """The types of the events about an object, oldest first."""
    events = members(sandbox.get("/v1/events", limit="100"))
    return [str(event["type"]) for event in reversed(events) if section(event, "data", "object")["id"] == object_id]
