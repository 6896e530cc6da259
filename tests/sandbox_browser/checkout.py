"""What a shopper does on the merchant's page."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from playwright.sync_api import FrameLocator, Page, expect

from tests.sandbox_browser.merchant import Merchant

IN_GERMANY = {"defaultValues": {"billingDetails": {"address": {"country": "DE"}}}}


def visit(page: Page, merchant: Merchant, **parameters: object) -> None:
    """Open the shop and wait until its fields can be used."""
    query = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
    page.goto(f"{merchant.origin}/?{urlencode(query)}")
    page.locator("body[data-ready]").wait_for()


def fields(page: Page) -> FrameLocator:
    return page.frame_locator('iframe[title="Secure payment input frame"]')


def fill_card(page: Page, number: str = "4242424242424242", expiry: str = "1234", code: str = "123") -> None:
    """Put everything in at once, as a password manager does."""
    fields(page).get_by_label("Card number").fill(number)
    fields(page).get_by_label("Expiration date").fill(expiry)
    fields(page).get_by_label("Security code").fill(code)


def result(page: Page) -> dict[str, dict[str, object]]:
    """What Stripe.js told the shop's page last."""
    output = page.locator("output")
    expect(output).not_to_be_empty()
    shown: dict[str, dict[str, object]] = json.loads(output.inner_text())
    return shown


def pay(page: Page) -> dict[str, dict[str, object]]:
    page.get_by_role("button", name="Pay").click()
    return result(page)
