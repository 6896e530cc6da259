"""Idempotency keys (docs.stripe.com/api/idempotent_requests, docs.stripe.com/error-low-level)."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sandbox.asking import members, until
from tests.sandbox.wire import Answer, send
from tests.sandbox_process import SandboxProcess

PATH = "/v1/payment_intents"
EUROS = {"amount": "2500", "currency": "eur"}
DAY_S = 24 * 3600


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def create(sandbox: SandboxProcess, key: str, **more: str) -> Answer:
    return send(sandbox, "POST", PATH, {**EUROS, **more}, Idempotency_Key=key)


def test_the_same_request_under_its_key_is_answered_again_and_not_done_again(sandbox: SandboxProcess, key: str) -> None:
    first, second = create(sandbox, key), create(sandbox, key)

    assert (first.status, second.status) == (200, 200)
    assert second.raw == first.raw
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Original-Request"] == first.headers["Request-Id"]
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert second.headers["Request-Id"] != first.headers["Request-Id"]
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == key


def test_the_kept_answer_does_not_change_with_the_object(sandbox: SandboxProcess, key: str) -> None:
    first = create(sandbox, key)
    sandbox.post(f"{PATH}/{first.body['id']}", amount="9900")

    assert create(sandbox, key).body["amount"] == 2500


def test_the_order_of_parameters_does_not_matter(sandbox: SandboxProcess, key: str) -> None:
    first = send(sandbox, "POST", PATH, "amount=2500&currency=eur", Idempotency_Key=key)
    second = send(sandbox, "POST", PATH, "currency=eur&amount=2500", Idempotency_Key=key)

    assert (second.status, second.raw) == (200, first.raw)


def test_other_parameters_under_a_used_key_are_an_error(sandbox: SandboxProcess, key: str) -> None:
    create(sandbox, key)

    other = create(sandbox, key, description="other")

    assert (other.status, other.error["type"]) == (400, "idempotency_error")
    assert "same parameters" in str(other.error["message"])
    assert key in str(other.error["message"])
    assert create(sandbox, key).status == 200


def test_another_address_under_a_used_key_is_an_error(sandbox: SandboxProcess, key: str) -> None:
    intent = create(sandbox, key).body

    other = send(sandbox, "POST", f"{PATH}/{intent['id']}", EUROS, Idempotency_Key=key)

    assert (other.status, other.error["type"]) == (400, "idempotency_error")


def test_a_decline_is_kept_and_not_tried_again(sandbox: SandboxProcess, key: str) -> None:
    declined = {"payment_method": "pm_card_chargeDeclined", "confirm": "true", "allowed_payment_method_types[]": "card"}

    first, second = create(sandbox, key, **declined), create(sandbox, key, **declined)

    assert (first.status, second.status) == (402, 402)
    assert second.raw == first.raw
    assert second.headers["Idempotent-Replayed"] == "true"


def test_what_was_refused_before_it_began_is_not_kept(sandbox: SandboxProcess, key: str) -> None:
    refused = create(sandbox, key, amount="nothing")
    assert refused.status == 400

    assert create(sandbox, key).status == 200


def test_a_failure_of_the_server_is_kept_too(sandbox: SandboxProcess, key: str) -> None:
    sandbox.control("faults", {"on": "payment_intents.create", "when": "after", "status": 500})

    first, second = create(sandbox, key), create(sandbox, key)

    assert (first.status, second.status) == (500, 500)
    assert first.error["type"] == "api_error"
    assert second.error == first.error
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert create(sandbox, str(uuid.uuid4())).status == 200


def test_while_the_first_request_runs_a_second_one_is_a_conflict(sandbox: SandboxProcess, key: str) -> None:
    sandbox.control("faults", {"on": "payment_intents.create", "when": "before", "hold_s": 1.0})
    with ThreadPoolExecutor(1) as background:
        running = background.submit(create, sandbox, key)
        until(lambda: sandbox.get("/_control/state"), lambda state: state["faults"] == 0)

        second = create(sandbox, key)
        other_key = create(sandbox, str(uuid.uuid4()))

        assert (second.status, second.error["code"]) == (409, "idempotency_key_in_use")
        assert second.error["type"] == "invalid_request_error"
        assert str(second.error["message"]).startswith(
            "There is currently another in-progress request using this Idempotent Key"
        )
        assert other_key.status == 200
        assert running.result().status == 200
    assert create(sandbox, key).raw == running.result().raw


def test_of_many_at_once_under_one_key_one_is_done(sandbox: SandboxProcess, key: str) -> None:
    start = threading.Barrier(8)

    def race(_: int) -> Answer:
        start.wait()
        return create(sandbox, key, description=key)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(race, range(8)))

    assert {answer.status for answer in answers} <= {200, 409}
    listed = members(sandbox.get(PATH, limit="100"))
    assert len([intent for intent in listed if intent["description"] == key]) == 1


def test_reading_takes_no_key(sandbox: SandboxProcess, key: str) -> None:
    intent = create(sandbox, str(uuid.uuid4())).body
    path = f"{PATH}/{intent['id']}"
    send(sandbox, "GET", path, Idempotency_Key=key)
    sandbox.post(path, amount="9900")

    again = send(sandbox, "GET", path, Idempotency_Key=key)

    assert (again.status, again.body["amount"]) == (200, 9900)
    assert "Idempotent-Replayed" not in again.headers
    assert create(sandbox, key).status == 200


def test_a_key_has_up_to_255_characters(sandbox: SandboxProcess) -> None:
    assert create(sandbox, "k" * 255).status == 200
    too_long = create(sandbox, "k" * 256)
    assert (too_long.status, too_long.error["type"]) == (400, "invalid_request_error")


def test_without_a_key_the_same_request_is_done_twice(sandbox: SandboxProcess) -> None:
    first, second = (send(sandbox, "POST", PATH, EUROS) for _ in range(2))

    assert first.body["id"] != second.body["id"]
    assert "Original-Request" not in first.headers


def test_a_key_is_forgotten_after_a_day(sandbox: SandboxProcess, key: str) -> None:
    first = create(sandbox, key)
    sandbox.control("clock", {"advance_s": DAY_S - 60})
    assert create(sandbox, key).raw == first.raw

    sandbox.control("clock", {"advance_s": 60})

    anew = create(sandbox, key)
    assert (anew.status, anew.body["id"] != first.body["id"]) == (200, True)
    assert "Idempotent-Replayed" not in anew.headers
