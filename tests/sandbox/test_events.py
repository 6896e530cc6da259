"""Events (docs.stripe.com/api/events: the object, retrieve, list; docs.stripe.com/api/events/types)."""

from __future__ import annotations

from tests.sandbox.asking import Document, members, number, paid, refused_get, section, until
from tests.sandbox.wire import send
from tests.sandbox_process import SandboxProcess

PATH = "/v1/events"
DAY_S = 24 * 3600


def newest(sandbox: SandboxProcess, event_type: str) -> Document:
    return members(sandbox.get(PATH, type=event_type, limit="1"))[0]


def test_an_event_keeps_the_object_as_it_was_then(sandbox: SandboxProcess) -> None:
    intent = sandbox.post("/v1/payment_intents", amount="2500", currency="eur")
    sandbox.post(f"/v1/payment_intents/{intent['id']}", amount="9900")

    event = newest(sandbox, "payment_intent.created")

    assert (event["object"], event["type"], event["livemode"]) == ("event", "payment_intent.created", False)
    assert event["api_version"] == "2026-10-28.endive"
    assert str(event["id"]).startswith("evt_")
    assert section(event, "data") == {"object": intent}
    assert sandbox.get(f"{PATH}/{event['id']}") == event


def test_an_event_names_the_request_and_key_that_caused_it(sandbox: SandboxProcess) -> None:
    form = {"amount": "2500", "currency": "eur"}
    answer = send(sandbox, "POST", "/v1/payment_intents", form, Idempotency_Key="the-key")

    event = newest(sandbox, "payment_intent.created")

    assert section(event, "request") == {"id": answer.headers["Request-Id"], "idempotency_key": "the-key"}
    paid(sandbox)
    assert section(newest(sandbox, "charge.succeeded"), "request")["idempotency_key"] is None


def test_without_a_webhook_endpoint_none_is_pending(sandbox: SandboxProcess) -> None:
    paid(sandbox)

    assert newest(sandbox, "charge.succeeded")["pending_webhooks"] == 0


def test_events_are_listed_newest_first_by_type_by_types_and_by_time(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, capture_method="automatic")
    sandbox.post("/v1/refunds", payment_intent=str(intent["id"]))

    refunds = members(sandbox.get(PATH, type="refund.*"))
    assert {event["type"] for event in refunds} == {"refund.created"}
    both = members(sandbox.get(PATH, **{"types[0]": "charge.refunded", "types[1]": "charge.succeeded"}))
    assert {event["type"] for event in both} == {"charge.refunded", "charge.succeeded"}
    last = both[0]
    assert last["type"] == "charge.refunded"
    assert members(sandbox.get(PATH, **{"created[gt]": str(number(last, "created"))})) == []
    after = members(sandbox.get(PATH, starting_after=str(last["id"]), limit="100"))
    assert last["id"] not in [event["id"] for event in after]


def test_type_and_types_exclude_each_other_and_there_are_twenty_at_most(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, PATH, **{"type": "charge.succeeded", "types[]": "charge.failed"})
    assert (status, error["type"]) == (400, "invalid_request_error")

    many = {f"types[{position}]": "charge.succeeded" for position in range(21)}
    status, error = refused_get(sandbox, PATH, **many)
    assert (status, error["param"]) == (400, "types")


def test_what_changed_is_told_with_its_value_before(sandbox: SandboxProcess) -> None:
    held = paid(sandbox, capture_method="manual")
    sandbox.post(f"/v1/payment_intents/{held['id']}/capture", amount_to_capture="1000")

    before = section(newest(sandbox, "charge.captured"), "data", "previous_attributes")

    assert before == {"captured": False, "amount_captured": 0, "balance_transaction": None}


def test_what_vanished_is_told_with_its_value_before_and_what_is_new_was_null(sandbox: SandboxProcess) -> None:
    refund = sandbox.post("/v1/refunds", payment_intent=str(paid(sandbox)["id"]), **{"metadata[a]": "1"})
    sandbox.post(f"/v1/refunds/{refund['id']}", **{"metadata[a]": "", "metadata[b]": "2"})

    before = section(newest(sandbox, "refund.updated"), "data", "previous_attributes")

    assert before == {"metadata": {"a": "1", "b": None}}


def test_the_reason_for_pending_is_told_when_it_vanishes(sandbox: SandboxProcess) -> None:
    refund = sandbox.post("/v1/refunds", payment_intent=str(paid(sandbox, "pm_card_pendingRefund")["id"]))
    sandbox.control(f"refunds/{refund['id']}/succeed", {})

    before = section(newest(sandbox, "refund.updated"), "data", "previous_attributes")

    assert (before["status"], before["pending_reason"]) == ("pending", "processing")


def test_an_unknown_event_is_not_found(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, f"{PATH}/evt_none")

    assert (status, error["code"], error["message"]) == (404, "resource_missing", "No such event: 'evt_none'")


def test_events_are_kept_for_thirty_days(sandbox: SandboxProcess) -> None:
    paid(sandbox)
    event = newest(sandbox, "payment_intent.succeeded")

    sandbox.control("clock", {"advance_s": 30 * DAY_S})

    assert refused_get(sandbox, f"{PATH}/{event['id']}")[0] == 404
    until(lambda: sandbox.get(PATH, type="payment_intent.*"), lambda found: members(found) == [])
