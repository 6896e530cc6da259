"""Shoppers pay in a real browser; each order is charged exactly once, says the gateway."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from launch.shop import Shop
from tests.journeys.gateway import GatewayTruth
from tests.journeys.shopper import (
    DECLINED,
    GOOD,
    WITH_3D_SECURE,
    expect_thanks,
    fill_cart,
    go_to_checkout,
    order_number,
    order_with,
    pay,
    the_bank,
    type_card,
)
from tests.journeys.staff import staff_at


def charged_once(gateway: GatewayTruth, page: Page) -> bool:
    return len(gateway.successful_charges(order_number(page))) == 1


def test_a_card_is_paid(page: Page, shop: Shop, gateway: GatewayTruth) -> None:
    order_with(page, shop.url, GOOD)

    expect_thanks(page)
    assert charged_once(gateway, page)


def test_no_card_data_is_sent_to_the_shop(page: Page, shop: Shop) -> None:
    sent: list[str] = []
    page.on(
        "request",
        lambda request: (
            sent.append(f"{request.url} {request.post_data or ''}") if request.url.startswith(shop.url) else None
        ),
    )

    order_with(page, shop.url, GOOD)
    expect_thanks(page)

    told = re.sub(r"\D", "", " ".join(sent))
    assert len(sent) > 5
    assert GOOD not in told


def test_a_declined_card_is_told_and_another_card_pays_the_same_order(
    page: Page, shop: Shop, gateway: GatewayTruth
) -> None:
    order_with(page, shop.url, DECLINED)
    expect(page.get_by_role("alert").filter(has_text="declined")).to_be_visible()
    number, address = order_number(page), page.url

    type_card(page, GOOD)
    pay(page)

    expect_thanks(page)
    assert (order_number(page), page.url) == (number, address)
    assert charged_once(gateway, page)


def test_a_page_to_pay_again_that_the_browser_shows_from_its_memory_is_loaded_anew(page: Page, shop: Shop) -> None:
    """Chromium keeps no page with a frame of another site, so the event that it would send is sent by hand."""
    order_with(page, shop.url, DECLINED)
    expect(page.get_by_role("button", name=re.compile(r"^Pay"))).to_be_enabled()

    with page.expect_event("load"):
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    expect(page.get_by_role("button", name=re.compile(r"^Pay"))).to_be_enabled()


def test_3d_secure_passed_pays_the_order(page: Page, shop: Shop, gateway: GatewayTruth) -> None:
    order_with(page, shop.url, WITH_3D_SECURE)

    the_bank(page).get_by_role("button", name="Complete").click()

    expect_thanks(page)
    assert charged_once(gateway, page)


def test_3d_secure_failed_is_told_and_can_be_tried_again(page: Page, shop: Shop, gateway: GatewayTruth) -> None:
    order_with(page, shop.url, WITH_3D_SECURE)
    the_bank(page).get_by_role("button", name="Fail").click()
    expect(page.get_by_role("heading", name="The payment did not go through")).to_be_visible()
    assert gateway.successful_charges(order_number(page)) == []

    type_card(page, WITH_3D_SECURE)
    pay(page)
    the_bank(page).get_by_role("button", name="Complete").click()

    expect_thanks(page)
    assert charged_once(gateway, page)


def test_a_shopper_who_reloads_during_3d_secure_can_still_finish(page: Page, shop: Shop, gateway: GatewayTruth) -> None:
    order_with(page, shop.url, WITH_3D_SECURE)
    expect(the_bank(page).get_by_role("button", name="Complete")).to_be_visible()

    page.reload()
    the_bank(page).get_by_role("button", name="Complete").click()

    expect_thanks(page)
    assert charged_once(gateway, page)


def test_back_and_paying_again_leads_to_the_same_order(page: Page, shop: Shop, gateway: GatewayTruth) -> None:
    order_with(page, shop.url, GOOD)
    expect_thanks(page)
    number = order_number(page)

    page.goto(f"{shop.url}checkout/")

    expect(page.get_by_text("Your cart is empty")).to_be_visible()
    assert len(gateway.successful_charges(number)) == 1


def test_card_fields_that_are_incomplete_are_told_and_nothing_is_placed(page: Page, shop: Shop) -> None:
    fill_cart(page, shop.url)
    go_to_checkout(page)
    type_card(page, "4242")

    pay(page)

    expect(page.get_by_role("alert").filter(has_text=re.compile("card", re.I)).first).to_be_visible()
    assert page.url.endswith("/checkout/")


def test_a_field_that_is_empty_is_named_and_what_was_written_kept(page: Page, shop: Shop) -> None:
    fill_cart(page, shop.url)
    go_to_checkout(page)
    page.get_by_label("City", exact=True).fill("")
    type_card(page, GOOD)

    pay(page)

    city = page.get_by_label("City", exact=True)
    expect(page.get_by_role("alert").get_by_role("link", name=re.compile("^City"))).to_be_visible()
    expect(city).to_be_focused()
    expect(page.get_by_label("Full name", exact=True)).to_have_value("Ada Example")
    assert page.url.endswith("/checkout/")

    city.fill("Berlin")
    pay(page)
    expect_thanks(page)


def test_a_refund_by_staff_is_seen_by_the_shopper(
    page: Page, browser: Browser, shop: Shop, gateway: GatewayTruth
) -> None:
    number = bought(page, shop)

    with staff_at(browser, shop) as staff:
        staff.get_by_role("link", name=number).click()
        staff.get_by_role("link", name=re.compile("for Order")).click()
        staff.get_by_role("link", name="Refund", exact=True).click()
        staff.get_by_label("Amount in EUR").fill("1.00")
        staff.get_by_label("Reason").fill("A scratch")
        staff.get_by_role("button", name="Refund").click()
        expect(staff.get_by_text("The refund of 1.00 EUR is on its way.")).to_be_visible()

    expect_refund(page, "A part of your payment was refunded.")
    assert charged_once(gateway, page)
    assert [refund["amount"] for refund in gateway.refunds(number)] == [100]


def test_staff_mark_an_order_as_fulfilled(page: Page, browser: Browser, shop: Shop) -> None:
    number = bought(page, shop)

    with staff_at(browser, shop) as staff:
        staff.get_by_role("link", name=number).click()
        staff.get_by_role("link", name="Mark as fulfilled").click()
        staff.get_by_role("button", name="Mark as fulfilled").click()

        expect(staff.get_by_text("The order is fulfilled.")).to_be_visible()


def test_staff_cancel_an_order_that_was_refunded(page: Page, browser: Browser, shop: Shop) -> None:
    number = bought(page, shop)

    with staff_at(browser, shop) as staff:
        staff.get_by_role("link", name=number).click()
        staff.get_by_role("link", name="Cancel the order").click()
        expect(staff.get_by_role("alert")).to_contain_text("of its payment is still here. Refund it first.")
        staff.get_by_role("link", name=re.compile("for Order")).click()
        staff.get_by_role("link", name="Refund", exact=True).click()
        staff.get_by_role("button", name="Refund").click()
        expect_refund(page, "Your payment was refunded in full.")
        staff.goto(f"{shop.url}admin/checkout/order/")
        staff.get_by_role("link", name=number).click()
        staff.get_by_role("link", name="Cancel the order").click()
        staff.get_by_role("button", name="Cancel the order").click()

        expect(staff.get_by_text("The order is cancelled.")).to_be_visible()
    expect_refund(page, "Your payment was refunded in full.")


def bought(page: Page, shop: Shop) -> str:
    """The shopper buys something; the order's number."""
    order_with(page, shop.url, GOOD)
    expect_thanks(page)
    return order_number(page)


def expect_refund(page: Page, message: str) -> None:
    """The shopper looks again until the refund has come through."""

    def reload_and_look() -> bool:
        page.reload()
        return page.get_by_text(message).is_visible()

    for _ in range(40):
        if reload_and_look():
            return
        page.wait_for_timeout(250)
    raise AssertionError("the refund never showed")
