"""The hosted fields: what a shopper types, what the shop gets, and what it never sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import photograph
from tests.sandbox_browser.checkout import IN_GERMANY, fields, fill_card, pay, visit
from tests.sandbox_browser.conftest import blameless_page
from tests.sandbox_browser.gateway import Gateway
from tests.sandbox_browser.merchant import Merchant


def test_the_shop_gets_a_token_and_never_the_card(
    page: Page, merchant: Merchant, gateway: Gateway, browser: Browser
) -> None:
    visit(page, merchant, payment=IN_GERMANY)
    fill_card(page, "4242424242424242", "1234", "737")
    photograph(browser, "hosted-fields")

    token = pay(page)["confirmationToken"]

    assert merchant.tokens == [token["id"]]
    assert not any(
        request.mentions(secret) for request in merchant.received for secret in ("4242424242", "4242 4242", "737")
    )
    assert gateway.get(f"/v1/confirmation_tokens/{token['id']}")["object"] == "confirmation_token"


def test_card_details_are_sent_once_and_only_from_the_gateways_own_frame(
    page: Page, merchant: Merchant, gateway: Gateway
) -> None:
    carrying = []
    page.on("request", lambda sent: carrying.append(sent) if "4242424242424242" in (sent.post_data or "") else None)
    visit(page, merchant, payment=IN_GERMANY)
    fill_card(page)

    pay(page)

    assert [(sent.url, sent.frame.url) for sent in carrying] == [
        (f"{gateway.origin}/v1/confirmation_tokens", f"{gateway.origin}/elements/payment")
    ]


def test_no_message_to_the_shops_window_carries_the_card(page: Page, merchant: Merchant) -> None:
    page.add_init_script(
        "window.heard = [];"
        "addEventListener('message', (event) => heard.push(JSON.stringify(event.data)));"
        "const start = MessagePort.prototype.__lookupSetter__('onmessage');"
        "Object.defineProperty(MessagePort.prototype, 'onmessage', {set(listener) {"
        "  start.call(this, (event) => { heard.push(JSON.stringify(event.data)); listener(event); }); }});"
    )
    visit(page, merchant, payment=IN_GERMANY)
    fill_card(page)
    pay(page)

    heard = " ".join(page.evaluate("heard"))

    assert "ctoken_" in heard
    assert "424242" not in heard


def test_the_number_is_grouped_while_it_is_typed(page: Page, merchant: Merchant) -> None:
    visit(page, merchant)
    fields(page).get_by_label("Card number").press_sequentially("378282246310005")
    fields(page).get_by_label("Expiration date").press_sequentially("1234")
    fields(page).get_by_label("Security code").press_sequentially("12345")

    expect(fields(page).get_by_label("Card number")).to_have_value("3782 822463 10005")
    expect(fields(page).get_by_label("Expiration date")).to_have_value("12 / 34")
    expect(fields(page).get_by_label("Security code")).to_have_value("1234")


@pytest.fixture(scope="module")
def shown_fields(browser: Browser, gateway: Gateway) -> Iterator[tuple[Page, Merchant]]:
    """One page for all wrong cards: each test types anew."""
    merchant = Merchant(gateway.origin)
    with blameless_page(browser) as page:
        visit(page, merchant, payment=IN_GERMANY)
        yield page, merchant
    merchant.close()


@pytest.mark.parametrize(
    ("typed", "field", "message", "code"),
    [
        (("4242", "1234", "123"), "Card number", "Your card number is incomplete.", "incomplete_number"),
        (("4242424242424241", "1234", "123"), "Card number", "Your card number is invalid.", "invalid_number"),
        (
            ("4242424242424242", "12", "123"),
            "Expiration date",
            "Your card's expiration date is incomplete.",
            "incomplete_expiry",
        ),
        (
            ("4242424242424242", "1220", "123"),
            "Expiration date",
            "Your card's expiration year is in the past.",
            "invalid_expiry_year_past",
        ),
        (
            ("4242424242424242", "1334", "123"),
            "Expiration date",
            "Your card's expiration month is invalid.",
            "invalid_expiry_month",
        ),
        (
            ("378282246310005", "1234", "123"),
            "Security code",
            "Your card's security code is incomplete.",
            "incomplete_cvc",
        ),
    ],
)
def test_a_wrong_field_says_what_is_wrong_and_makes_no_token(
    shown_fields: tuple[Page, Merchant], typed: tuple[str, str, str], field: str, message: str, code: str
) -> None:
    page, merchant = shown_fields
    page.evaluate("document.querySelector('output').value = ''")
    fill_card(page, *typed)

    error = pay(page)["error"]

    assert error["type"] == "validation_error"
    assert error["code"] == code
    wrong = fields(page).get_by_label(field)
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_accessible_description(message)
    expect(wrong).to_be_focused()
    expect(fields(page).get_by_role("alert").filter(has_text=message)).to_be_visible()
    assert merchant.tokens == []


def test_a_message_goes_as_soon_as_the_field_is_right(page: Page, merchant: Merchant) -> None:
    visit(page, merchant, payment=IN_GERMANY)
    fill_card(page, "424242424242424")
    pay(page)

    fields(page).get_by_label("Card number").press("End")
    fields(page).get_by_label("Card number").press_sequentially("2")

    expect(fields(page).get_by_label("Card number")).not_to_have_attribute("aria-invalid", "true")


def test_the_frame_grows_with_what_it_has_to_say(page: Page, merchant: Merchant, browser: Browser) -> None:
    visit(page, merchant, payment=IN_GERMANY)
    form = fields(page).locator("body")
    before = height(form)

    pay(page)
    expect(fields(page).get_by_role("alert").first).to_be_visible()
    photograph(browser, "hosted-fields-wrong")

    assert height(form) > before
    expect(page.get_by_title("Secure payment input frame")).to_have_css("height", f"{height(form)}px")


def height(element: Locator) -> int:
    pixels: int = element.evaluate("element => element.offsetHeight")
    return pixels


def test_a_wish_for_colours_reaches_the_fields(page: Page, merchant: Merchant) -> None:
    visit(page, merchant, elements={"appearance": {"variables": {"colorBackground": "rgb(1, 2, 3)"}}})

    expect(fields(page).get_by_label("Card number")).to_have_css("background-color", "rgb(1, 2, 3)")


def test_country_and_postal_code_are_asked_for_unless_the_shop_does(page: Page, merchant: Merchant) -> None:
    visit(page, merchant)
    expect(fields(page).get_by_label("Country")).to_have_value("US")
    expect(fields(page).get_by_label("Postal code")).to_be_visible()

    visit(page, merchant, payment={"fields": {"billingDetails": {"address": "never"}}})
    expect(fields(page).get_by_label("Card number")).to_be_visible()
    expect(fields(page).get_by_label("Country")).to_be_hidden()
    expect(fields(page).get_by_label("Postal code")).to_be_hidden()


def test_fields_that_never_load_are_told_to_the_shop(page: Page, merchant: Merchant, gateway: Gateway) -> None:
    page.clock.install()
    page.route(f"{gateway.origin}/elements/payment", lambda route: route.abort())
    page.goto(merchant.origin)
    page.evaluate("payment.on('loaderror', (event) => { window.failure = event.error.type; })")

    page.clock.fast_forward(15_000)

    page.wait_for_function("window.failure === 'api_connection_error'")


def test_a_page_that_is_not_around_the_frame_cannot_open_its_line(page: Page, gateway: Gateway) -> None:
    page.goto(f"{gateway.origin}/elements/payment")

    answered = page.evaluate(
        """() => new Promise((resolve) => {
            const line = new MessageChannel();
            line.port1.onmessage = () => resolve(true);
            window.postMessage({type: "sandbox:connect"}, location.origin, [line.port2]);
            line.port1.postMessage({type: "validate", body: {}, id: 1});
            setTimeout(() => resolve(false), 200);
        })"""
    )

    assert answered is False
