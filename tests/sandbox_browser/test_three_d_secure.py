"""3-D Secure: in the frame that Stripe.js opens over the shop's page, and on a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Route, expect

from tests.browser import photograph
from tests.sandbox_browser.checkout import result, visit
from tests.sandbox_browser.gateway import Document, Gateway
from tests.sandbox_browser.merchant import Merchant

ASKS_FOR_IT = "pm_card_authenticationRequired"


def waiting_intent(gateway: Gateway, **confirmation: str) -> Document:
    intent = gateway.post("/v1/payment_intents", amount=1999, currency="eur")
    waiting = gateway.post(
        f"/v1/payment_intents/{intent['id']}/confirm",
        payment_method=ASKS_FOR_IT,
        return_url="http://127.0.0.1/return",
        **confirmation,
    )
    assert waiting["status"] == "requires_action", waiting
    return waiting


def in_frame(gateway: Gateway) -> Document:
    return waiting_intent(gateway, use_stripe_sdk="true")


def bank(page: Page) -> FrameLocator:
    return page.frame_locator('iframe[title^="3D Secure"]')


def open_bank(page: Page, merchant: Merchant, intent: Document) -> None:
    visit(page, merchant, client_secret=str(intent["client_secret"]))
    page.get_by_role("button", name="Authenticate").click()
    expect(bank(page).get_by_role("button", name="Complete")).to_be_focused()


def status(gateway: Gateway, intent: Document) -> object:
    return gateway.get(f"/v1/payment_intents/{intent['id']}")["status"]


def assert_page_is_free_again(page: Page) -> None:
    assert page.locator("dialog").count() == 0
    expect(page.get_by_role("button", name="Authenticate")).to_be_focused()


def test_a_passed_challenge_pays(page: Page, merchant: Merchant, gateway: Gateway, browser: Browser) -> None:
    intent = in_frame(gateway)
    open_bank(page, merchant, intent)
    photograph(browser, "three-d-secure")

    bank(page).get_by_role("button", name="Complete").click()

    assert result(page)["paymentIntent"]["status"] == "succeeded"
    assert status(gateway, intent) == "succeeded"
    assert_page_is_free_again(page)


def test_nobody_can_answer_before_the_shops_page_listens(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    held: list[Route] = []
    page.route("**/assets/authentication/page.js", lambda route: held.append(route))
    visit(page, merchant, client_secret=str(in_frame(gateway)["client_secret"]))
    page.get_by_role("button", name="Authenticate").click()
    complete = bank(page).get_by_role("button", name="Complete")
    expect(complete).to_be_visible()
    expect(complete).to_be_disabled()

    held[0].continue_()
    complete.click()

    assert result(page)["paymentIntent"]["status"] == "succeeded"


def test_a_failed_challenge_is_told_as_an_error(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    intent = in_frame(gateway)
    open_bank(page, merchant, intent)

    bank(page).get_by_role("button", name="Fail").click()

    assert_not_authenticated(result(page)["error"], intent)
    assert status(gateway, intent) == "requires_payment_method"
    assert_page_is_free_again(page)


@pytest.mark.parametrize("focus_in_frame", [True, False], ids=["in the frame", "on the page"])
def test_escape_gives_up(page: Page, merchant: Merchant, gateway: Gateway, focus_in_frame: bool) -> None:
    intent = in_frame(gateway)
    open_bank(page, merchant, intent)
    if not focus_in_frame:
        page.evaluate("document.querySelector('dialog').setAttribute('tabindex', '-1')")
        page.evaluate("document.querySelector('dialog').focus()")

    page.keyboard.press("Escape")

    assert_not_authenticated(result(page)["error"], intent)
    assert status(gateway, intent) == "requires_payment_method"
    assert_page_is_free_again(page)


def test_the_focus_cannot_leave_for_the_page_below(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    open_bank(page, merchant, in_frame(gateway))

    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("['DIALOG', 'IFRAME', 'BODY'].includes(document.activeElement.tagName)")


@pytest.mark.parametrize(("button", "outcome"), [("Complete", "succeeded"), ("Fail", "failed")])
def test_the_page_of_its_own_leads_back_to_the_shop(
    page: Page, merchant: Merchant, gateway: Gateway, button: str, outcome: str
) -> None:
    intent = gateway.post("/v1/payment_intents", amount=1999, currency="eur")
    waiting = gateway.post(
        f"/v1/payment_intents/{intent['id']}/confirm",
        payment_method=ASKS_FOR_IT,
        return_url=f"{merchant.origin}/return?order=7",
    )
    action = waiting["next_action"]
    assert isinstance(action, dict)
    page.goto(action["redirect_to_url"]["url"])

    page.get_by_role("button", name=button).click()

    page.wait_for_url(f"{merchant.origin}/return*")
    assert parse_qs(urlsplit(page.url).query) == {
        "order": ["7"],
        "payment_intent": [intent["id"]],
        "payment_intent_client_secret": [intent["client_secret"]],
        "redirect_status": [outcome],
    }


def test_a_settled_challenge_cannot_be_answered_again(page: Page, gateway: Gateway, merchant: Merchant) -> None:
    intent = in_frame(gateway)
    action = intent["next_action"]
    assert isinstance(action, dict)
    open_bank(page, merchant, intent)
    bank(page).get_by_role("button", name="Complete").click()
    result(page)

    page.goto(action["use_stripe_sdk"]["stripe_js"])

    expect(page.get_by_role("heading", name="Nothing to confirm")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


def assert_not_authenticated(error: Mapping[str, object], intent: Document) -> None:
    assert error["code"] == "payment_intent_authentication_failure"
    named = error["payment_intent"]
    assert isinstance(named, dict)
    assert named["id"] == intent["id"]
