"""Faults (docs/sandbox.md): what a shop sees while the gateway or the way to it fails.

How Stripe's own API fails: docs.stripe.com/api/errors, docs.stripe.com/error-low-level (500s and dropped connections),
docs.stripe.com/rate-limits and docs.stripe.com/api/idempotent_requests.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.sandbox.asking import Document, members, refused_order
from tests.sandbox.receiver import Receiver, receiving
from tests.sandbox_process import SECRET_KEY, SandboxProcess, running_sandbox

HOLD_S = 1.0
IMPATIENCE_S = 0.3


@pytest.fixture(autouse=True)
def _clear(sandbox: SandboxProcess) -> Iterator[None]:
    yield
    requests.delete(f"{sandbox.url}/_control/faults", timeout=10)


def create(sandbox: SandboxProcess, order: str, key: str = "", timeout_s: float = 10) -> requests.Response:
    """Open a PaymentIntent that can be told by its `order`."""
    return requests.post(
        f"{sandbox.url}/v1/payment_intents",
        data={"amount": "2500", "currency": "eur", "metadata[order]": order},
        headers={"Idempotency-Key": key} if key else {},
        auth=(SECRET_KEY, ""),
        timeout=timeout_s,
    )


def made(sandbox: SandboxProcess, order: str) -> int:
    """How many PaymentIntents the account has for an order."""
    intents = members(sandbox.get("/v1/payment_intents", limit="100"))
    return sum(intent["metadata"] == {"order": order} for intent in intents)


def arm(sandbox: SandboxProcess, on: str = "payment_intents.create", **fault: object) -> Document:
    return sandbox.control("faults", {"on": on, **fault})


@pytest.fixture
def order() -> str:
    return str(uuid.uuid4())


def test_an_answer_held_back_comes_too_late_though_the_work_is_done(sandbox: SandboxProcess, order: str) -> None:
    arm(sandbox, when="after", hold_s=HOLD_S)

    with pytest.raises(requests.ReadTimeout):
        create(sandbox, order, timeout_s=IMPATIENCE_S)

    assert made(sandbox, order) == 1


def test_a_request_held_up_is_done_after_its_caller_has_given_up(sandbox: SandboxProcess, order: str) -> None:
    arm(sandbox, when="before", hold_s=HOLD_S)

    with pytest.raises(requests.ReadTimeout):
        create(sandbox, order, key=order, timeout_s=IMPATIENCE_S)
    at_once = made(sandbox, order)
    meanwhile = create(sandbox, order, key=order)
    while (later := create(sandbox, order, key=order)).status_code == 409:
        time.sleep(0.05)

    assert (at_once, meanwhile.status_code) == (0, 409)
    assert (later.status_code, made(sandbox, order)) == (200, 1)


@pytest.mark.parametrize(("when", "done"), [("before", 0), ("after", 1)])
def test_the_connection_is_dropped_before_or_after_the_work(
    sandbox: SandboxProcess, order: str, when: str, done: int
) -> None:
    arm(sandbox, when=when, drop=True)

    with pytest.raises(requests.ConnectionError):
        create(sandbox, order)

    assert made(sandbox, order) == done
    assert create(sandbox, order).status_code == 200


@pytest.mark.parametrize(("when", "done"), [("before", 0), ("after", 1)])
def test_a_500_is_kept_under_its_key_whether_or_not_the_work_was_done(
    sandbox: SandboxProcess, order: str, when: str, done: int
) -> None:
    """docs.stripe.com/api/idempotent_requests: the first answer is stored, 500 errors included."""
    arm(sandbox, when=when, status=500)

    first, again = create(sandbox, order, key=order), create(sandbox, order, key=order)

    assert (first.status_code, again.status_code) == (500, 500)
    assert first.json()["error"]["type"] == "api_error"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert made(sandbox, order) == done


@pytest.mark.parametrize("status", [502, 503])
@pytest.mark.parametrize(("when", "done"), [("before", 0), ("after", 1)])
def test_a_gateway_in_between_fails_with_a_page_and_is_not_remembered(
    sandbox: SandboxProcess, order: str, status: int, when: str, done: int
) -> None:
    arm(sandbox, when=when, status=status)

    first = create(sandbox, order, key=order)
    before_again = made(sandbox, order)
    again = create(sandbox, order, key=order)

    assert (first.status_code, first.headers["Content-Type"]) == (status, "text/html")
    assert (before_again, made(sandbox, order)) == (done, 1)
    assert again.status_code == 200


@pytest.mark.parametrize("status", [409, 429, 502, 503])
def test_what_stands_before_the_keys_strikes_a_key_that_has_its_answer(
    sandbox: SandboxProcess, order: str, status: int
) -> None:
    """docs.stripe.com/error-low-level#idempotency: rate limiters run before the idempotency layer."""
    assert create(sandbox, order, key=order).status_code == 200
    arm(sandbox, when="before", status=status)

    struck, again = create(sandbox, order, key=order), create(sandbox, order, key=order)

    assert (struck.status_code, again.status_code) == (status, 200)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_connection_may_break_and_an_answer_be_late_for_a_key_that_has_its_answer(
    sandbox: SandboxProcess, order: str
) -> None:
    create(sandbox, order, key=order)

    arm(sandbox, when="before", drop=True)
    with pytest.raises(requests.ConnectionError):
        create(sandbox, order, key=order)
    arm(sandbox, when="before", hold_s=HOLD_S)
    with pytest.raises(requests.ReadTimeout):
        create(sandbox, order, key=order, timeout_s=IMPATIENCE_S)

    assert made(sandbox, order) == 1


