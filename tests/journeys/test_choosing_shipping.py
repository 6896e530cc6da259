"""Shoppers choose how their order is sent, and what they read on the button is what they are charged."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from launch.shop import Shop
from tests.browser import PATIENCE_MS, photograph
from tests.journeys.gateway import GatewayTruth
from tests.journeys.shopper import (
    CARD_FRAME,
    GOOD,
    PERSON,
    expect_thanks,
    fill_cart,
    go_to_checkout,
    order_number,
    pay,
    type_card,
)
from tests.journeys.staff import offer_shipping

STANDARD, EXPRESS = 490, 990


@pytest.fixture(scope="module", autouse=True)
def express(browser: Browser, shop: Shop) -> None:
    offer_shipping(browser, shop, "Express", EXPRESS)


@pytest.fixture
def page_without_javascript(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def checkout(page: Page, shop: Shop) -> Page:
    """The checkout page, filled in, with standard shipping chosen by the shop."""
    fill_cart(page, shop.url)
    go_to_checkout(page)
    type_card(page, GOOD)
    expect(page.get_by_label("Standard")).to_be_checked()
    return page


def to_pay(page: Page) -> int:
    """What the button says, in minor units, once it can be pressed."""
    button = page.locator("#pay")
    expect(button).to_be_enabled()
    found = re.fullmatch(r"Pay €([\d,]+)\.(\d\d)", button.inner_text().strip())
    assert found, "the button says what is paid"
    return int(found[1].replace(",", "") + found[2])


def expect_typed(page: Page) -> None:
    for label, text in PERSON.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(text)
    expect(page.get_by_label("Country", exact=True)).to_have_value("DE")


def test_express_shipping_is_shown_charged_and_costs_the_shopper_no_second_typing(
    checkout: Page, browser: Browser, gateway: GatewayTruth
) -> None:
    standard = to_pay(checkout)

    checkout.get_by_label("Express").check()

    summary = checkout.get_by_role("complementary", name="Your order")
    expect(summary).to_contain_text("Shipping (Express)")
    with_express = to_pay(checkout)
    assert with_express == standard - STANDARD + EXPRESS
    expect(summary).to_contain_text(f"€{with_express / 100:.2f}")
    expect_typed(checkout)
    photograph(browser, "express")
    pay(checkout)
    expect_thanks(checkout)
    assert gateway.charged(order_number(checkout)) == [with_express]


def test_whoever_uses_the_keyboard_and_a_screen_reader_chooses_and_hears_the_new_total(checkout: Page) -> None:
    standard = to_pay(checkout)
    checkout.get_by_label("Standard").focus()

    checkout.keyboard.press("ArrowDown")

    told = checkout.locator("#total-told")
    total = (standard - STANDARD + EXPRESS) / 100
    expect(told).to_have_text(f"With Express the total is €{total:.2f}.")
    expect(told).to_have_attribute("role", "status")
    expect(checkout.get_by_label("Express")).to_be_focused()
    assert to_pay(checkout) == round(total * 100)


def test_whoever_changes_their_mind_pays_for_what_was_chosen_last(checkout: Page, gateway: GatewayTruth) -> None:
    standard = to_pay(checkout)

    for name in ("Express", "Standard", "Express", "Standard"):
        checkout.get_by_label(name).check()
    assert to_pay(checkout) == standard
    pay(checkout)

    expect_thanks(checkout)
    assert gateway.charged(order_number(checkout)) == [standard]


def test_while_the_new_total_is_unknown_nothing_can_be_paid(checkout: Page) -> None:
    held: list[Route] = []
    checkout.route("**/checkout/", lambda route: held.append(route))

    with checkout.expect_request("**/checkout/"):
        checkout.get_by_label("Express").check()

    expect(checkout.locator("#pay")).to_be_disabled()
    held[0].continue_()
    expect(checkout.locator("#pay")).to_be_enabled()


def test_a_total_that_cannot_be_had_leaves_the_choice_and_the_total_as_they_were(
    checkout: Page, browser: Browser, gateway: GatewayTruth
) -> None:
    standard = to_pay(checkout)
    checkout.route("**/checkout/", lambda route: route.abort())

    checkout.get_by_label("Express").check(force=True)

    expect(checkout.get_by_role("alert").filter(has_text="could not be found out")).to_be_visible()
    expect(checkout.get_by_label("Standard")).to_be_checked()
    photograph(browser, "express-unknown")
    checkout.unroute("**/checkout/")
    assert to_pay(checkout) == standard
    pay(checkout)
    expect_thanks(checkout)
    assert gateway.charged(order_number(checkout)) == [standard]


def test_without_javascript_a_button_updates_the_total_and_keeps_what_was_typed(
    page_without_javascript: Page, browser: Browser, shop: Shop
) -> None:
    page = page_without_javascript
    fill_cart(page, shop.url)
    go_to_checkout(page)
    page.get_by_label("Express").check()

    page.get_by_role("button", name="Update the total").click()

    expect(page.get_by_text("Shipping (Express)")).to_be_visible()
    expect(page.get_by_label("Express")).to_be_checked()
    expect_typed(page)
    expect(page.locator(CARD_FRAME)).to_have_count(0)
    photograph(browser, "express-without-javascript")


def test_between_the_card_and_the_order_the_shipping_stays_as_it_was_paid_for(
    checkout: Page, gateway: GatewayTruth
) -> None:
    standard = to_pay(checkout)
    held: list[Route] = []
    checkout.route("**/v1/confirmation_tokens", lambda route: held.append(route))
    with checkout.expect_request("**/v1/confirmation_tokens"):
        pay(checkout)

    checkout.get_by_text("Express").click(force=True)

    expect(checkout.get_by_label("Standard")).to_be_checked()
    held[0].continue_()
    expect_thanks(checkout)
    assert gateway.charged(order_number(checkout)) == [standard]


def test_a_cart_that_was_emptied_in_another_tab_leads_back_to_it(checkout: Page, shop: Shop) -> None:
    tab = checkout.context.new_page()
    tab.goto(f"{shop.url}cart/")
    tab.get_by_role("button", name="Remove").click()
    expect(tab.get_by_text("Your cart is empty")).to_be_visible()

    checkout.get_by_label("Express").check(force=True)

    expect(checkout.get_by_text("Your cart is empty")).to_be_visible()
