"""What goes over the wire with the script and the pages, so that a shop on another site can use them, and only that."""

from __future__ import annotations

import urllib.request
from email.message import Message

import pytest

from tests.sandbox_browser.gateway import Gateway
from tests.sandbox_browser.test_three_d_secure import in_frame

FIELDS, WATCH, BANK = "/elements/payment", "/", "/3d_secure_2/"


def headers_of(gateway: Gateway, path: str) -> Message:
    with urllib.request.urlopen(gateway.origin + path, timeout=10) as answer:  # noqa: S310
        received: Message = answer.headers
    return received


def policy_of(gateway: Gateway, path: str) -> dict[str, str]:
    directives = (
        part.strip().partition(" ") for part in headers_of(gateway, path)["Content-Security-Policy"].split(";")
    )
    return {name: value for name, _, value in directives}


def test_the_script_may_be_loaded_by_any_site_and_is_asked_for_anew(gateway: Gateway) -> None:
    headers = headers_of(gateway, "/endive/stripe.js")

    assert headers.get_content_type() == "text/javascript"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(("path", "ancestors"), [(FIELDS, "*"), (BANK, "*"), (WATCH, "'none'")])
def test_only_what_belongs_into_a_shop_can_be_framed(gateway: Gateway, path: str, ancestors: str) -> None:
    assert policy_of(gateway, address(gateway, path))["frame-ancestors"] == ancestors


@pytest.mark.parametrize("path", [FIELDS, BANK, WATCH])
def test_pages_run_nothing_but_files_of_their_own_origin(gateway: Gateway, path: str) -> None:
    policy = policy_of(gateway, address(gateway, path))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"


@pytest.mark.parametrize("path", [FIELDS, BANK, WATCH])
def test_pages_are_stored_nowhere_and_tell_no_other_site_their_address(gateway: Gateway, path: str) -> None:
    headers = headers_of(gateway, address(gateway, path))

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"


def address(gateway: Gateway, path: str) -> str:
    """The path as it is, but the bank's page is there only while a payment waits for it."""
    if path != BANK:
        return path
    intent = in_frame(gateway)
    action = intent["next_action"]
    assert isinstance(action, dict)
    return str(action["use_stripe_sdk"]["stripe_js"]).removeprefix(gateway.origin)
