"""One HTTP request and all of its answer: status, headers and body, whatever they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests

from tests.sandbox.asking import Document, section
from tests.sandbox_process import SECRET_KEY, SandboxProcess

TIMEOUT_S = 15


@dataclass(frozen=True)
class Answer:
    """Header names compare without regard to case."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Document:
        document: Document = json.loads(self.raw)
        return document

    @property
    def error(self) -> Document:
        return section(self.body, "error")


def send(
    sandbox: SandboxProcess,
    method: str,
    path: str,
    form: Mapping[str, str] | str | None = None,
    *,
    key: str = SECRET_KEY,
    **headers: str,
) -> Answer:
    """Ask with a secret key as bearer. A form goes into the query of a GET; headers are named with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        named.setdefault("Authorization", f"Bearer {key}")
    if isinstance(form, str):
        named.setdefault("Content-Type", "application/x-www-form-urlencoded")
    query, body = (form, None) if method == "GET" else (None, form)
    response = requests.request(method, sandbox.url + path, params=query, data=body, headers=named, timeout=TIMEOUT_S)
    return Answer(response.status_code, response.headers, response.content)


def authenticate(intent: Document, answer: str) -> str:
    """Answer the bank's page as a shopper's browser does, and say where it sends the shopper ("" if nowhere)."""
    action = section(intent, "next_action")
    steps = {"redirect_to_url": ("redirect_to_url", "url"), "use_stripe_sdk": ("use_stripe_sdk", "stripe_js")}
    branch, field = steps[str(action["type"])]
    page = str(section(action, branch)[field])
    assert "3D Secure" in requests.get(page, timeout=TIMEOUT_S).text
    response = requests.post(page, data={"answer": answer}, allow_redirects=False, timeout=TIMEOUT_S)
    assert response.status_code in (200, 303), response.text
    return response.headers.get("Location", "")


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address, each the first time it occurs."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
