"""The sandbox's page for a person."""

from __future__ import annotations

from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.browser import photograph
from tests.sandbox_browser.conftest import running_gateway
from tests.sandbox_browser.gateway import Document, Gateway
from tests.sandbox_browser.merchant import Merchant

ROWS = "tbody tr"


def paid(gateway: Gateway, amount: int) -> Document:
    return gateway.post(
        "/v1/payment_intents",
        amount=amount,
        currency="eur",
        confirm="true",
        payment_method="pm_card_visa",
        return_url="http://127.0.0.1/return",
    )


def test_a_new_payment_shows_up_by_itself(page: Page, gateway: Gateway, browser: Browser) -> None:
    page.goto(gateway.origin)
    intent = paid(gateway, 123456)

    row = page.locator(ROWS, has_text=str(intent["id"]))

    expect(row).to_contain_text("1,234.56 EUR")
    expect(row).to_contain_text("succeeded")
    expect(row).to_contain_text(str(intent["latest_charge"]))
    photograph(browser, "watching-payments")


def test_many_payments_are_shown_page_by_page(page: Page, gateway: Gateway) -> None:
    for _ in range(26):
        gateway.post("/v1/payment_intents", amount=100, currency="jpy")
    page.goto(gateway.origin)
    newest = page.locator(ROWS).first.locator("td").nth(1).inner_text()
    expect(page.locator(ROWS)).to_have_count(25)

    page.get_by_role("link", name="Older").click()
    expect(page.get_by_text(newest)).to_have_count(0)
    page.get_by_role("link", name="Newer").click()

    expect(page.locator(ROWS).first).to_contain_text(newest)


def test_a_page_beyond_the_oldest_says_so_and_leads_back(page: Page, gateway: Gateway) -> None:
    page.goto(f"{gateway.origin}/?page=99")

    expect(page.get_by_text("Nothing is older")).to_be_visible()
    expect(page.get_by_role("link", name="Newer")).to_have_attribute("href", "/?show=Payments&page=98")


def test_times_are_shown_in_the_readers_own_zone_and_name_it(gateway: Gateway, browser: Browser) -> None:
    gateway.post("/v1/payment_intents", amount=100, currency="eur")
    with browser.new_context(timezone_id="Asia/Kathmandu", locale="en-GB") as context:
        page = context.new_page()
        page.goto(gateway.origin)

        expect(page.locator("time").first).to_contain_text("GMT+5:45")


def test_a_section_without_anything_says_so(page: Page, gateway: Gateway) -> None:
    page.goto(gateway.origin)

    page.get_by_role("link", name="Deliveries").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Deliveries")
    expect(page.get_by_text("SANDBOX_WEBHOOK_URL was not set")).to_be_visible()


def test_a_webhook_is_delivered_once_more(page: Page, browser: Browser, tmp_path: Path) -> None:
    shop = Merchant("http://localhost")
    with running_gateway(tmp_path, f"{shop.origin}/webhooks") as gateway:
        gateway.post("/v1/payment_intents", amount=100, currency="eur")
        page.goto(f"{gateway.origin}/?show=Deliveries")
        expect(page.locator(ROWS)).to_contain_text("delivered")

        page.get_by_role("button", name="Redeliver").click()

        expect(page.locator(ROWS).filter(has_text="delivered")).to_have_count(2)
        photograph(browser, "watching-deliveries")
    shop.close()
    assert [request.line for request in shop.received] == ["POST /webhooks"] * 2


def test_a_refund_is_sent_back_by_the_bank(page: Page, gateway: Gateway, browser: Browser) -> None:
    refund = gateway.post("/v1/refunds", payment_intent=str(paid(gateway, 700)["id"]))
    page.goto(f"{gateway.origin}/?show=Refunds")
    row = page.locator(ROWS, has_text=str(refund["id"]))
    expect(row).to_contain_text("succeeded")

    row.get_by_role("button", name="Send it back").click()

    expect(row).to_contain_text("failed")
    expect(row.get_by_role("button")).to_have_count(0)
    assert gateway.get(f"/v1/refunds/{refund['id']}")["status"] == "failed"
    photograph(browser, "watching-refunds")


def test_a_fault_is_set_and_cleared(page: Page, gateway: Gateway, browser: Browser) -> None:
    page.goto(f"{gateway.origin}/?show=Faults")
    page.get_by_label("On", exact=True).fill("charges.list")
    page.get_by_label("Hold, in seconds").fill("1.5")
    page.get_by_role("button", name="Set the fault").click()
    expect(page.locator(ROWS)).to_contain_text("charges.list")
    expect(page.locator(ROWS)).to_contain_text("hold 1.5 s")
    photograph(browser, "watching-faults")

    page.get_by_role("button", name="Clear all faults").click()

    expect(page.get_by_text("No faults are set")).to_be_visible()


