"""PaymentMethods (docs.stripe.com/api/payment_methods: the object, create, retrieve, update, list;
docs.stripe.com/testing for the ready-made `pm_card_...` and `tok_...`).
"""

from __future__ import annotations

import pytest

from tests.sandbox.asking import members, paid, refused, refused_get, section
from tests.sandbox.wire import send
from tests.sandbox_process import PUBLISHABLE_KEY, SandboxProcess

PATH = "/v1/payment_methods"
CARD = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "2034"}


def test_a_browser_makes_a_method_of_what_was_typed(sandbox: SandboxProcess) -> None:
    billing = {"billing_details[name]": "Ada", "billing_details[address][country]": "DE"}
    made = send(sandbox, "POST", PATH, {**CARD, **billing, "card[cvc]": "123"}, key=PUBLISHABLE_KEY).body

    card = section(made, "card")
    assert str(made["id"]).startswith("pm_")
    assert (made["type"], made["customer"], made["livemode"]) == ("card", None, False)
    assert (card["brand"], card["last4"], card["exp_month"], card["exp_year"]) == ("visa", "4242", 12, 2034)
    assert "number" not in card and "cvc" not in card
    assert section(made, "billing_details")["name"] == "Ada"
    assert section(made, "billing_details", "address") == {
        "city": None, "country": "DE", "line1": None, "line2": None, "postal_code": None, "state": None,
    }  # fmt: skip
    assert sandbox.get(f"{PATH}/{made['id']}") == made


def test_a_server_sends_test_tokens_and_never_card_numbers(sandbox: SandboxProcess) -> None:
    status, error = refused(sandbox, PATH, **CARD)
    assert (status, error["type"]) == (400, "invalid_request_error")
    assert "generally unsafe" in str(error["message"])

    made = sandbox.post(PATH, **{"type": "card", "card[token]": "tok_visa", "metadata[a]": "1"})
    assert (section(made, "card")["last4"], made["metadata"]) == ("4242", {"a": "1"})
    status, error = refused(sandbox, PATH, **{"type": "card", "card[token]": "tok_none"})
    assert (status, error["code"], error["param"]) == (400, "resource_missing", "card[token]")


@pytest.mark.parametrize(
    ("typed", "code", "param"),
    [
        ({"card[number]": "4242424242424241"}, "incorrect_number", "number"),
        ({"card[number]": "abc"}, "incorrect_number", "number"),
        ({"card[exp_month]": "13"}, "invalid_expiry_month", "exp_month"),
        ({"card[exp_year]": "2019"}, "invalid_expiry_year", "exp_year"),
        ({"card[cvc]": "12"}, "invalid_cvc", "cvc"),
    ],
)
def test_what_was_typed_wrong_is_named(sandbox: SandboxProcess, typed: dict[str, str], code: str, param: str) -> None:
    answer = send(sandbox, "POST", PATH, {**CARD, **typed}, key=PUBLISHABLE_KEY)

    assert (answer.status, answer.error["type"]) == (402, "card_error")
    assert (answer.error["code"], answer.error["param"]) == (code, param)


def test_a_real_card_is_declined_in_test_mode(sandbox: SandboxProcess) -> None:
    answer = send(sandbox, "POST", PATH, {**CARD, "card[number]": "4111111111111111"}, key=PUBLISHABLE_KEY)

    assert (answer.status, answer.error["code"]) == (402, "card_declined")
    assert answer.error["decline_code"] == "test_mode_live_card"


def test_a_ready_made_name_gives_a_method_of_its_own_each_time(sandbox: SandboxProcess) -> None:
    first, second = sandbox.get(f"{PATH}/pm_card_mastercard"), sandbox.get(f"{PATH}/pm_card_mastercard")

    assert section(first, "card")["brand"] == "mastercard"
    assert first["id"] != second["id"]
    assert section(first, "card")["fingerprint"] == section(second, "card")["fingerprint"]


def test_an_unknown_method_is_not_found(sandbox: SandboxProcess) -> None:
    for name in ("pm_none", "pm_card_none"):
        status, error = refused_get(sandbox, f"{PATH}/{name}")
        assert (status, error["code"]) == (404, "resource_missing")
        assert error["message"] == f"No such PaymentMethod: '{name}'"


def test_only_a_customers_methods_change_or_are_listed(sandbox: SandboxProcess) -> None:
    used = paid(sandbox)["payment_method"]

    assert refused(sandbox, f"{PATH}/{used}", **{"metadata[a]": "1"})[0] == 400
    assert members(sandbox.get(PATH, type="card")) == []
    status, error = refused_get(sandbox, PATH, customer="cus_none")
    assert (status, error["param"]) == (400, "customer")
