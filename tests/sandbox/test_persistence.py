"""What the sandbox was told survives its end, by its own will or by `kill -9`."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.sandbox.asking import Document, members, paid, section, until
from tests.sandbox.receiver import Receiver, receiving
from tests.sandbox.wire import authenticate, send
from tests.sandbox_process import SandboxProcess, running_sandbox

DAY_S = 24 * 3600


def ended(sandbox: SandboxProcess, by: signal.Signals) -> None:
    sandbox.process.send_signal(by)
    sandbox.process.wait(timeout=15)


def all_of(sandbox: SandboxProcess) -> dict[str, list[Document]]:
    kinds = ("payment_intents", "charges", "refunds", "events", "balance_transactions")
    return {kind: members(sandbox.get(f"/v1/{kind}", limit="100")) for kind in kinds}


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_objects_keys_and_time_outlive_the_process(tmp_path: Path, by: signal.Signals) -> None:
    form = {"amount": "2500", "currency": "eur"}
    with running_sandbox(tmp_path) as first:
        first.control("clock", {"advance_s": DAY_S})
        intent = paid(first, capture_method="automatic")
        refund = first.post("/v1/refunds", payment_intent=str(intent["id"]), amount="100")
        until(lambda: first.get(f"/v1/refunds/{refund['id']}"), _has_its_reference)  # nothing changes by itself then
        token = first.token("pm_card_visa")
        keyed = send(first, "POST", "/v1/payment_intents", form, Idempotency_Key="before")
        before, now = all_of(first), first.get("/_control/state")["now"]
        ended(first, by)

    with running_sandbox(tmp_path) as second:
        assert all_of(second) == before
        assert second.get(f"/v1/confirmation_tokens/{token}")["payment_intent"] is None
        again = send(second, "POST", "/v1/payment_intents", form, Idempotency_Key="before")
        assert (again.raw, again.headers["Idempotent-Replayed"]) == (keyed.raw, "true")
        assert int(str(second.get("/_control/state")["now"])) >= int(str(now))


def _has_its_reference(refund: Document) -> bool:
    return section(refund, "destination_details", "card")["reference_status"] == "available"


def test_an_authentication_goes_on_after_a_restart_on_the_same_port(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first:
        port = int(first.url.rpartition(":")[2])
        intent = paid(first, "pm_card_threeDSecure2Required", return_url="https://shop.test/back")
        ended(first, signal.SIGKILL)

    with running_sandbox(tmp_path, port=port) as second:
        authenticate(intent, "complete")
        assert second.get(f"/v1/payment_intents/{intent['id']}")["status"] == "succeeded"


def test_what_was_to_happen_later_still_happens(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first:
        held = paid(first, capture_method="manual")
        refunded = paid(first, "pm_card_pendingRefund", capture_method="automatic")
        refund = first.post("/v1/refunds", payment_intent=str(refunded["id"]))
        ended(first, signal.SIGKILL)

    with running_sandbox(tmp_path) as second:
        second.control("clock", {"advance_s": 8 * DAY_S})
        becomes(second, f"/v1/payment_intents/{held['id']}", "canceled")
        becomes(second, f"/v1/refunds/{refund['id']}", "succeeded")


def becomes(sandbox: SandboxProcess, path: str, status: str) -> None:
    until(lambda: sandbox.get(path), lambda found: found["status"] == status)


def test_a_webhook_that_was_not_taken_before_the_end_comes_afterwards(tmp_path: Path) -> None:
    with receiving() as receiver:
        event = _refused_once(receiver, tmp_path)

        with running_sandbox(tmp_path, webhook_url=receiver.url) as second:
            second.control("clock", {"advance_s": DAY_S})
            again = receiver.next()

    assert again["id"] == event["id"]
    assert section(again, "data", "object") == section(event, "data", "object")


def _refused_once(receiver: Receiver, state: Path) -> Document:
    receiver.refuse(500)
    with running_sandbox(state, webhook_url=receiver.url) as first:
        first.post("/v1/payment_intents", amount="2500", currency="eur")
        event = receiver.next()
        until(lambda: section(first.get("/_control/webhooks"), "counts"), lambda counts: "sending" not in counts)
        ended(first, signal.SIGKILL)
    return event