def test_stripes_own_failure_waits_for_a_key_without_an_answer(sandbox: SandboxProcess, order: str) -> None:
    create(sandbox, order, key=order)
    arm(sandbox, when="before", status=500)

    assert create(sandbox, order, key=order).status_code == 200
    assert create(sandbox, order, key=f"{order}-2").status_code == 500


@pytest.mark.parametrize("status", [409, 429, 500])
def test_a_failure_of_the_api_has_the_headers_of_every_answer(sandbox: SandboxProcess, order: str, status: int) -> None:
    arm(sandbox, when="before", status=status)

    headers = create(sandbox, order, key=order).headers

    assert (headers["Stripe-Version"], headers["Idempotency-Key"]) == ("2026-10-28.endive", order)
    assert headers["Request-Id"] == headers["Original-Request"]


def test_too_many_requests_are_told_when_to_come_back(sandbox: SandboxProcess, order: str) -> None:
    """docs.stripe.com/rate-limits"""
    arm(sandbox, when="before", status=429, retry_after_s=7)

    limited = create(sandbox, order, key=order)

    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert limited.json()["error"]["code"] == "rate_limit"
    assert made(sandbox, order) == 0
    assert create(sandbox, order, key=order).status_code == 200


def test_a_key_that_is_in_use_conflicts(sandbox: SandboxProcess, order: str) -> None:
    """docs.stripe.com/error-codes#idempotency-key-in-use"""
    arm(sandbox, when="before", status=409)

    conflict = create(sandbox, order, key=order)

    assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    assert conflict.headers["Stripe-Should-Retry"] == "true"
    assert create(sandbox, order, key=order).status_code == 200


def test_a_slow_answer_keeps_its_reader_waiting_though_bytes_come(sandbox: SandboxProcess, order: str) -> None:
    """Byte by byte: no pause is as long as the reader's time-out, and the whole takes longer than it."""
    arm(sandbox, slow_s=HOLD_S)

    started = time.monotonic()
    answer = create(sandbox, order, timeout_s=IMPATIENCE_S)

    assert answer.status_code == 200
    assert time.monotonic() - started > IMPATIENCE_S


def test_a_fault_strikes_as_often_as_it_was_told_and_then_is_gone(sandbox: SandboxProcess, order: str) -> None:
    arm(sandbox, when="before", status=503, times=2)

    statuses = [create(sandbox, order).status_code for _ in range(3)]

    assert statuses == [503, 503, 200]
    assert sandbox.get("/_control/faults")["data"] == []


def test_a_fault_strikes_only_where_it_was_set(sandbox: SandboxProcess, order: str) -> None:
    arm(sandbox, "refunds.*", when="before", status=503)

    assert create(sandbox, order).status_code == 200
    refused = requests.post(f"{sandbox.url}/v1/refunds", data={"charge": "ch_1"}, auth=(SECRET_KEY, ""), timeout=10)
    assert refused.status_code == 503


