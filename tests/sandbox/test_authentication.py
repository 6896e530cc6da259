"""Keys and versions (docs.stripe.com/api/authentication, docs.stripe.com/keys, docs.stripe.com/api/versioning,
docs.stripe.com/api/request_ids).
"""

from __future__ import annotations

import base64

import pytest

from tests.sandbox.wire import send
from tests.sandbox_process import PUBLISHABLE_KEY, SECRET_KEY, SandboxProcess

PATH = "/v1/payment_intents"
EUROS = {"amount": "2500", "currency": "eur"}


def basic(user: str, password: str = "") -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.mark.parametrize("authorization", [f"Bearer {SECRET_KEY}", basic(SECRET_KEY), basic(SECRET_KEY, "ignored")])
def test_the_secret_key_opens_as_bearer_and_as_basic_user(sandbox: SandboxProcess, authorization: str) -> None:
    answer = send(sandbox, "GET", PATH, key="", Authorization=authorization)

    assert answer.status == 200


def test_without_a_key_nothing_is_done(sandbox: SandboxProcess) -> None:
    for method, form in (("GET", None), ("POST", EUROS)):
        answer = send(sandbox, method, PATH, form, key="")
        assert (answer.status, answer.error["type"]) == (401, "invalid_request_error")
        assert "You did not provide an API key" in str(answer.error["message"])
        assert set(answer.error) == {"message", "type"}
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="Stripe"'


@pytest.mark.parametrize(
    "authorization", ["Bearer sk_test_0123456789", basic("sk_test_0123456789"), "Basic %%%", "Bearer "]
)
def test_a_wrong_key_is_refused_and_never_shown_whole(sandbox: SandboxProcess, authorization: str) -> None:
    answer = send(sandbox, "POST", PATH, EUROS, key="", Authorization=authorization)

    assert (answer.status, answer.error["type"]) == (401, "invalid_request_error")
    assert "0123456789" not in str(answer.error["message"])


def test_a_wrong_key_is_told_by_its_end(sandbox: SandboxProcess) -> None:
    answer = send(sandbox, "GET", PATH, key="sk_test_0123456789")

    assert answer.error["message"] == "Invalid API Key provided: sk_test_******6789"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("POST", PATH),
        ("POST", "/v1/refunds"),
        ("GET", "/v1/charges"),
        ("GET", "/v1/events"),
        ("GET", "/v1/balance_transactions"),
        ("POST", f"{PATH}/pi_1/capture"),
        ("POST", f"{PATH}/pi_1/cancel"),
        ("POST", "/v1/test_helpers/confirmation_tokens"),
    ],
)
def test_the_publishable_key_opens_nothing_of_the_servers(sandbox: SandboxProcess, method: str, path: str) -> None:
    answer = send(sandbox, method, path, key=PUBLISHABLE_KEY)

    assert (answer.status, answer.error["code"]) == (403, "secret_key_required")
    assert answer.error["type"] == "invalid_request_error"


def test_a_browser_may_send_the_publishable_key_in_the_form(sandbox: SandboxProcess) -> None:
    card = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "1", "card[exp_year]": "2034"}

    answer = send(sandbox, "POST", "/v1/payment_methods", {**card, "key": PUBLISHABLE_KEY}, key="")

    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_every_answer_names_its_request_and_its_version(sandbox: SandboxProcess) -> None:
    good, bad = send(sandbox, "GET", PATH), send(sandbox, "GET", f"{PATH}/pi_none")

    assert good.headers["Stripe-Version"] == bad.headers["Stripe-Version"] == "2026-10-28.endive"
    assert good.headers["Request-Id"].startswith("req_")
    assert good.headers["Request-Id"] != bad.headers["Request-Id"]
    assert bad.headers["Request-Id"] in str(bad.error["request_log_url"])
    assert good.headers["Content-Type"] == "application/json"


def test_a_version_is_echoed_or_refused(sandbox: SandboxProcess) -> None:
    named = send(sandbox, "GET", PATH, Stripe_Version="2026-10-28.endive")
    assert (named.status, named.headers["Stripe-Version"]) == (200, "2026-10-28.endive")

    unknown = send(sandbox, "GET", PATH, Stripe_Version="tomorrow")
    assert (unknown.status, unknown.error["type"]) == (400, "invalid_request_error")
    assert unknown.error["message"] == "Invalid Stripe API version: tomorrow"
