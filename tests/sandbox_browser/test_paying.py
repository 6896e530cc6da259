"""A card from the fields to the charge: confirmed by the shop's server with the token, or by Stripe.js itself."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox_browser.checkout import IN_GERMANY, fields, fill_card, pay, result, visit
from tests.sandbox_browser.gateway import Document, Gateway
from tests.sandbox_browser.merchant import Merchant

STAY = {"redirect": "if_required"}


def new_intent(gateway: Gateway, amount: int = 1999) -> Document:
    return gateway.post(
        "/v1/payment_intents", amount=amount, currency="eur", **{"allowed_payment_method_types[]": "card"}
    )


def confirmed(gateway: Gateway, intent: Document, token: Mapping[str, object]) -> Document:
    path = f"/v1/payment_intents/{intent['id']}/confirm"
    return gateway.post(path, confirmation_token=str(token["id"]), return_url="http://127.0.0.1/return")


def error_of(document: Document) -> Mapping[str, object]:
    error = document["error"]
    assert isinstance(error, dict)
    return error


def test_the_token_of_a_good_card_pays(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    visit(page, merchant, payment=IN_GERMANY)
    fill_card(page)

    paid = confirmed(gateway, new_intent(gateway), pay(page)["confirmationToken"])

    assert paid["status"] == "succeeded"


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
    ],
)
def test_a_card_is_declined_when_it_is_confirmed_and_not_before(
    page: Page, merchant: Merchant, gateway: Gateway, number: str, code: str, decline_code: str
) -> None:
    visit(page, merchant, payment=IN_GERMANY)
    fill_card(page, number)

    error = error_of(confirmed(gateway, new_intent(gateway), pay(page)["confirmationToken"]))

    assert (error["code"], error["decline_code"]) == (code, decline_code)


def test_a_token_for_another_amount_is_refused(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    visit(page, merchant, payment=IN_GERMANY)
    fill_card(page)
    intent = new_intent(gateway, amount=2500)

    error = error_of(confirmed(gateway, intent, pay(page)["confirmationToken"]))

    assert error["type"] == "invalid_request_error"
    assert "amount" in str(error["message"])
    assert gateway.get(f"/v1/payment_intents/{intent['id']}")["status"] == "requires_payment_method"


def test_what_the_page_passes_wins_over_what_the_fields_collected(
    page: Page, merchant: Merchant, gateway: Gateway
) -> None:
    passed = {"name": "Ada Byron", "address": {"country": "FR", "city": "Lyon"}}
    visit(page, merchant, payment=IN_GERMANY, params={"payment_method_data": {"billing_details": passed}})
    fill_card(page)

    preview = pay(page)["confirmationToken"]["payment_method_preview"]

    assert isinstance(preview, dict)
    billing = preview["billing_details"]
    assert (billing["name"], billing["address"]["country"], billing["address"]["city"]) == ("Ada Byron", "FR", "Lyon")


def test_paying_needs_no_mouse(page: Page, merchant: Merchant) -> None:
    visit(page, merchant, payment=IN_GERMANY)

    card = {"Card number": "4242424242424242", "Expiration date": "1234", "Security code": "123", "Country": ""}
    for label, typed in card.items():
        page.keyboard.press("Tab")
        expect(fields(page).get_by_label(label)).to_be_focused()
        page.keyboard.type(typed)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert "confirmationToken" in result(page)


def test_stripe_js_confirms_and_stays_on_the_page(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    intent = new_intent(gateway)
    visit(page, merchant, payment=IN_GERMANY, confirm=STAY, client_secret=str(intent["client_secret"]))
    fill_card(page)

    assert pay(page)["paymentIntent"]["status"] == "succeeded"
    assert gateway.get(f"/v1/payment_intents/{intent['id']}")["status"] == "succeeded"


def test_stripe_js_confirms_and_goes_to_the_return_url(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    intent = new_intent(gateway)
    confirm = {"confirmParams": {"return_url": f"{merchant.origin}/return?order=7"}}
    visit(page, merchant, payment=IN_GERMANY, confirm=confirm, client_secret=str(intent["client_secret"]))
    fill_card(page)

    page.get_by_role("button", name="Pay").click()

    page.wait_for_url(f"{merchant.origin}/return*")
    assert parse_qs(urlsplit(page.url).query) == {
        "order": ["7"],
        "payment_intent": [intent["id"]],
        "payment_intent_client_secret": [intent["client_secret"]],
        "redirect_status": ["succeeded"],
    }


def test_stripe_js_confirms_and_authenticates(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    intent = new_intent(gateway)
    visit(page, merchant, payment=IN_GERMANY, confirm=STAY, client_secret=str(intent["client_secret"]))
    fill_card(page, "4000002760003184")
    page.get_by_role("button", name="Pay").click()

    complete = page.frame_locator('iframe[title^="3D Secure"]').get_by_role("button", name="Complete")
    expect(complete).to_be_focused()
    page.keyboard.press("Enter")

    assert result(page)["paymentIntent"]["status"] == "succeeded"


def test_stripe_js_tells_of_a_decline_with_the_intent(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    intent = new_intent(gateway)
    visit(page, merchant, payment=IN_GERMANY, confirm=STAY, client_secret=str(intent["client_secret"]))
    fill_card(page, "4000000000000002")

    error = pay(page)["error"]

    assert (error["type"], error["code"], error["decline_code"]) == ("card_error", "card_declined", "generic_decline")
    named = error["payment_intent"]
    assert isinstance(named, dict)
    assert named["id"] == intent["id"]
