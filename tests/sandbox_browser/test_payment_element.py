"""What a shop's script can do with the Payment Element, and what it hears from it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.sandbox_browser.checkout import IN_GERMANY, fields, fill_card, visit
from tests.sandbox_browser.merchant import Merchant


def listen(page: Page, *events: str) -> None:
    """Note what the Element tells of these events, in the order of its telling."""
    page.evaluate(
        "(names) => { window.heard = []; names.forEach((name) =>"
        " payment.on(name, (event) => heard.push({name, ...event}))); }",
        list(events),
    )


def heard(page: Page, count: int) -> list[dict[str, object]]:
    page.wait_for_function(f"heard.length >= {count}")
    told: list[dict[str, object]] = page.evaluate("heard")
    return told


def test_a_change_says_whether_the_fields_are_empty_or_complete(page: Page, merchant: Merchant) -> None:
    visit(page, merchant, payment=IN_GERMANY)
    listen(page, "change")

    fill_card(page)
    page.evaluate("payment.clear()")

    assert [(event["empty"], event["complete"]) for event in heard(page, 3)] == [
        (False, False),
        (False, True),
        (True, False),
    ]
    assert heard(page, 3)[0]["elementType"] == "payment"
    expect(fields(page).get_by_label("Card number")).to_have_value("")


def test_focus_and_blur_are_told_of_the_whole_and_not_of_each_field(page: Page, merchant: Merchant) -> None:
    visit(page, merchant)
    listen(page, "focus", "blur", "escape")

    page.evaluate("payment.focus()")
    expect(fields(page).get_by_label("Card number")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.evaluate("payment.blur()")

    assert [event["name"] for event in heard(page, 3)] == ["focus", "escape", "blur"]


def test_a_listener_can_hear_once_or_be_taken_off(page: Page, merchant: Merchant) -> None:
    visit(page, merchant)
    page.evaluate(
        "window.count = {once: 0, off: 0, on: 0};"
        "const off = () => { count.off += 1; };"
        "payment.once('change', () => { count.once += 1; }); payment.on('change', off); payment.off('change', off);"
        "payment.on('change', () => { count.on += 1; });"
    )

    fields(page).get_by_label("Card number").fill("4")
    fields(page).get_by_label("Card number").fill("")
    page.wait_for_function("count.on === 2")

    assert page.evaluate("count") == {"once": 1, "off": 0, "on": 2}


def test_read_only_fields_take_no_typing(page: Page, merchant: Merchant) -> None:
    visit(page, merchant, payment={**IN_GERMANY, "readOnly": True})
    expect(fields(page).get_by_label("Card number")).not_to_be_editable()

    page.evaluate("payment.update({readOnly: false})")

    expect(fields(page).get_by_label("Card number")).to_be_editable()


def test_new_options_reach_fields_that_are_shown_and_keep_what_was_typed(page: Page, merchant: Merchant) -> None:
    visit(page, merchant, payment=IN_GERMANY)
    fill_card(page)
    page.evaluate("elements.on('update-end', () => { window.ended = true; })")

    page.evaluate("elements.update({amount: 2500, appearance: {variables: {colorText: 'rgb(1, 2, 3)'}}})")

    expect(fields(page).get_by_text("Card number")).to_have_css("color", "rgb(1, 2, 3)")
    expect(fields(page).get_by_label("Card number")).to_have_value("4242 4242 4242 4242")
    assert page.evaluate("ended")
