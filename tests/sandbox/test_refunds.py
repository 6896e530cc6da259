"""Refunds (docs.stripe.com/api/refunds: create, retrieve, update, list, cancel; docs.stripe.com/refunds;
docs.stripe.com/testing#refunds for the cards whose refunds pend or fail).
"""

from __future__ import annotations

import pytest

from tests.sandbox.asking import (
    Document,
    event_types,
    members,
    number,
    paid,
    refused,
    refused_get,
    section,
    until,
)
from tests.sandbox_process import SandboxProcess

PATH = "/v1/refunds"


@pytest.fixture
def intent(sandbox: SandboxProcess) -> Document:
    return paid(sandbox, capture_method="automatic")


def refund(sandbox: SandboxProcess, intent: Document, **form: str) -> Document:
    return sandbox.post(PATH, payment_intent=str(intent["id"]), **form)


def charge_of(sandbox: SandboxProcess, intent: Document) -> Document:
    return sandbox.get(f"/v1/charges/{intent['latest_charge']}")


def test_a_refund_gives_all_that_is_left_back(sandbox: SandboxProcess, intent: Document) -> None:
    made = refund(sandbox, intent, reason="requested_by_customer", **{"metadata[a]": "1"})

    assert (made["amount"], made["currency"], made["status"]) == (2500, "eur", "succeeded")
    assert (made["charge"], made["payment_intent"]) == (intent["latest_charge"], intent["id"])
    assert (made["reason"], made["metadata"]) == ("requested_by_customer", {"a": "1"})
    charge = charge_of(sandbox, intent)
    assert (charge["refunded"], charge["amount_refunded"], charge["amount_captured"]) == (True, 2500, 2500)
    assert event_types(sandbox, str(made["id"]))[0] == "refund.created"
    events = [str(event["type"]) for event in members(sandbox.get("/v1/events", limit="100"))]
    assert events.index("charge.refunded") < events.index("refund.created"), "the refund is told first"


def test_the_reference_of_a_refund_to_a_card_is_known_shortly_after(sandbox: SandboxProcess, intent: Document) -> None:
    """What Stripe sends then: airbytehq/airbyte, source-stripe, unit_tests (`charge.refund.updated`)."""
    made = refund(sandbox, intent)
    waiting = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    assert made["destination_details"] == {"card": waiting, "type": "card"}

    def card() -> Document:
        return section(sandbox.get(f"{PATH}/{made['id']}"), "destination_details", "card")

    assert until(card, lambda found: found["reference_status"] == "available")["reference"]
    assert event_types(sandbox, str(made["id"])) == ["refund.created", "refund.updated", "charge.refund.updated"]
    [event] = members(sandbox.get("/v1/events", type="refund.updated", limit="1"))
    changed = {"destination_details": {"card": {"reference": None, "reference_status": "pending"}}}
    assert section(event, "data", "previous_attributes") == changed


def test_the_intent_stays_succeeded_with_all_it_received(sandbox: SandboxProcess, intent: Document) -> None:
    refund(sandbox, intent)

    after = sandbox.get(f"/v1/payment_intents/{intent['id']}")
    assert (after["status"], after["amount_received"]) == ("succeeded", 2500)


def test_a_refunds_balance_transaction_takes_the_money_and_keeps_the_fee(
    sandbox: SandboxProcess, intent: Document
) -> None:
    made = refund(sandbox, intent, amount="1000")

    transaction = sandbox.get(f"/v1/balance_transactions/{made['balance_transaction']}")
    assert (transaction["type"], transaction["amount"], transaction["fee"]) == ("refund", -1000, 0)
    assert (transaction["net"], transaction["source"]) == (-1000, made["id"])


def test_parts_are_refunded_until_nothing_is_left(sandbox: SandboxProcess, intent: Document) -> None:
    refund(sandbox, intent, amount="1000")
    charge = charge_of(sandbox, intent)
    assert (charge["refunded"], charge["amount_refunded"]) == (False, 1000)

    assert refund(sandbox, intent)["amount"] == 1500
    status, error = refused(sandbox, PATH, payment_intent=str(intent["id"]))
    assert (status, error["code"]) == (400, "charge_already_refunded")
    assert error["message"] == f"Charge {charge['id']} has already been refunded."


