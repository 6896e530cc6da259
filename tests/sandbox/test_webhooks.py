"""Webhooks: signed, with their event, again if they are not taken (docs.stripe.com/webhooks,
docs.stripe.com/webhooks/signature, docs.stripe.com/webhooks/process-undelivered-events).

The signature is checked by hand: HMAC-SHA256 of timestamp, dot and body under the endpoint's secret.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator

import pytest

from tests.sandbox.asking import Document, members, paid, section, until
from tests.sandbox.receiver import Receiver, receiving
from tests.sandbox_process import WEBHOOK_SECRET, SandboxProcess, running_sandbox

EVENTS = "/v1/events"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[SandboxProcess]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), webhook_url=receiver.url) as process:
        yield process


@pytest.fixture(autouse=True)
def quiet(sandbox: SandboxProcess, receiver: Receiver) -> None:
    """Nothing of an earlier test is still on its way."""
    until(lambda: section(sandbox.get("/_control/webhooks"), "counts"), lambda counts: not set(counts) - {"delivered"})
    receiver.forget()


def new_intent(sandbox: SandboxProcess) -> Document:
    return sandbox.post("/v1/payment_intents", amount="2500", currency="eur")


def signature_parts(header: str) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    for part in header.split(","):
        name, _, value = part.partition("=")
        parts.setdefault(name, []).append(value)
    return parts


def test_an_event_arrives_with_a_signature_over_its_bytes(sandbox: SandboxProcess, receiver: Receiver) -> None:
    intent = new_intent(sandbox)

    delivery = receiver.delivery()

    parts = signature_parts(delivery.headers["Stripe-Signature"])
    [timestamp] = parts["t"]
    signed = timestamp.encode() + b"." + delivery.body
    assert parts["v1"] == [hmac.new(WEBHOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()]
    assert abs(int(timestamp) - time.time()) < 60
    assert delivery.headers["Content-Type"] == "application/json; charset=utf-8"
    assert delivery.event["type"] == "payment_intent.created"
    assert section(delivery.event, "data", "object") == intent


def test_the_event_that_arrives_is_the_one_that_can_be_fetched(sandbox: SandboxProcess, receiver: Receiver) -> None:
    new_intent(sandbox)

    arrived = receiver.next()

    assert arrived["pending_webhooks"] == 1
    path = f"{EVENTS}/{arrived['id']}"
    fetched = until(lambda: sandbox.get(path), lambda event: event["pending_webhooks"] == 0)
    assert fetched == arrived | {"pending_webhooks": 0}


def test_a_payment_sends_its_events(sandbox: SandboxProcess, receiver: Receiver) -> None:
    paid(sandbox, capture_method="automatic")

    assert set(receiver.types(3)) == {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}


def test_what_is_not_taken_comes_again_the_same(sandbox: SandboxProcess, receiver: Receiver) -> None:
    receiver.refuse(500, 302, 404)
    new_intent(sandbox)
    deliveries = [receiver.delivery()]

    for _ in range(3):
        until(lambda: members(sandbox.get("/_control/webhooks"))[0], lambda waiting: waiting["status"] == "pending")
        sandbox.control("clock", {"advance_s": 3600})
        deliveries.append(receiver.delivery())

    assert len({delivery.body for delivery in deliveries}) == 1
    path = f"{EVENTS}/{deliveries[0].event['id']}"
    until(lambda: sandbox.get(path), lambda event: event["pending_webhooks"] == 0)


def test_undelivered_events_can_be_listed(sandbox: SandboxProcess, receiver: Receiver) -> None:
    sandbox.control("faults", {"on": "webhooks.payment_intent.created", "do": "delay", "delay_s": 600})
    late = new_intent(sandbox)

    [undelivered] = members(sandbox.get(EVENTS, delivery_success="false"))
    assert (section(undelivered, "data", "object")["id"], undelivered["pending_webhooks"]) == (late["id"], 1)
    delivered = members(sandbox.get(EVENTS, delivery_success="true", limit="100"))
    assert undelivered["id"] not in [event["id"] for event in delivered]

    sandbox.control("clock", {"advance_s": 600})
    assert receiver.next()["id"] == undelivered["id"]
