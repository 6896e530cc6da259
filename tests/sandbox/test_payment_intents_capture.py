"""Capture a PaymentIntent, and let its authorization run out (docs.stripe.com/api/payment_intents/capture,
docs.stripe.com/payments/place-a-hold-on-a-payment-method).
"""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Document, event_types, members, number, paid, refused, section, until
from tests.sandbox_process import SandboxProcess

PATH = "/v1/payment_intents"
DAY_S = 24 * 3600


@pytest.fixture
def held(sandbox: SandboxProcess) -> Document:
    return paid(sandbox, capture_method="manual")


def charge_of(sandbox: SandboxProcess, intent: Document) -> Document:
    return sandbox.get(f"/v1/charges/{intent['latest_charge']}")


def test_an_authorization_holds_the_money_and_books_nothing(sandbox: SandboxProcess, held: Document) -> None:
    charge = charge_of(sandbox, held)

    assert (held["status"], held["amount_capturable"], held["amount_received"]) == ("requires_capture", 2500, 0)
    assert (charge["captured"], charge["amount_captured"], charge["paid"]) == (False, 0, True)
    assert charge["balance_transaction"] is None
    card = section(charge, "payment_method_details", "card")
    assert number(card, "capture_before") - number(charge, "created") == 7 * DAY_S
    assert event_types(sandbox, str(held["id"])) == [
        "payment_intent.created",
        "payment_intent.amount_capturable_updated",
    ]


def test_capturing_all_takes_what_was_held(sandbox: SandboxProcess, held: Document) -> None:
    captured = sandbox.post(f"{PATH}/{held['id']}/capture")

    charge = charge_of(sandbox, held)
    assert (captured["status"], captured["amount_received"], captured["amount_capturable"]) == ("succeeded", 2500, 0)
    assert (charge["captured"], charge["amount_captured"], charge["amount_refunded"]) == (True, 2500, 0)
    assert event_types(sandbox, str(held["latest_charge"]))[:2] == ["charge.succeeded", "charge.captured"]
    assert event_types(sandbox, str(held["id"]))[-1] == "payment_intent.succeeded"


def test_capturing_a_part_releases_the_rest_for_good(sandbox: SandboxProcess, held: Document) -> None:
    captured = sandbox.post(f"{PATH}/{held['id']}/capture", amount_to_capture="1000")

    charge = charge_of(sandbox, held)
    assert (captured["amount"], captured["amount_received"], captured["amount_capturable"]) == (2500, 1000, 0)
    assert (charge["amount"], charge["amount_captured"], charge["amount_refunded"]) == (2500, 1000, 0)
    assert charge["refunded"] is False
    assert members(sandbox.get("/v1/refunds", charge=str(charge["id"]))) == []
    status, error = refused(sandbox, f"{PATH}/{held['id']}/capture", amount_to_capture="1500")
    assert (status, error["code"]) == (400, "payment_intent_unexpected_state")


def test_a_captured_charge_is_settled_with_a_balance_transaction(sandbox: SandboxProcess, held: Document) -> None:
    sandbox.post(f"{PATH}/{held['id']}/capture", amount_to_capture="1000")

    charge = until(lambda: charge_of(sandbox, held), lambda found: found["balance_transaction"] is not None)

    assert sandbox.get(f"/v1/balance_transactions/{charge['balance_transaction']}")["amount"] == 1000


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"amount_to_capture": "2501"}, "amount_too_large", None),
        ({"amount_to_capture": "0"}, "parameter_invalid_integer", "amount"),
        ({"amount_to_capture": "-1"}, None, "amount_to_capture"),
        ({"final_capture": "false"}, None, "final_capture"),
        ({"amount": "100"}, "parameter_unknown", "amount"),
    ],
)
def test_what_cannot_be_captured_leaves_the_hold(
    sandbox: SandboxProcess, held: Document, form: dict[str, str], code: str | None, param: str | None
) -> None:
    status, error = refused(sandbox, f"{PATH}/{held['id']}/capture", **form)

    assert (status, error["type"]) == (400, "invalid_request_error")
    assert (error.get("code"), error.get("param")) == (code, param)
    assert error["payment_intent"] == held
    assert sandbox.get(f"{PATH}/{held['id']}")["status"] == "requires_capture"


def test_only_a_hold_can_be_captured(sandbox: SandboxProcess) -> None:
    succeeded = paid(sandbox)
    waiting = sandbox.post(PATH, amount="2500", currency="eur")

    for intent in (succeeded, waiting):
        status, error = refused(sandbox, f"{PATH}/{intent['id']}/capture")
        assert (status, error["code"]) == (400, "payment_intent_unexpected_state")
        assert section(error, "payment_intent")["status"] == intent["status"]


def test_words_and_metadata_can_come_with_the_capture(sandbox: SandboxProcess, held: Document) -> None:
    form = {"statement_descriptor_suffix": "LATE", "metadata[shipped]": "yes"}
    captured = sandbox.post(f"{PATH}/{held['id']}/capture", **form)

    charge = charge_of(sandbox, held)
    assert (captured["statement_descriptor_suffix"], captured["metadata"]) == ("LATE", {"shipped": "yes"})
    assert charge["statement_descriptor_suffix"] == "LATE"
    assert charge["calculated_statement_descriptor"] == "TILLGATE* LATE"


def test_capturing_too_much_tells_of_the_hold_that_is_still_there(sandbox: SandboxProcess, held: Document) -> None:
    """github.com/Automattic/woocommerce-payments/pull/7581 reads the status out of this error."""
    _, error = refused(sandbox, f"{PATH}/{held['id']}/capture", amount_to_capture="2501")

    assert error["message"] == (
        "The payment could not be captured because the requested capture amount is greater than the amount you can "
        "capture for this charge. Contact us via https://support.stripe.com/contact/ for help."
    )
    assert section(error, "payment_intent") == held


def test_a_hold_that_nobody_captures_expires_after_seven_days(sandbox: SandboxProcess, held: Document) -> None:
    sandbox.control("clock", {"advance_s": 7 * DAY_S})

    expired = until(lambda: sandbox.get(f"{PATH}/{held['id']}"), lambda found: found["status"] == "canceled")

    charge = charge_of(sandbox, held)
    assert (expired["cancellation_reason"], expired["amount_capturable"]) == ("expired", 0)
    assert (charge["captured"], charge["refunded"], charge["amount_refunded"]) == (False, False, 0)
    assert "charge.expired" in event_types(sandbox, str(charge["id"]))
    assert refused(sandbox, f"{PATH}/{held['id']}/capture")[0] == 400
