"""ConfirmationTokens and their test helper (docs.stripe.com/api/confirmation_tokens: the object, retrieve,
/test_create; docs.stripe.com/payments/build-a-two-step-confirmation; docs.stripe.com/error-codes).
"""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Document, members, number, refused, refused_get, section
from tests.sandbox.wire import send
from tests.sandbox_process import PUBLISHABLE_KEY, SandboxProcess

PATH, HELPER = "/v1/confirmation_tokens", "/v1/test_helpers/confirmation_tokens"
INTENTS = "/v1/payment_intents"
HOUR_S = 3600
TYPED = {
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "4242424242424242",
    "payment_method_data[card][exp_month]": "12",
    "payment_method_data[card][exp_year]": "34",
    "payment_method_data[card][cvc]": "123",
}
MOUNTED = {
    "client_context[mode]": "payment",
    "client_context[amount]": "2500",
    "client_context[currency]": "eur",
    "client_context[capture_method]": "automatic",
    "client_context[allowed_payment_method_types][0]": "card",
}


@pytest.fixture
def intent(sandbox: SandboxProcess) -> Document:
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card"}
    return sandbox.post(INTENTS, **form)


def made(sandbox: SandboxProcess, **form: str) -> Document:
    return sandbox.post(HELPER, **{"payment_method": "pm_card_visa", **form})


def in_browser(sandbox: SandboxProcess, **form: str) -> Document:
    answer = send(sandbox, "POST", PATH, {**TYPED, **MOUNTED, **form}, key=PUBLISHABLE_KEY)
    assert answer.status == 200, answer.raw
    return answer.body


def not_confirmed(sandbox: SandboxProcess, intent: Document, token: Document, **more: str) -> Document:
    path, form = f"{INTENTS}/{intent['id']}/confirm", {"confirmation_token": str(token["id"]), **more}
    status, error = refused(sandbox, path, **form)
    assert (status, error["type"]) == (400, "invalid_request_error")
    return error


def test_a_token_carries_a_preview_of_the_method_for_twelve_hours(sandbox: SandboxProcess) -> None:
    token = made(sandbox, return_url="https://shop.test/back", setup_future_usage="off_session")

    assert str(token["id"]).startswith("ctoken_")
    assert number(token, "expires_at") - number(token, "created") == 12 * HOUR_S
    assert (token["payment_intent"], token["setup_intent"], token["livemode"]) == (None, None, False)
    assert (token["return_url"], token["setup_future_usage"]) == ("https://shop.test/back", "off_session")
    preview = section(token, "payment_method_preview")
    assert (preview["type"], section(preview, "card")["last4"]) == ("card", "4242")
    assert "id" not in preview
    assert sandbox.get(f"{PATH}/{token['id']}") == token


def test_a_confirmation_spends_the_token_and_makes_its_method(sandbox: SandboxProcess, intent: Document) -> None:
    token = made(sandbox, **{"shipping[name]": "Ada", "shipping[address][city]": "Berlin"})

    done = sandbox.post(f"{INTENTS}/{intent['id']}/confirm", confirmation_token=str(token["id"]))

    assert done["status"] == "succeeded"
    assert section(done, "shipping")["name"] == "Ada"
    method = sandbox.get(f"/v1/payment_methods/{done['payment_method']}")
    assert section(method, "card")["last4"] == "4242"
    assert sandbox.get(f"{PATH}/{token['id']}")["payment_intent"] == intent["id"]


def test_a_token_is_used_once_even_if_the_card_was_declined(sandbox: SandboxProcess, intent: Document) -> None:
    token = made(sandbox, payment_method="pm_card_chargeDeclined")
    path = f"{INTENTS}/{intent['id']}/confirm"
    assert refused(sandbox, path, confirmation_token=str(token["id"]))[0] == 402

    error = not_confirmed(sandbox, intent, token)

    assert (error["code"], error["param"]) == ("token_already_used", "confirmation_token")
    assert "already been used" in str(error["message"])
    assert len(members(sandbox.get("/v1/charges", payment_intent=str(intent["id"])))) == 1


