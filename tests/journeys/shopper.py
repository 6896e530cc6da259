"""What a shopper does in the shop, by what they see and what a screen reader says."""

from __future__ import annotations

import re

from playwright.sync_api import FrameLocator, Page, expect

CARD_FRAME = 'iframe[title="Secure payment input frame"]'
BANK_FRAME = 'iframe[title^="3D Secure"]'

GOOD, DECLINED, WITH_3D_SECURE = "4242424242424242", "4000000000009995", "4000002760003184"

PERSON = {
    "Email": "ada@example.com",
    "Full name": "Ada Example",
    "Address": "1 Example Street",
    "Postal code": "10115",
    "City": "Berlin",
}


def fill_cart(page: Page, shop_url: str) -> None:
    """Open the first product that can be bought, and put it into the cart."""
    page.goto(shop_url)
    for address in page.locator('a[href^="/products/"]').evaluate_all("links => links.map(link => link.href)"):
        page.goto(address)
        button = page.get_by_role("button", name="Add to cart")
        if button.count() and button.is_enabled():
            button.click()
            expect(page.get_by_role("heading", name="Your cart")).to_be_visible()
            return
    raise AssertionError("the catalog has nothing in stock")


def go_to_checkout(page: Page) -> None:
    page.get_by_role("link", name="Checkout").click()
    for label, text in PERSON.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Country", exact=True).select_option("DE")


def type_card(page: Page, number: str) -> None:
    fields = page.frame_locator(CARD_FRAME)
    fields.get_by_label("Card number").fill(number)
    fields.get_by_label("Expiration date").fill("12 / 34")
    fields.get_by_label("Security code").fill("123")


def pay(page: Page) -> None:
    button = page.get_by_role("button", name=re.compile(r"^Pay"))
    expect(button).to_be_enabled()
    button.click()


def order_with(page: Page, shop_url: str, card: str) -> None:
    fill_cart(page, shop_url)
    go_to_checkout(page)
    type_card(page, card)
    pay(page)
    page.wait_for_url(re.compile(r"/orders/"))


def the_bank(page: Page) -> FrameLocator:
    return page.frame_locator(BANK_FRAME)


def expect_thanks(page: Page) -> None:
    expect(page.get_by_role("heading", name=re.compile(r"^Thank you"))).to_be_visible()


def order_number(page: Page) -> str:
    found = re.search(r"TG-\w{4}-\w{4}", page.locator("main").inner_text())
    assert found, "the page tells the order's number"
    return found[0]
