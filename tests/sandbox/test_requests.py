"""How requests are read and errors told (docs.stripe.com/api/errors, docs.stripe.com/error-codes,
docs.stripe.com/api/metadata; docs.stripe.com/api for form encoding).
"""

from __future__ import annotations

import pytest

from tests.sandbox.asking import refused, refused_get, section
from tests.sandbox.wire import send
from tests.sandbox_process import SandboxProcess

PATH = "/v1/payment_intents"
EUROS = {"amount": "2500", "currency": "eur"}


def test_an_error_has_a_type_a_message_and_what_applies(sandbox: SandboxProcess) -> None:
    answer = send(sandbox, "GET", f"{PATH}/pi_none")

    assert set(answer.body) == {"error"}
    assert answer.error == {
        "code": "resource_missing",
        "doc_url": "https://stripe.com/docs/error-codes/resource-missing",
        "message": "No such payment_intent: 'pi_none'",
        "param": "intent",
        "request_log_url": f"https://dashboard.stripe.com/test/logs/{answer.headers['Request-Id']}",
        "type": "invalid_request_error",
    }


def test_an_error_without_a_code_has_no_page_about_it(sandbox: SandboxProcess) -> None:
    _, error = refused(sandbox, PATH, **EUROS, capture_method="later")

    assert set(error) == {"message", "param", "request_log_url", "type"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/nothing"), ("DELETE", "/v1/payment_intents/pi_1"), ("POST", "/v1/events"), ("GET", "/v2/nothing")],
)
def test_an_address_that_does_not_exist_is_not_recognized(sandbox: SandboxProcess, method: str, path: str) -> None:
    answer = send(sandbox, method, path)

    assert (answer.status, answer.error["type"]) == (404, "invalid_request_error")
    assert str(answer.error["message"]).startswith(f"Unrecognized request URL ({method}: {path})")
    assert set(answer.error) == {"message", "type"}
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"


def test_an_address_without_its_id_is_not_recognized(sandbox: SandboxProcess) -> None:
    answer = send(sandbox, "GET", f"{PATH}/")

    assert answer.status == 404
    assert answer.error["message"] == (
        f"Unrecognized request URL (GET: {PATH}/). If you are trying to list objects, remove the trailing slash. If "
        "you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. Please"
        " see https://stripe.com/docs or we can help at https://support.stripe.com/."
    )


def test_a_client_secret_is_no_id(sandbox: SandboxProcess) -> None:
    secret = sandbox.post(PATH, **EUROS)["client_secret"]

    answer = send(sandbox, "GET", f"{PATH}/{secret}")

    assert (answer.status, answer.error["param"]) == (404, "intent")
    assert "code" not in answer.error
    assert answer.error["message"] == (
        "You passed a string that looks like a client secret as the PaymentIntent ID, but you must provide a valid "
        "PaymentIntent ID. Please use the value in the `id` field of the PaymentIntent."
    )


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("", "Invalid request: unsupported Content-Type . "),
        ("text/plain; charset=utf-8", "Invalid request: unsupported Content-Type text/plain; charset=utf-8. "),
        (
            "application/json",
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded)",
        ),
    ],
)
def test_a_body_is_a_form_or_it_is_refused(sandbox: SandboxProcess, kind: str, says: str) -> None:
    answer = send(sandbox, "POST", PATH, '{"amount": 2500, "currency": "eur"}', Content_Type=kind)

    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert str(answer.error["message"]).startswith(says)
    assert "param" not in answer.error


def test_unknown_parameters_are_named_at_every_depth(sandbox: SandboxProcess) -> None:
    status, error = refused(sandbox, PATH, **EUROS, price="1")
    assert (status, error["code"], error["param"]) == (400, "parameter_unknown", "price")
    assert error["message"] == "Received unknown parameter: price"

    _, error = refused(sandbox, PATH, **EUROS, price="1", colour="red")
    assert error["message"] == "Received unknown parameters: price, colour"

    _, error = refused(sandbox, PATH, **EUROS, **{"shipping[name]": "A", "shipping[address][planet]": "B"})
    assert (error["code"], error["param"]) == ("parameter_unknown", "shipping[address][planet]")

    status, error = refused_get(sandbox, "/v1/charges", metadata="x")
    assert (status, error["code"], error["param"]) == (400, "parameter_unknown", "metadata")


def test_missing_parameters_are_named_at_every_depth(sandbox: SandboxProcess) -> None:
    _, error = refused(sandbox, PATH)
    assert (error["code"], error["param"], error["message"]) == (
        "parameter_missing",
        "amount",
        "Missing required param: amount.",
    )

    _, error = refused(sandbox, PATH, **EUROS, **{"shipping[name]": "Ada"})
    assert (error["code"], error["param"]) == ("parameter_missing", "shipping[address]")