def test_more_than_the_charge_or_its_rest_is_refused(sandbox: SandboxProcess, intent: Document) -> None:
    status, error = refused(sandbox, PATH, payment_intent=str(intent["id"]), amount="2501")
    assert (status, error["param"]) == (400, "amount")
    assert error["message"] == "Refund amount (€25.01) is greater than charge amount (€25.00)"

    refund(sandbox, intent, amount="1000")
    status, error = refused(sandbox, PATH, payment_intent=str(intent["id"]), amount="1501")
    assert (status, error["param"]) == (400, "amount")
    assert error["message"] == "Refund amount (€15.01) is greater than unrefunded amount on charge (€15.00)"
    assert charge_of(sandbox, intent)["amount_refunded"] == 1000


def test_of_a_part_that_was_captured_only_that_part_comes_back(sandbox: SandboxProcess) -> None:
    held = paid(sandbox, capture_method="manual")
    sandbox.post(f"/v1/payment_intents/{held['id']}/capture", amount_to_capture="1000")

    assert refused(sandbox, PATH, payment_intent=str(held["id"]), amount="1001")[0] == 400
    assert refund(sandbox, held)["amount"] == 1000
    charge = charge_of(sandbox, held)
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 1000)


@pytest.mark.parametrize("amount", ["0", "-1", "1.5"])
def test_an_amount_is_a_positive_whole_number(sandbox: SandboxProcess, intent: Document, amount: str) -> None:
    status, error = refused(sandbox, PATH, payment_intent=str(intent["id"]), amount=amount)

    assert (status, error["code"], error["param"]) == (400, "parameter_invalid_integer", "amount")


def test_what_took_no_money_cannot_be_refunded(sandbox: SandboxProcess) -> None:
    waiting = sandbox.post("/v1/payment_intents", amount="2500", currency="eur")
    held = paid(sandbox, capture_method="manual")

    status, error = refused(sandbox, PATH, payment_intent=str(waiting["id"]))
    assert (status, error["type"]) == (400, "invalid_request_error")
    assert error["message"] == f"This PaymentIntent ({waiting['id']}) does not have a successful charge to refund."
    for form in ({"payment_intent": str(held["id"])}, {"charge": str(held["latest_charge"])}):
        status, error = refused(sandbox, PATH, **form)
        assert (status, error["type"], error.get("code")) == (400, "invalid_request_error", None)
        uncaptured = f"This uncaptured Charge was created by a PaymentIntent ({held['id']}). You must cancel the "
        assert str(error["message"]).startswith(uncaptured)
    assert members(sandbox.get(PATH, payment_intent=str(held["id"]))) == []


def test_a_charge_that_failed_is_refused_as_its_payment_is(sandbox: SandboxProcess) -> None:
    declined = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", "confirm": "true"}
    _, decline = refused(sandbox, "/v1/payment_intents", payment_method="pm_card_chargeDeclined", **declined)

    status, error = refused(sandbox, PATH, charge=str(decline["charge"]))

    assert (status, error["type"]) == (400, "invalid_request_error")
    intent = section(decline, "payment_intent")["id"]
    assert error["message"] == f"This PaymentIntent ({intent}) does not have a successful charge to refund."


def test_a_refund_names_what_it_refunds(sandbox: SandboxProcess, intent: Document) -> None:
    status, error = refused(sandbox, PATH, amount="100")
    assert (status, error.get("code"), error.get("param")) == (400, None, None)
    assert error["message"] == (
        "One of the following params should be provided for this request: payment_intent or charge."
    )
    status, error = refused(sandbox, PATH, payment_intent="pi_none")
    assert (status, error["code"], error["param"]) == (400, "resource_missing", "payment_intent")
    status, error = refused(sandbox, PATH, charge="ch_none")
    assert (status, error["code"], error["param"]) == (404, "resource_missing", "id")

    made = sandbox.post(PATH, charge=str(intent["latest_charge"]), amount="100")
    assert made["payment_intent"] == intent["id"]