def test_a_storm_strikes_a_share_of_the_calls_alike_for_the_same_seed(sandbox: SandboxProcess, order: str) -> None:
    def storm(seed: int) -> list[int]:
        requests.delete(f"{sandbox.url}/_control/faults", timeout=10)
        arm(sandbox, when="before", status=503, share=0.3, seed=seed, times=1000)
        return [create(sandbox, order).status_code for _ in range(60)]

    first, again, another = storm(7), storm(7), storm(8)

    assert first == again
    assert first != another
    assert 6 <= first.count(503) <= 32


def test_faults_outlive_a_kill(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as killed:
        arm(killed, when="before", status=503)
        killed.process.kill()
        killed.process.wait()

    with running_sandbox(tmp_path) as restarted:
        assert create(restarted, "any").status_code == 503


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({}, "needs `on`"),
        ({"on": 7, "status": 500}, "`on` cannot be 7"),
        ({"on": "charges.list"}, "does nothing"),
        ({"on": "charges.list", "status": 418}, "one of 409"),
        ({"on": "charges.list", "status": 500, "when": "during"}, "`when` is"),
        ({"on": "charges.list", "status": 500, "times": 0}, "at least 1"),
        ({"on": "charges.list", "status": 500, "times": "2"}, "`times` cannot be '2'"),
        ({"on": "charges.list", "status": 500, "share": 1.5}, "`share`"),
        ({"on": "charges.list", "status": 500, "retry_after_s": 1}, "goes with `status` 429"),
        ({"on": "charges.list", "hold_s": -1}, "below zero"),
        ({"on": "charges.list", "slow_s": 1, "when": "before"}, "goes with `when` `after`"),
        ({"on": "charges.list", "explode": True}, "Unknown fields: explode"),
        ({"on": "webhooks", "status": 500}, "take `do`"),
        ({"on": "webhooks", "do": "burn"}, "one of lose"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox: SandboxProcess, fault: Document, reason: str) -> None:
    assert reason in refused_order(sandbox, "faults", fault)
    assert sandbox.get("/_control/faults")["data"] == []


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture
def sending(receiver: Receiver, tmp_path: Path) -> Iterator[SandboxProcess]:
    """A sandbox that sends its events to the receiver."""
    with running_sandbox(tmp_path, webhook_url=receiver.url) as process:
        yield process


def canceled(sandbox: SandboxProcess, order: str) -> None:
    """Cause one event: `payment_intent.canceled`, after `payment_intent.created`."""
    intent = create(sandbox, order).json()
    sandbox.post(f"/v1/payment_intents/{intent['id']}/cancel")


def test_a_lost_webhook_never_comes_but_its_event_can_be_listed(
    sending: SandboxProcess, receiver: Receiver, order: str
) -> None:
    arm(sending, "webhooks.payment_intent.created", do="lose")

    canceled(sending, order)

    assert receiver.types(1) == ["payment_intent.canceled"]
    listed = [event["type"] for event in members(sending.get("/v1/events"))]
    assert listed == ["payment_intent.canceled", "payment_intent.created"]


def test_a_doubled_webhook_comes_twice_with_one_id(sending: SandboxProcess, receiver: Receiver, order: str) -> None:
    arm(sending, "webhooks.payment_intent.created", do="double")

    create(sending, order)

    assert receiver.next()["id"] == receiver.next()["id"]


def test_a_delayed_webhook_comes_when_its_time_is_over(sending: SandboxProcess, receiver: Receiver, order: str) -> None:
    arm(sending, "webhooks.payment_intent.created", do="delay", delay_s=3 * 24 * 3600)

    canceled(sending, order)

    assert receiver.types(1) == ["payment_intent.canceled"]
    sending.control("clock", {"advance_s": 3 * 24 * 3600})
    assert receiver.types(1) == ["payment_intent.created"]


def test_a_reordered_webhook_is_overtaken(sending: SandboxProcess, receiver: Receiver, order: str) -> None:
    arm(sending, "webhooks", do="reorder")

    canceled(sending, order)

    assert receiver.types(2) == ["payment_intent.canceled", "payment_intent.created"]


def test_an_event_is_sent_again_on_order(sending: SandboxProcess, receiver: Receiver, order: str) -> None:
    create(sending, order)
    event = receiver.next()

    sending.control(f"webhooks/{event['id']}/redeliver", {})

    assert receiver.next() == event
