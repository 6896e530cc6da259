"""Retrieve, update and list PaymentIntents (docs.stripe.com/api/payment_intents/retrieve, /update, /list)."""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Document, event_types, members, paid, refused, refused_get, section
from tests.sandbox.wire import authenticate, send
from tests.sandbox_process import PUBLISHABLE_KEY, SandboxProcess

PATH = "/v1/payment_intents"


@pytest.fixture
def intent(sandbox: SandboxProcess) -> Document:
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", "metadata[a]": "1"}
    return sandbox.post(PATH, **form)


def updated(sandbox: SandboxProcess, intent: Document, **form: str) -> Document:
    return sandbox.post(f"{PATH}/{intent['id']}", **form)


def test_an_intent_is_read_as_it_was_written(sandbox: SandboxProcess, intent: Document) -> None:
    assert sandbox.get(f"{PATH}/{intent['id']}") == intent


def test_an_unknown_intent_is_not_found(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, f"{PATH}/pi_none")

    assert (status, error["code"], error["param"]) == (404, "resource_missing", "intent")
    assert error["message"] == "No such payment_intent: 'pi_none'"


def test_a_browser_sees_a_part_of_the_intent_whose_secret_it_knows(sandbox: SandboxProcess, intent: Document) -> None:
    path, secret = f"{PATH}/{intent['id']}", str(intent["client_secret"])

    seen = send(sandbox, "GET", path, {"client_secret": secret}, key=PUBLISHABLE_KEY)
    assert (seen.status, seen.body["status"]) == (200, "requires_payment_method")
    assert "metadata" not in seen.body and "latest_charge" not in seen.body

    wrong = send(sandbox, "GET", path, {"client_secret": "pi_1_secret_2"}, key=PUBLISHABLE_KEY)
    assert (wrong.status, wrong.error["code"]) == (400, "payment_intent_invalid_parameter")
    without = send(sandbox, "GET", path, key=PUBLISHABLE_KEY)
    assert (without.status, without.error["param"]) == (400, "client_secret")


def test_metadata_is_merged_key_by_key(sandbox: SandboxProcess, intent: Document) -> None:
    assert updated(sandbox, intent, **{"metadata[b]": "2"})["metadata"] == {"a": "1", "b": "2"}
    assert updated(sandbox, intent, **{"metadata[a]": "3"})["metadata"] == {"a": "3", "b": "2"}
    assert updated(sandbox, intent, **{"metadata[a]": ""})["metadata"] == {"b": "2"}
    assert updated(sandbox, intent, description="new")["metadata"] == {"b": "2"}
    assert updated(sandbox, intent, metadata="")["metadata"] == {}


@pytest.mark.parametrize(
    "form",
    [
        {f"metadata[{'k' * 41}]": "v"},
        {"metadata[k]": "v" * 501},
        {f"metadata[k{number}]": "v" for number in range(50)},
    ],
)
def test_metadata_has_limits_of_keys_and_lengths(
    sandbox: SandboxProcess, intent: Document, form: dict[str, str]
) -> None:
    status, error = refused(sandbox, f"{PATH}/{intent['id']}", **form)

    assert (status, error["type"]) == (400, "invalid_request_error")
    assert updated(sandbox, intent)["metadata"] == {"a": "1"}


def test_amount_and_currency_change_until_money_moved(sandbox: SandboxProcess, intent: Document) -> None:
    changed = updated(sandbox, intent, amount="3000", currency="usd", capture_method="manual")

    assert (changed["amount"], changed["currency"], changed["capture_method"]) == (3000, "usd", "manual")
    assert changed["payment_method_types"] == ["card"]
    assert event_types(sandbox, str(intent["id"])) == ["payment_intent.created"]


def test_a_new_amount_obeys_the_limits_too(sandbox: SandboxProcess, intent: Document) -> None:
    status, error = refused(sandbox, f"{PATH}/{intent['id']}", amount="10")

    assert (status, error["code"]) == (400, "amount_too_small")


def test_a_method_can_be_given_later(sandbox: SandboxProcess, intent: Document) -> None:
    assert updated(sandbox, intent, payment_method="pm_card_visa")["status"] == "requires_confirmation"


@pytest.mark.parametrize("capture_method", ["automatic", "manual"])
@pytest.mark.parametrize("name", ["amount", "currency", "payment_method", "setup_future_usage"])
def test_once_money_moved_only_descriptions_change(sandbox: SandboxProcess, capture_method: str, name: str) -> None:
    intent = paid(sandbox, capture_method=capture_method)
    values = {"amount": "3000", "currency": "usd", "payment_method": "pm_card_visa", "setup_future_usage": "on_session"}

    status, error = refused(sandbox, f"{PATH}/{intent['id']}", **{name: values[name]})

    assert (status, error["code"], error["param"]) == (400, "payment_intent_unexpected_state", name)
    assert str(intent["status"]) in str(error["message"])
    assert section(error, "payment_intent")["id"] == intent["id"]
    assert updated(sandbox, intent, description="Late", **{"metadata[x]": "y"})["description"] == "Late"


def test_a_new_amount_during_authentication_asks_for_a_new_confirmation(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, "pm_card_threeDSecure2Required", return_url="https://shop.test/back")
    assert intent["status"] == "requires_action"

    changed = updated(sandbox, intent, amount="2600")

    assert (changed["status"], changed["next_action"]) == ("requires_confirmation", None)
    with pytest.raises(AssertionError):
        authenticate(intent, "complete")


def test_empty_strings_unset_what_may_be_unset(sandbox: SandboxProcess, intent: Document) -> None:
    updated(
        sandbox, intent, receipt_email="shopper@example.com", **{"shipping[name]": "A", "shipping[address][city]": "B"}
    )

    cleared = updated(sandbox, intent, receipt_email="", shipping="")

    assert (cleared["receipt_email"], cleared["shipping"]) == (None, None)
    status, error = refused(sandbox, f"{PATH}/{intent['id']}", currency="")
    assert (status, error["code"], error["param"]) == (400, "parameter_invalid_empty", "currency")


def test_the_list_has_the_newest_first(sandbox: SandboxProcess, intent: Document) -> None:
    newer = paid(sandbox)

    listed = sandbox.get(PATH, limit="2")

    assert [member["id"] for member in members(listed)] == [newer["id"], intent["id"]]
    assert (listed["object"], listed["url"], listed["has_more"]) == ("list", PATH, True)


def test_a_list_for_an_unknown_customer_is_refused(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, PATH, customer="cus_none")

    assert (status, error["code"], error["param"]) == (400, "resource_missing", "customer")