def test_a_storm_and_a_lost_webhook_are_set(page: Page, gateway: Gateway) -> None:
    page.goto(f"{gateway.origin}/?show=Faults")
    page.get_by_label("On", exact=True).fill("charges.list")
    page.get_by_label("When").select_option("before the work")
    page.get_by_label("Answer with").select_option("503")
    page.get_by_label("Share of the calls").fill("0.1")
    page.get_by_role("button", name="Set the fault").click()
    expect(page.locator(ROWS)).to_contain_text("answer 503, to 10% of the calls")

    page.get_by_label("On", exact=True).fill("webhooks.charge.*")
    page.get_by_label("To webhooks").select_option("lose")
    page.get_by_role("button", name="Set the fault").click()

    expect(page.locator(ROWS, has_text="webhooks.charge.*")).to_contain_text("lose")
    page.get_by_role("button", name="Clear all faults").click()
    expect(page.get_by_text("No faults are set")).to_be_visible()


def test_a_fault_that_makes_no_sense_is_refused(page: Page, gateway: Gateway) -> None:
    page.goto(f"{gateway.origin}/?show=Faults")
    page.get_by_label("On", exact=True).fill("webhooks")
    page.get_by_role("button", name="Set the fault").click()

    expect(page.get_by_role("alert")).to_contain_text("`do`")
    expect(page.get_by_text("No faults are set")).to_be_visible()


def test_another_sites_form_changes_nothing(gateway: Gateway) -> None:
    connection = HTTPConnection(urlsplit(gateway.origin).netloc)
    connection.request("POST", "/faults", "on=refunds.create&hold_s=9", {"Origin": "http://127.0.0.1:1"})
    with connection.getresponse() as refused:
        refused.read()
    connection.request("GET", "/?show=Faults")

    assert refused.status == 403
    assert b"hold 9 s" not in connection.getresponse().read()
    connection.close()


def test_a_debit_is_paid_or_refused_by_a_person(page: Page, gateway: Gateway, browser: Browser) -> None:
    settled, refused = debited(gateway, 4100), debited(gateway, 4200)
    page.goto(gateway.origin)
    first, second = (page.locator(ROWS, has_text=str(intent["id"])) for intent in (settled, refused))
    photograph(browser, "watching-debits")

    first.get_by_role("button", name="Pay it").click()
    expect(first).to_contain_text("succeeded")
    second.get_by_role("button", name="Refuse it").click()

    expect(second).to_contain_text("insufficient_funds")
    assert gateway.get(f"/v1/payment_intents/{settled['id']}")["status"] == "succeeded"


def debited(gateway: Gateway, amount: int) -> Document:
    """A debit that its bank answers in some minutes."""
    parameters: dict[str, str | int] = {
        "allowed_payment_method_types[0]": "sepa_debit",
        "mandate_data[customer_acceptance][type]": "offline",
    }
    return gateway.post(
        "/v1/payment_intents",
        amount=amount,
        currency="eur",
        confirm="true",
        payment_method="pm_successDelayed_de",
        **parameters,
    )


def test_a_dispute_is_opened_and_decided_by_a_person(page: Page, gateway: Gateway, browser: Browser) -> None:
    charges = [str(paid(gateway, amount)["latest_charge"]) for amount in (5100, 5200)]
    for charge in charges:
        page.goto(gateway.origin)
        page.locator(ROWS, has_text=charge).get_by_role("button", name="Dispute it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disputes")
    won, lost = (page.locator(ROWS, has_text=charge) for charge in charges)
    expect(won).to_contain_text("needs_response")
    photograph(browser, "watching-disputes")

    won.get_by_role("button", name="For you").click()
    expect(won).to_contain_text("won")
    lost.get_by_role("button", name="Against you").click()

    expect(lost).to_contain_text("lost")
    expect(page.locator(ROWS, has=page.get_by_role("button")).filter(has_text=charges[1])).to_have_count(0)


def test_what_is_available_is_paid_out_and_comes_back(page: Page, browser: Browser, tmp_path: Path) -> None:
    with running_gateway(tmp_path) as gateway:
        gateway.post(
            "/v1/payment_intents",
            amount=9900,
            currency="eur",
            confirm="true",
            capture_method="automatic",
            payment_method="pm_card_bypassPending",
            return_url="http://127.0.0.1/return",
        )
        page.goto(f"{gateway.origin}/?show=Payouts")
        page.get_by_role("button", name="Pay out what is available").click()
        row = page.locator(ROWS)
        expect(row).to_contain_text("97.26 EUR")
        row.get_by_role("button", name="Let it arrive").click()
        expect(row).to_contain_text("paid")
        photograph(browser, "watching-payouts")

        row.get_by_role("button", name="Send it back").click()

        expect(row).to_contain_text("The bank account has been closed")
