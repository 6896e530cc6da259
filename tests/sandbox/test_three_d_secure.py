"""3-D Secure, passed and failed (docs.stripe.com/testing#regulatory-cards, docs.stripe.com/payments/3d-secure
/authentication-flow, docs.stripe.com/api/payment_intents/object for `next_action`).
"""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Document, event_types, members, paid, refused, section
from tests.sandbox.wire import authenticate, query_of, send
from tests.sandbox_process import PUBLISHABLE_KEY, SandboxProcess

REQUIRED = "pm_card_threeDSecure2Required"
BACK = "https://shop.test/back?order=7"
CARD = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", "confirm": "true"}


def read(sandbox: SandboxProcess, intent: Document) -> Document:
    return sandbox.get(f"/v1/payment_intents/{intent['id']}")


def charges(sandbox: SandboxProcess, intent: Document) -> list[Document]:
    return members(sandbox.get("/v1/charges", payment_intent=str(intent["id"])))


def test_the_shopper_is_sent_to_the_bank_before_anything_is_charged(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, REQUIRED, return_url=BACK)

    assert (intent["status"], intent["latest_charge"]) == ("requires_action", None)
    action = section(intent, "next_action")
    assert (action["type"], section(action, "redirect_to_url")["return_url"]) == ("redirect_to_url", BACK)
    assert charges(sandbox, intent) == []
    assert event_types(sandbox, str(intent["id"])) == ["payment_intent.created", "payment_intent.requires_action"]


def test_who_passes_has_paid_and_comes_back_to_the_shop(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, REQUIRED, return_url=BACK)

    back = authenticate(intent, "complete")

    now = read(sandbox, intent)
    assert (now["status"], now["next_action"]) == ("succeeded", None)
    [charge] = charges(sandbox, intent)
    secure = section(charge, "payment_method_details", "card", "three_d_secure")
    assert (secure["result"], secure["authentication_flow"]) == ("authenticated", "challenge")
    assert back.startswith("https://shop.test/back?")
    assert query_of(back) == {
        "order": "7",
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "succeeded",
    }


def test_a_failed_authentication_is_told_to_the_server_and_to_the_shopper(sandbox: SandboxProcess) -> None:
    """github.com/stripe/stripe-android, PaymentIntentFixtures; the shopper's words are those of Stripe.js."""
    intent = paid(sandbox, REQUIRED, return_url=BACK)
    authenticate(intent, "fail")

    told = str(section(read(sandbox, intent), "last_payment_error")["message"])
    assert told.startswith("The provided PaymentMethod has failed authentication.")
    secret, path = str(intent["client_secret"]), f"/v1/payment_intents/{intent['id']}"
    seen = send(sandbox, "GET", path, {"client_secret": secret}, key=PUBLISHABLE_KEY)
    shown = str(section(seen.body, "last_payment_error")["message"])
    assert shown.startswith("We are unable to authenticate your payment method.")


def test_who_fails_has_not_paid_and_may_try_again(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, REQUIRED, return_url=BACK)

    back = authenticate(intent, "fail")

    now = read(sandbox, intent)
    error = section(now, "last_payment_error")
    assert (now["status"], now["payment_method"]) == ("requires_payment_method", None)
    assert (error["code"], error["type"]) == ("payment_intent_authentication_failure", "invalid_request_error")
    assert section(error, "payment_method")["object"] == "payment_method"
    assert query_of(back)["redirect_status"] == "failed"
    assert charges(sandbox, intent) == []
    assert event_types(sandbox, str(intent["id"]))[-1] == "payment_intent.payment_failed"

    again = sandbox.post(f"/v1/payment_intents/{intent['id']}/confirm", payment_method="pm_card_visa")
    assert (again["status"], again["last_payment_error"]) == ("succeeded", None)


def test_the_script_gets_its_own_kind_of_action(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, REQUIRED, use_stripe_sdk="true")

    assert section(intent, "next_action")["type"] == "use_stripe_sdk"
    assert authenticate(intent, "complete") == ""
    assert read(sandbox, intent)["status"] == "succeeded"


