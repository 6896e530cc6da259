"""Confirm a PaymentIntent (docs.stripe.com/api/payment_intents/confirm; for its states
docs.stripe.com/payments/paymentintents/lifecycle).

ConfirmationTokens have a module of their own, and so has 3-D Secure.
"""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Document, event_types, members, paid, refused, section
from tests.sandbox.wire import send
from tests.sandbox_process import PUBLISHABLE_KEY, SandboxProcess

PATH = "/v1/payment_intents"
DECLINED = "pm_card_chargeDeclined"


@pytest.fixture
def intent(sandbox: SandboxProcess) -> Document:
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", "description": "Tea"}
    return sandbox.post(PATH, **form, **{"metadata[reference]": "r-1"})


def confirmed(sandbox: SandboxProcess, intent: Document, **form: str) -> Document:
    return sandbox.post(f"{PATH}/{intent['id']}/confirm", **form)


def not_confirmed(sandbox: SandboxProcess, intent: Document, **form: str) -> tuple[int, Document]:
    return refused(sandbox, f"{PATH}/{intent['id']}/confirm", **form)


def charges(sandbox: SandboxProcess, intent: Document) -> list[Document]:
    return members(sandbox.get("/v1/charges", payment_intent=str(intent["id"])))


def test_a_confirmed_intent_has_charged_the_card(sandbox: SandboxProcess, intent: Document) -> None:
    done = confirmed(sandbox, intent, payment_method="pm_card_visa")

    assert (done["status"], done["amount_received"], done["last_payment_error"]) == ("succeeded", 2500, None)
    [charge] = charges(sandbox, intent)
    assert charge["id"] == done["latest_charge"]
    assert (charge["amount"], charge["captured"], charge["paid"], charge["status"]) == (2500, True, True, "succeeded")
    assert (charge["description"], charge["metadata"]) == ("Tea", {"reference": "r-1"})
    assert event_types(sandbox, str(charge["id"]))[0] == "charge.succeeded"
    assert event_types(sandbox, str(intent["id"])) == ["payment_intent.created", "payment_intent.succeeded"]


def test_an_attached_method_needs_no_second_mention(sandbox: SandboxProcess, intent: Document) -> None:
    sandbox.post(f"{PATH}/{intent['id']}", payment_method="pm_card_visa")

    assert confirmed(sandbox, intent)["status"] == "succeeded"


def test_without_any_method_there_is_nothing_to_confirm(sandbox: SandboxProcess, intent: Document) -> None:
    status, error = not_confirmed(sandbox, intent)

    assert (status, error["code"]) == (400, "payment_intent_unexpected_state")
    assert section(error, "payment_intent")["status"] == "requires_payment_method"


def test_a_decline_fails_the_attempt_and_not_the_intent(sandbox: SandboxProcess, intent: Document) -> None:
    status, error = not_confirmed(sandbox, intent, payment_method=DECLINED)

    now = sandbox.get(f"{PATH}/{intent['id']}")
    [charge] = charges(sandbox, intent)
    assert (status, error["type"], error["code"]) == (402, "card_error", "card_declined")
    assert section(error, "payment_intent") == now
    assert (now["status"], now["payment_method"]) == ("requires_payment_method", None)
    assert now["latest_charge"] == charge["id"] == error["charge"]
    assert (charge["status"], charge["paid"], charge["failure_code"]) == ("failed", False, "card_declined")
    last = section(now, "last_payment_error")
    assert (last["code"], last["decline_code"], last["charge"]) == ("card_declined", "generic_decline", charge["id"])
    assert section(last, "payment_method")["id"] == charge["payment_method"]


def test_another_attempt_after_a_decline_makes_one_more_charge(sandbox: SandboxProcess, intent: Document) -> None:
    not_confirmed(sandbox, intent, payment_method=DECLINED)

    done = confirmed(sandbox, intent, payment_method="pm_card_visa")

    assert (done["status"], done["last_payment_error"]) == ("succeeded", None)
    assert [charge["status"] for charge in charges(sandbox, intent)] == ["succeeded", "failed"]


