"""Ask a sandbox as any server would, and read its JSON by type."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from inspect import get_annotations

import requests

from tests.sandbox_process import SECRET_KEY, SandboxProcess

Document = dict[str, object]


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
    return response.status_code, error


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


def missing_fields(document: Document, module: str, name: str) -> list[str]:
    """The fields that Stripe's own package says every such object has, and this one has not."""
    return list(_missing(document, getattr(import_module(f"stripe.{module}"), name), ""))


def _missing(document: Document, described: type, path: str) -> Iterator[str]:
    for field, hint in get_annotations(described).items():
        may_be_absent = any(word in str(hint) for word in ("Optional[", "None", "ClassVar["))
        if field.startswith("_") or may_be_absent:
            continue
        if field not in document:
            yield f"{path}{field}"
        nested = document.get(field)
        if isinstance(nested, dict) and isinstance(hint, type):
            yield from _missing(nested, hint, f"{path}{field}.")