def test_without_a_way_back_the_action_is_the_scripts(sandbox: SandboxProcess) -> None:
    """github.com/stripe/stripe-ios/issues/1198: `use_stripe_sdk` was not asked for, and there is no `return_url`."""
    intent = paid(sandbox, REQUIRED)

    action = section(intent, "next_action")
    assert action["type"] == "use_stripe_sdk"
    assert section(action, "use_stripe_sdk")["type"] == "three_d_secure_redirect"
    assert authenticate(intent, "complete") == ""
    assert read(sandbox, intent)["status"] == "succeeded"


def test_a_card_may_be_declined_after_it_passed(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, "pm_card_threeDSecureRequiredChargeDeclined", return_url=BACK)

    assert query_of(authenticate(intent, "complete"))["redirect_status"] == "failed"

    now = read(sandbox, intent)
    assert now["status"] == "requires_payment_method"
    assert section(now, "last_payment_error")["code"] == "card_declined"
    assert [charge["status"] for charge in charges(sandbox, intent)] == ["failed"]


def test_a_hold_too_is_authenticated_first(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, REQUIRED, return_url=BACK, capture_method="manual")

    authenticate(intent, "complete")

    assert read(sandbox, intent)["status"] == "requires_capture"


def test_an_answered_challenge_is_over(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, REQUIRED, return_url=BACK)
    authenticate(intent, "complete")

    with pytest.raises(AssertionError):
        authenticate(intent, "fail")

    assert read(sandbox, intent)["status"] == "succeeded"


@pytest.mark.parametrize(
    "card", ["pm_card_threeDSecureOptional", "pm_card_visa", "pm_card_amex_threeDSecureNotSupported"]
)
def test_cards_that_need_no_authentication_are_charged_at_once(sandbox: SandboxProcess, card: str) -> None:
    assert paid(sandbox, card)["status"] == "succeeded"


def test_the_shop_may_ask_for_authentication_where_the_card_takes_part(sandbox: SandboxProcess) -> None:
    asked = {"payment_method_options[card][request_three_d_secure]": "any"}

    optional = paid(sandbox, "pm_card_threeDSecureOptional", return_url=BACK, **asked)

    assert optional["status"] == "requires_action"
    assert section(optional, "payment_method_options", "card")["request_three_d_secure"] == "any"
    assert paid(sandbox, "pm_card_amex_threeDSecureNotSupported", **asked)["status"] == "succeeded"


def test_a_card_that_is_not_enrolled_is_attempted_and_not_challenged(sandbox: SandboxProcess) -> None:
    """docs.stripe.com/testing#regulatory-cards: for other test cards `attempt_acknowledged` is returned."""
    intent = paid(sandbox, **{"payment_method_options[card][request_three_d_secure]": "any"})

    [charge] = charges(sandbox, intent)
    secure = section(charge, "payment_method_details", "card", "three_d_secure")
    assert (secure["result"], secure["authentication_flow"]) == ("attempt_acknowledged", None)
    [unasked] = charges(sandbox, paid(sandbox))
    assert section(unasked, "payment_method_details", "card")["three_d_secure"] is None


def test_without_a_shopper_authentication_is_a_decline(sandbox: SandboxProcess) -> None:
    form = {**CARD, "payment_method": REQUIRED, "off_session": "true"}
    status, error = refused(sandbox, "/v1/payment_intents", **form)

    assert (status, error["type"], error["code"]) == (402, "card_error", "authentication_required")
    assert error["decline_code"] == "authentication_required"
    assert section(error, "payment_intent")["status"] == "requires_payment_method"


def test_an_intent_that_must_not_wait_fails_instead(sandbox: SandboxProcess) -> None:
    form = {**CARD, "payment_method": REQUIRED, "error_on_requires_action": "true"}
    status, error = refused(sandbox, "/v1/payment_intents", **form)

    assert (status, error["type"], error["code"]) == (402, "card_error", "authentication_required")
    assert section(error, "payment_intent")["status"] == "requires_payment_method"