def test_a_succeeded_intent_never_charges_again(sandbox: SandboxProcess, intent: Document) -> None:
    confirmed(sandbox, intent, payment_method="pm_card_visa")

    status, error = not_confirmed(sandbox, intent, payment_method="pm_card_visa")

    assert (status, error["code"]) == (400, "payment_intent_unexpected_state")
    assert "already succeeded" in str(error["message"])
    assert len(charges(sandbox, intent)) == 1


def test_a_canceled_or_authorized_intent_cannot_be_confirmed(sandbox: SandboxProcess, intent: Document) -> None:
    sandbox.post(f"{PATH}/{intent['id']}/cancel")
    held = paid(sandbox, capture_method="manual")

    for closed in (intent, held):
        status, error = not_confirmed(sandbox, closed, payment_method="pm_card_visa")
        assert (status, error["code"]) == (400, "payment_intent_unexpected_state")


def test_a_method_of_a_payment_cannot_pay_another(sandbox: SandboxProcess, intent: Document) -> None:
    used = str(paid(sandbox)["payment_method"])

    status, error = not_confirmed(sandbox, intent, payment_method=used)

    assert (status, error["type"]) == (400, "invalid_request_error")
    assert "may not be used again" in str(error["message"])


def test_a_method_of_a_type_that_is_not_accepted_is_refused(sandbox: SandboxProcess) -> None:
    form = {"amount": "2500", "currency": "usd", "allowed_payment_method_types[0]": "us_bank_account"}
    intent = sandbox.post(PATH, **form)

    status, _ = not_confirmed(sandbox, intent, payment_method="pm_card_visa")

    assert status == 400
    assert charges(sandbox, intent) == []


def test_only_one_source_of_the_method_may_be_named(sandbox: SandboxProcess, intent: Document) -> None:
    token = sandbox.token("pm_card_visa")

    status, _ = not_confirmed(sandbox, intent, payment_method="pm_card_visa", confirmation_token=token)

    assert status == 400
    assert sandbox.get(f"/v1/confirmation_tokens/{token}")["payment_intent"] is None


def test_the_way_of_capture_can_be_chosen_at_the_last_moment(sandbox: SandboxProcess, intent: Document) -> None:
    held = confirmed(sandbox, intent, payment_method="pm_card_visa", capture_method="manual")

    assert (held["status"], held["capture_method"], held["amount_capturable"]) == ("requires_capture", "manual", 2500)


def test_a_card_can_be_captured_by_hand_where_other_methods_are_not(sandbox: SandboxProcess) -> None:
    held = paid(sandbox, **{"payment_method_options[card][capture_method]": "manual"})

    assert (held["status"], held["capture_method"]) == ("requires_capture", "automatic_async")
    assert section(held, "payment_method_options", "card")["capture_method"] == "manual"


def test_a_receipt_address_and_shipping_come_with_the_confirmation(sandbox: SandboxProcess, intent: Document) -> None:
    shipping = {"shipping[name]": "Ada", "shipping[address][city]": "Berlin"}
    done = confirmed(sandbox, intent, payment_method="pm_card_visa", receipt_email="a@example.com", **shipping)

    [charge] = charges(sandbox, intent)
    assert done["receipt_email"] == charge["receipt_email"] == "a@example.com"
    assert section(charge, "shipping", "address")["city"] == "Berlin"


def test_a_browser_confirms_with_the_publishable_key_and_the_secret(sandbox: SandboxProcess, intent: Document) -> None:
    form = {"payment_method": "pm_card_visa", "client_secret": str(intent["client_secret"])}

    answer = send(sandbox, "POST", f"{PATH}/{intent['id']}/confirm", form, key=PUBLISHABLE_KEY)

    assert (answer.status, answer.body["status"]) == (200, "succeeded")
    assert "metadata" not in answer.body and "latest_charge" not in answer.body