@pytest.mark.parametrize(
    ("form", "param", "says"),
    [
        ({"amount": "x"}, "amount", "Invalid integer: x"),
        ({"amount[]": "1"}, "amount", "Invalid integer"),
        ({"amount": "1", "confirm": "yes"}, "confirm", "Invalid boolean: yes"),
        ({"amount": "1", "shipping": "here"}, "shipping", "Invalid object"),
        ({"amount": "1", "metadata": "x"}, "metadata", "Invalid object"),
        ({"amount": "1", "metadata[a][b]": "x"}, "metadata[a]", "Invalid string"),
        ({"amount": "1", "expand": "latest_charge"}, "expand", "Invalid array"),
        ({"amount": "1", "description[a]": "x"}, "description", "Invalid string"),
    ],
)
def test_values_of_the_wrong_kind_are_refused(
    sandbox: SandboxProcess, form: dict[str, str], param: str, says: str
) -> None:
    status, error = refused(sandbox, PATH, **{"currency": "eur", **form})

    assert (status, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert str(error["message"]).startswith(says)


def test_a_choice_is_told_with_all_that_can_be_chosen(sandbox: SandboxProcess) -> None:
    _, error = refused(sandbox, PATH, **EUROS, capture_method="later")

    assert error["message"] == "Invalid capture_method: must be one of automatic, automatic_async, or manual"


@pytest.mark.parametrize(
    "encoded",
    [
        "allowed_payment_method_types[]=card&allowed_payment_method_types[]=link",
        "allowed_payment_method_types[0]=card&allowed_payment_method_types[1]=link",
        "allowed_payment_method_types[1]=link&allowed_payment_method_types[0]=card",
        "allowed_payment_method_types%5B%5D=card&allowed_payment_method_types%5B%5D=link",
    ],
)
def test_lists_come_with_and_without_an_index(sandbox: SandboxProcess, encoded: str) -> None:
    answer = send(sandbox, "POST", PATH, f"amount=2500&currency=eur&{encoded}")

    assert answer.body["allowed_payment_method_types"] == ["card", "link"]


def test_a_written_index_counts_from_0(sandbox: SandboxProcess) -> None:
    form = {**EUROS, "expand[1]": "latest_charge"}

    status, error = refused(sandbox, PATH, **form)

    assert (status, error["type"], error["param"]) == (400, "invalid_request_error", "expand")
    assert error["message"] == (
        "If passing an array with explicit keys (e.g. foo[0]=a&foo[1]=b) instead of as an array (e.g. foo[]=a&foo[]=b),"
        " the keys must be numeric and sequential starting from 0. You passed the keys `1`, we expected to have a key "
        "with the value `0`."
    )


def test_objects_nest_and_texts_are_utf_8(sandbox: SandboxProcess) -> None:
    encoded = "shipping[name]=Zo%C3%AB+%26+Co&shipping[address][city]=K%C3%B6ln"
    answer = send(sandbox, "POST", PATH, f"amount=2500&currency=eur&description=%E2%82%AC&{encoded}")

    shipping = section(answer.body, "shipping")
    assert (shipping["name"], section(shipping, "address")["city"]) == ("Zoë & Co", "Köln")
    assert answer.body["description"] == "€"


def test_a_list_of_objects_groups_what_belongs_together(sandbox: SandboxProcess) -> None:
    first = "items[][quantity]=1&items[][unit_cost]=5"
    second = "items[][quantity]=2&items[][product_name]=Cup"
    encoded = f"{first}&{second}".replace("items", "amount_details[line_items]")
    answer = send(sandbox, "POST", PATH, f"amount=2500&currency=eur&{encoded}")

    assert answer.error["param"] == "amount_details[line_items][0][product_name]"
    assert answer.error["code"] == "parameter_missing"


def test_an_empty_string_unsets_only_what_may_be_unset(sandbox: SandboxProcess) -> None:
    intent = sandbox.post(PATH, **EUROS, **{"metadata[a]": "1"})
    assert sandbox.post(f"{PATH}/{intent['id']}", metadata="")["metadata"] == {}

    status, error = refused(sandbox, PATH, amount="", currency="eur")
    assert (status, error["code"], error["param"]) == (400, "parameter_invalid_empty", "amount")
    assert str(error["message"]).startswith("You passed an empty string for 'amount'.")


def test_a_refused_request_leaves_no_trace(sandbox: SandboxProcess) -> None:
    before = sandbox.get("/_control/state")["objects"]

    refused(sandbox, PATH, **EUROS, **{"expand[]": "nothing"})
    refused(sandbox, PATH, **EUROS, payment_method="pm_none", confirm="true")

    assert sandbox.get("/_control/state")["objects"] == before


def test_metadata_is_a_map_whatever_its_keys_look_like(sandbox: SandboxProcess) -> None:
    counted = sandbox.post(PATH, **EUROS, **{"metadata[0]": "first", "metadata[17]": "other"})
    assert counted["metadata"] == {"0": "first", "17": "other"}

    changed = sandbox.post(f"{PATH}/{counted['id']}", **{"metadata[0]": ""})
    assert changed["metadata"] == {"17": "other"}

    assert refused(sandbox, PATH, **EUROS, **{"metadata[]": "x"})[1]["param"] == "metadata"