def test_only_documented_reasons_are_taken(sandbox: SandboxProcess, intent: Document) -> None:
    for reason in ("expired_uncaptured_charge", "regret"):
        status, error = refused(sandbox, PATH, payment_intent=str(intent["id"]), reason=reason)
        assert (status, error["param"]) == (400, "reason")


def test_a_pending_refund_counts_at_once_and_succeeds_later(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, "pm_card_pendingRefund", capture_method="automatic")

    made = refund(sandbox, intent)

    assert (made["status"], charge_of(sandbox, intent)["amount_refunded"]) == ("pending", 2500)
    sandbox.control("clock", {"advance_s": 10})
    until(lambda: sandbox.get(f"{PATH}/{made['id']}"), lambda found: found["status"] == "succeeded")
    assert event_types(sandbox, str(made["id"])) == ["refund.created", "refund.updated", "charge.refund.updated"]


def test_a_succeeded_refund_may_fail_later_and_the_money_comes_back(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, "pm_card_refundFail", capture_method="automatic")
    made = refund(sandbox, intent, amount="1000")
    assert made["status"] == "succeeded"

    sandbox.control("clock", {"advance_s": 10})
    failed = until(lambda: sandbox.get(f"{PATH}/{made['id']}"), lambda found: found["status"] == "failed")

    assert failed["failure_reason"]
    back = sandbox.get(f"/v1/balance_transactions/{failed['failure_balance_transaction']}")
    assert (back["type"], back["amount"]) == ("refund_failure", 1000)
    assert charge_of(sandbox, intent)["amount_refunded"] == 0
    assert {"refund.updated", "refund.failed"} <= set(event_types(sandbox, str(made["id"])))
    assert refund(sandbox, intent, amount="2500")["status"] == "succeeded"


def test_a_refunds_metadata_changes_and_nothing_else(sandbox: SandboxProcess, intent: Document) -> None:
    made = refund(sandbox, intent, **{"metadata[a]": "1", "metadata[b]": "2"})

    changed = sandbox.post(f"{PATH}/{made['id']}", **{"metadata[a]": "", "metadata[c]": "3"})

    assert changed["metadata"] == {"b": "2", "c": "3"}
    status, error = refused(sandbox, f"{PATH}/{made['id']}", amount="1")
    assert (status, error["code"]) == (400, "parameter_unknown")


def test_a_refund_to_a_card_cannot_be_canceled(sandbox: SandboxProcess, intent: Document) -> None:
    made = refund(sandbox, intent)

    status, error = refused(sandbox, f"{PATH}/{made['id']}/cancel")
    assert (status, error["message"]) == (400, "Canceling this refund is unsupported.")
    assert sandbox.get(f"{PATH}/{made['id']}")["status"] == "succeeded"


def test_refunds_are_listed_by_charge_and_by_payment(sandbox: SandboxProcess, intent: Document) -> None:
    first, second = refund(sandbox, intent, amount="100"), refund(sandbox, intent, amount="200")
    refund(sandbox, paid(sandbox, capture_method="automatic"))

    for filters in ({"charge": str(intent["latest_charge"])}, {"payment_intent": str(intent["id"])}):
        listed = sandbox.get(PATH, **filters)
        assert [member["id"] for member in members(listed)] == [second["id"], first["id"]]
    expanded = sandbox.get(f"/v1/charges/{intent['latest_charge']}", **{"expand[]": "refunds"})
    refunds = section(expanded, "refunds")
    assert (len(members(refunds)), refunds["has_more"]) == (2, False)
    assert refunds["url"] == f"/v1/charges/{intent['latest_charge']}/refunds"


def test_an_unknown_refund_is_not_found(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, f"{PATH}/re_none")

    assert (status, error["code"]) == (404, "resource_missing")
    assert error["message"] == "No such refund: 're_none'"


def test_the_event_of_a_refund_tells_what_changed_on_the_charge(sandbox: SandboxProcess, intent: Document) -> None:
    refund(sandbox, intent, amount="700")

    [event] = members(sandbox.get("/v1/events", type="charge.refunded", limit="1"))
    assert number(section(event, "data", "object"), "amount_refunded") == 700
    assert section(event, "data", "previous_attributes") == {"amount_refunded": 0}
