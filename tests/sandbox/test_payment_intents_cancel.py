"""Cancel a PaymentIntent, in each of its states (docs.stripe.com/api/payment_intents/cancel)."""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Document, event_types, members, number, paid, refused, section
from tests.sandbox_process import SandboxProcess

PATH = "/v1/payment_intents"
CARD = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card"}


def canceled(sandbox: SandboxProcess, intent: Document, **form: str) -> Document:
    return sandbox.post(f"{PATH}/{intent['id']}/cancel", **form)


def in_state(sandbox: SandboxProcess, status: str) -> Document:
    match status:
        case "requires_payment_method":
            intent = sandbox.post(PATH, **CARD)
        case "requires_confirmation":
            intent = sandbox.post(PATH, **CARD, payment_method="pm_card_visa")
        case "requires_action":
            intent = paid(sandbox, "pm_card_threeDSecure2Required")
        case _:
            intent = paid(sandbox, capture_method="manual")
    assert intent["status"] == status
    return intent


@pytest.mark.parametrize(
    "status", ["requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"]
)
def test_what_took_no_money_yet_can_be_canceled(sandbox: SandboxProcess, status: str) -> None:
    intent = in_state(sandbox, status)

    over = canceled(sandbox, intent, cancellation_reason="abandoned")

    assert (over["status"], over["cancellation_reason"]) == ("canceled", "abandoned")
    assert (over["amount_capturable"], over["amount_received"], over["next_action"]) == (0, 0, None)
    assert number(over, "canceled_at") >= number(over, "created")
    assert event_types(sandbox, str(intent["id"]))[-1] == "payment_intent.canceled"


def test_a_canceled_hold_shows_nowhere_as_refunded(sandbox: SandboxProcess) -> None:
    held = in_state(sandbox, "requires_capture")

    canceled(sandbox, held)

    charge = sandbox.get(f"/v1/charges/{held['latest_charge']}")
    assert (charge["captured"], charge["refunded"], charge["amount_refunded"]) == (False, False, 0)
    assert members(sandbox.get("/v1/refunds", payment_intent=str(held["id"]))) == []
    assert members(sandbox.get("/v1/balance_transactions", source=str(charge["id"]))) == []


def test_a_canceled_intent_takes_no_further_operation(sandbox: SandboxProcess) -> None:
    intent = in_state(sandbox, "requires_confirmation")
    canceled(sandbox, intent)

    forms: dict[str, dict[str, str]] = {"/confirm": {}, "/capture": {}, "/cancel": {}, "": {"amount": "2600"}}
    for operation, form in forms.items():
        status, error = refused(sandbox, f"{PATH}/{intent['id']}{operation}", **form)
        assert (status, error["code"]) == (400, "payment_intent_unexpected_state")


def test_what_took_money_can_only_be_refunded(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox)

    status, error = refused(sandbox, f"{PATH}/{intent['id']}/cancel")

    assert (status, error["type"], error["code"]) == (400, "invalid_request_error", "payment_intent_unexpected_state")
    assert error["message"] == (
        "You cannot cancel this PaymentIntent because it has a status of succeeded. Only a PaymentIntent with one of "
        "the following statuses may be canceled: requires_payment_method, requires_capture, requires_reauthorization, "
        "requires_confirmation, requires_action, expired, processing."
    )
    assert section(error, "payment_intent")["id"] == intent["id"]


def test_only_documented_reasons_are_taken(sandbox: SandboxProcess) -> None:
    intent = in_state(sandbox, "requires_payment_method")

    for reason in ("automatic", "because"):
        status, error = refused(sandbox, f"{PATH}/{intent['id']}/cancel", cancellation_reason=reason)
        assert (status, error["param"]) == (400, "cancellation_reason")
        assert error["payment_intent"] == intent
    _, error = refused(sandbox, f"{PATH}/{intent['id']}/cancel", amount="2500", currency="eur")
    assert error["message"] == "Received unknown parameters: amount, currency"
    assert error["payment_intent"] == intent
