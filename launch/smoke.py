"""`make smoke`: pay an order by card and refund it through public interfaces only, then check every book of it."""

from __future__ import annotations

import re

from launch.forms import Page
from launch.gateway_books import GatewayBooks
from launch.ports import free_ports
from launch.shop import ROOT, Plan, Shop, running_shop
from launch.visitor import UnexpectedAnswer, Visitor

STATE = ROOT / ".tillgate" / "smoke"
CARD = "pm_card_visa"
REFUND_COLUMNS, LEDGER_COLUMNS = 7, 5
SHOPPER = {
    "email": "smoke@example.com",
    "name": "Ada Example",
    "address": "1 Example Street",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}


def smoke() -> int:
    """0 when the order was paid once and refunded once, and shop, gateway and ledger say so. Else an exception."""
    with running_shop(Plan(STATE, free_ports, "smoke.env", fresh=True), say=_say) as shop:
        books = GatewayBooks(shop.sandbox_url, shop.environment["STRIPE_SECRET_KEY"])
        shopper = Visitor(shop.url)
        _buy(shopper, books)
        staff = Visitor(shop.url)
        intent = _find_payment(staff, shop)
        _say(f"the gateway has {books.charged_once(intent)}")
        _refund(staff)
        shopper.wait_for_state("refunded")
        _say("the shopper sees: refunded")
        _say(f"the gateway has {books.refunded_in_full(intent)}")
        _check_payment_page(staff)
        _check_our_books(shop)
    print("smoke: ok", flush=True)
    return 0


def _buy(shopper: Visitor, books: GatewayBooks) -> None:
    """From the catalog to the paid order, whose page stays open."""
    product = _product_in_stock(shopper)
    shopper.send(product.form("Add to cart"))
    _say(f"added a product to the cart, now at {shopper.address}")
    checkout = shopper.open(shopper.page.link("Checkout"))
    token = books.card_token(CARD)
    shopper.send(checkout.form("Pay"), **SHOPPER, confirmation_token=token)
    _say(f"paid by {CARD}, now at {shopper.address}")
    shopper.wait_for_state("paid")
    _say("the shopper sees: paid")


def _product_in_stock(shopper: Visitor) -> Page:
    products = [link.target for link in shopper.open("/").links if "/products/" in link.target]
    for address in products:
        page = shopper.open(address)
        if any("Add to cart" in form.buttons for form in page.forms):
            return page
    raise UnexpectedAnswer("the catalog has no product that could be bought")


def _find_payment(staff: Visitor, shop: Shop) -> str:
    """Sign in, open the only payment, and read the gateway's id for it off its page."""
    login = staff.open("/admin/login/?next=/admin/payments/payment/")
    username, password = (shop.environment[name] for name in ("STAFF_USERNAME", "STAFF_PASSWORD"))
    payments = staff.send(login.form("Log in"), username=username, password=password)
    target = next(link.target for link in payments.links if re.search(r"/payment/\d+/change/", link.target))
    staff.open(target)
    intent = re.search(r"\bpi_\w+", staff.page.text)
    if intent is None or "Succeeded" not in staff.page.text:
        raise UnexpectedAnswer(f"{staff.address} shows no payment that succeeded at the gateway")
    _say(f"staff sees payment {intent.group()}: succeeded")
    return intent.group()


def _refund(staff: Visitor) -> None:
    """All that is left, which the form proposes."""
    confirmation = staff.open(staff.page.link("Refund"))
    staff.send(confirmation.form("Refund"), reason="Smoke test")
    _say("staff refunded it in full")


def _check_payment_page(staff: Visitor) -> None:
    """The payment's own page: one refund that succeeded, and its ledger, which gives back what it took."""
    rows = staff.open(staff.address).rows
    refunded = [row[1] for row in rows if len(row) == REFUND_COLUMNS and row[2] == "Succeeded"]
    ledger = [tuple(row[1:4]) for row in rows if len(row) == LEDGER_COLUMNS and row[1] in ("Capture", "Refund")]
    amount = refunded[0] if len(refunded) == 1 else "nothing"
    moved = sorted((kind, money) for kind, _, money in ledger)
    if moved != [("Capture", f"-{amount}"), ("Capture", amount), ("Refund", f"-{amount}"), ("Refund", amount)]:
        raise UnexpectedAnswer(f"{staff.address} shows the refunds {refunded} and the entries {ledger}")
    _say(f"staff sees one refund, of {amount}: succeeded")
    for kind, account, money in ledger:
        _say(f"ledger: {kind.lower()}, {account}: {money}")


def _check_our_books(shop: Shop) -> None:
    for command in ("verify_ledger", "verify_audit"):
        shop.manage(command, command)
        _say(f"{command} passed")


def _say(line: str) -> None:
    print(f"smoke: {line}", flush=True)