def test_a_token_that_was_refused_for_the_intent_is_not_spent(sandbox: SandboxProcess, intent: Document) -> None:
    token = in_browser(sandbox)
    sandbox.post(f"{INTENTS}/{intent['id']}", amount="9900")
    assert not_confirmed(sandbox, intent, token)["param"] == "amount"

    sandbox.post(f"{INTENTS}/{intent['id']}", amount="2500")
    confirmed = sandbox.post(f"{INTENTS}/{intent['id']}/confirm", confirmation_token=str(token["id"]))

    assert confirmed["status"] == "succeeded"


def test_the_token_of_a_browser_says_where_it_came_from(sandbox: SandboxProcess, intent: Document) -> None:
    token = in_browser(sandbox, return_url="https://shop.test/back")

    assert token["use_stripe_sdk"] is True
    done = sandbox.post(f"{INTENTS}/{intent['id']}/confirm", confirmation_token=str(token["id"]))
    assert done["status"] == "succeeded"


@pytest.mark.parametrize(
    ("mounted", "param"),
    [
        ({"client_context[amount]": "2600"}, "amount"),
        ({"client_context[currency]": "usd"}, "currency"),
        ({"client_context[capture_method]": "manual"}, "capture_method"),
        ({"client_context[setup_future_usage]": "off_session"}, "setup_future_usage"),
    ],
)
def test_elements_and_intent_have_to_agree(
    sandbox: SandboxProcess, intent: Document, mounted: dict[str, str], param: str
) -> None:
    error = not_confirmed(sandbox, intent, in_browser(sandbox, **mounted))

    assert error["param"] == param
    assert "does not match" in str(error["message"])
    assert sandbox.get(f"{INTENTS}/{intent['id']}")["status"] == "requires_payment_method"


def test_elements_and_intent_have_to_allow_the_same_types(sandbox: SandboxProcess) -> None:
    any_type = sandbox.post(INTENTS, amount="2500", currency="eur")

    assert "does not match" in str(not_confirmed(sandbox, any_type, in_browser(sandbox))["message"])


def test_a_token_that_does_not_exist_is_named(sandbox: SandboxProcess, intent: Document) -> None:
    error = not_confirmed(sandbox, intent, {"id": "ctoken_none"})
    assert (error["code"], error["param"]) == ("resource_missing", "confirmation_token")

    status, error = refused_get(sandbox, f"{PATH}/ctoken_none")
    assert (status, error["code"]) == (404, "resource_missing")


def test_the_helper_is_for_servers_and_the_fields_for_browsers(sandbox: SandboxProcess) -> None:
    answer = send(sandbox, "POST", HELPER, {"payment_method": "pm_card_visa"}, key=PUBLISHABLE_KEY)

    assert (answer.status, answer.error["code"]) == (403, "secret_key_required")
    status, error = refused(sandbox, HELPER, payment_method="pm_none")
    assert (status, error["code"], error["param"]) == (400, "resource_missing", "payment_method")


def test_an_expired_token_confirms_nothing(sandbox: SandboxProcess, intent: Document) -> None:
    token = made(sandbox)
    sandbox.control("clock", {"advance_s": 12 * HOUR_S})

    error = not_confirmed(sandbox, intent, token)

    assert (error["code"], error["param"]) == ("payment_intent_invalid_parameter", "confirmation_token")
    assert "expired" in str(error["message"])
    assert sandbox.get(f"{INTENTS}/{intent['id']}")["status"] == "requires_payment_method"


def test_a_method_that_has_paid_cannot_pay_again_through_a_token(sandbox: SandboxProcess, intent: Document) -> None:
    method = sandbox.post("/v1/payment_methods", type="card", **{"card[token]": "tok_visa"})
    before, after = made(sandbox, payment_method=str(method["id"])), made(sandbox, payment_method=str(method["id"]))
    sandbox.post(f"{INTENTS}/{intent['id']}/confirm", confirmation_token=str(before["id"]))
    other = sandbox.post(INTENTS, amount="2500", currency="eur")

    error = not_confirmed(sandbox, other, after, return_url="https://shop.test/back")

    assert "may not be used again" in str(error["message"])
    assert members(sandbox.get("/v1/charges", payment_intent=str(other["id"]))) == []
