"""What staff do in the admin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from launch.shop import Shop


@contextmanager
def staff_at(browser: Browser, shop: Shop, address: str = "/admin/checkout/order/") -> Iterator[Page]:
    """A member of staff in a window of their own, signed in and at this address."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{shop.url}admin/login/?next={address}")
        page.get_by_label("Username").fill(shop.environment["STAFF_USERNAME"])
        page.get_by_label("Password").fill(shop.environment["STAFF_PASSWORD"])
        page.get_by_role("button", name="Log in").click()
        yield page


def offer_shipping(browser: Browser, shop: Shop, name: str, minor_units: int) -> None:
    """Let shoppers choose one more way of shipping."""
    with staff_at(browser, shop, "/admin/checkout/shippingmethod/add/") as staff:
        staff.get_by_label("Name").fill(name)
        staff.get_by_label("Price in minor units").fill(str(minor_units))
        staff.get_by_label("Position").fill("1")
        staff.get_by_role("button", name="Save", exact=True).click()
        expect(staff.get_by_text("was added successfully")).to_be_visible()