def test_the_exact_amount_to_confirm_is_charged(sandbox: SandboxProcess, intent: Document) -> None:
    """docs.stripe.com/changelog/dahlia/2026-04-22/amount-confirmation-parameter-to-paymentintent"""
    done = confirmed(sandbox, intent, payment_method="pm_card_visa", amount_to_confirm="2575")

    [charge] = charges(sandbox, intent)
    assert (done["amount"], done["amount_received"]) == (2575, 2575)
    assert (charge["amount"], charge["amount_captured"]) == (2575, 2575)


def test_an_amount_to_confirm_that_cannot_be_charged_is_refused(sandbox: SandboxProcess, intent: Document) -> None:
    status, error = not_confirmed(sandbox, intent, payment_method="pm_card_visa", amount_to_confirm="0")

    assert (status, error["param"]) == (400, "amount_to_confirm")
    assert sandbox.get(f"{PATH}/{intent['id']}") == intent


def test_a_browser_cannot_choose_the_amount(sandbox: SandboxProcess, intent: Document) -> None:
    form = {"client_secret": str(intent["client_secret"]), "payment_method": "pm_card_visa", "amount_to_confirm": "1"}

    answer = send(sandbox, "POST", f"{PATH}/{intent['id']}/confirm", form, key=PUBLISHABLE_KEY)

    assert (answer.status, answer.error["code"]) == (400, "parameter_unknown")
    assert answer.error["param"] == "amount_to_confirm"
    assert charges(sandbox, intent) == []


def test_a_browser_cannot_confirm_what_its_server_confirms(sandbox: SandboxProcess) -> None:
    """github.com/stripe/stripe-php/issues/1109"""
    intent = sandbox.post(PATH, amount="2500", currency="eur", confirmation_method="manual")
    form = {"client_secret": str(intent["client_secret"]), "payment_method": "pm_card_visa"}

    answer = send(sandbox, "POST", f"{PATH}/{intent['id']}/confirm", form, key=PUBLISHABLE_KEY)

    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert answer.error["message"] == (
        f"This PaymentIntent {intent['id']} cannot be confirmed using your publishable key because its "
        "`confirmation_method` is set to `manual`. Please use your secret key instead, or create a PaymentIntent "
        "with `confirmation_method` set to `automatic`."
    )
    assert charges(sandbox, intent) == []


def test_an_error_shows_a_browser_only_its_part_of_the_intent(sandbox: SandboxProcess, intent: Document) -> None:
    form = {"client_secret": str(intent["client_secret"]), "payment_method": DECLINED}

    answer = send(sandbox, "POST", f"{PATH}/{intent['id']}/confirm", form, key=PUBLISHABLE_KEY)

    shown = section(answer.error, "payment_intent")
    assert (answer.status, shown["status"]) == (402, "requires_payment_method")
    assert "metadata" not in shown and "latest_charge" not in shown


def test_an_error_shows_the_intent_as_it_stands(sandbox: SandboxProcess, intent: Document) -> None:
    """docs.stripe.com/api/errors: the PaymentIntent, for errors of a request that involves one"""
    used = str(paid(sandbox)["payment_method"])
    for wrong in ({"payment_method": used}, {"payment_method": "pm_none"}, {"confirmation_token": "ctoken_none"}):
        status, error = not_confirmed(sandbox, intent, capture_method="manual", **wrong)

        assert (status, error["payment_intent"]) == (400, intent)


def test_too_many_confirmations_cancel_the_intent(sandbox: SandboxProcess, intent: Document) -> None:
    for _ in range(100):
        answer = send(sandbox, "POST", f"{PATH}/{intent['id']}/confirm", {"payment_method": DECLINED})
        if answer.status != 402:
            break

    now = sandbox.get(f"{PATH}/{intent['id']}")
    assert (now["status"], now["cancellation_reason"]) == ("canceled", "automatic")
    assert len(charges(sandbox, intent)) >= 3
    assert not_confirmed(sandbox, intent, payment_method="pm_card_visa")[0] == 400
