"""Something in a list that no sense can be made of: it is named, and keeps nothing else of the list out."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest

from payments.gateways.base import InvalidWebhook, Unknown
from payments.gateways.settlement import BalanceSeen, Page
from payments.gateways.stripe.adapter import StripeGateway
from payments.gateways.stripe.events import SIGNATURE_HEADER
from payments.money import Money
from tests.payments.gateways.conftest import stripe_at
from tests.payments.gateways.test_stripe_answers import http, served
from tests.sandbox_process import WEBHOOK_SECRET

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WHEN = 1_700_000_000

Shown = dict[str, object]


def listing(*items: Shown, more: bool = False) -> Shown:
    return {"object": "list", "url": "/v1/x", "has_more": more, "data": list(items)}


def movement(name: str, currency: str = "eur") -> Shown:
    return {
        "id": name,
        "object": "balance_transaction",
        "reporting_category": "fee",
        "source": None,
        "amount": -10,
        "fee": 0,
        "net": -10,
        "currency": currency,
        "exchange_rate": None,
        "created": WHEN,
        "available_on": WHEN,
    }


def payout(name: str, currency: str = "eur") -> Shown:
    return {
        "id": name,
        "object": "payout",
        "status": "paid",
        "amount": 10,
        "currency": currency,
        "arrival_date": WHEN,
        "created": WHEN,
        "failure_code": None,
        "failure_message": None,
    }


def event(name: str, kind: str, about: Shown, **more: object) -> Shown:
    shown: Shown = {"id": name, "object": "event", "type": kind, "livemode": False, "created": WHEN}
    return {**shown, "data": {"object": about}, **more}


PRICE = {"id": "price_1", "object": "price", "currency": "eur", "unit_amount": 100, "unit_amount_decimal": "100.50"}


def test_a_movement_that_makes_no_sense_keeps_no_other_out() -> None:
    with served(
        http(200, listing(movement("txn_1"), movement("txn_2", currency="usdc"), movement("txn_3")))
    ) as gateway:
        page = gateway.list_balance_transactions(LONG_AGO, "")

    assert isinstance(page, Page)
    assert [seen.gateway_id for seen in page.items] == ["txn_1", "txn_3"]
    ((name, reason),) = [(unread.gateway_id, unread.reason) for unread in page.unread]
    assert name == "txn_2" and "USDC" in reason.upper()


def test_a_payout_that_makes_no_sense_keeps_no_other_out() -> None:
    with served(http(200, listing(payout("po_1", currency="usdc"), payout("po_2")))) as gateway:
        page = gateway.list_payouts(LONG_AGO, "")

    assert isinstance(page, Page)
    assert ([p.gateway_id for p in page.items], [u.gateway_id for u in page.unread]) == (["po_2"], ["po_1"])


def test_a_balance_in_a_currency_that_does_not_exist_keeps_no_other_out() -> None:
    entries = [{"amount": 5, "currency": "usdc"}, {"amount": 4200, "currency": "eur"}]
    with served(http(200, {"object": "balance", "livemode": False, "available": entries})) as gateway:
        balance = gateway.retrieve_balance()

    assert isinstance(balance, BalanceSeen)
    assert balance.available("EUR") == Money(4200, "EUR")
    assert [unread.gateway_id for unread in balance.unread] == ["usdc"]


def test_an_event_about_a_price_is_listed_with_its_whole_body() -> None:
    """The SDK reads `unit_amount_decimal` as a Decimal, which JSON does not know."""
    with served(http(200, listing(event("evt_1", "price.created", PRICE)))) as gateway:
        page = gateway.list_events(LONG_AGO, "")

    assert isinstance(page, Page)
    (listed,) = page.items
    assert (listed.notice.event_type, listed.notice.subject) == ("price.created", None)
    assert json.loads(listed.body)["data"]["object"] == PRICE


def test_an_event_that_makes_no_sense_keeps_no_other_out() -> None:
    shown = listing(event("evt_1", "charge.captured", {}, created="yesterday"), event("evt_2", "price.created", PRICE))
    with served(http(200, shown)) as gateway:
        page = gateway.list_events(LONG_AGO, "")

    assert isinstance(page, Page)
    assert [listed.notice.event_id for listed in page.items] == ["evt_2"]
    assert [unread.gateway_id for unread in page.unread] == ["evt_1"]


def test_a_list_goes_on_after_something_that_makes_no_sense() -> None:
    with served(http(200, listing(movement("txn_1", currency="usdc"), more=True))) as gateway:
        page = gateway.list_balance_transactions(LONG_AGO, "")

    assert isinstance(page, Page)
    assert page.next == "txn_1"


@pytest.mark.parametrize(
    "shown", [listing(more=True), listing({"object": "balance_transaction"}, more=True)], ids=["empty", "without an id"]
)
def test_a_list_that_does_not_say_how_it_goes_on_is_no_list(shown: Shown) -> None:
    with served(http(200, shown)) as gateway:
        page = gateway.list_balance_transactions(LONG_AGO, "")

    assert isinstance(page, Unknown)


@pytest.fixture
def stripe_gateway() -> StripeGateway:
    """Nothing is asked of it."""
    return stripe_at("http://127.0.0.1:9")


@pytest.mark.parametrize("header", ["t=1,v1=\xe9", "t=\u0661,v1=0"])
def test_a_signature_that_is_not_ascii_is_refused(stripe_gateway: StripeGateway, header: str) -> None:
    with pytest.raises(InvalidWebhook):
        stripe_gateway.parse_webhook(b"{}", {SIGNATURE_HEADER: header})


def signed(body: bytes) -> dict[str, str]:
    at = int(time.time())
    signature = hmac.new(WEBHOOK_SECRET.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return {SIGNATURE_HEADER: f"t={at},v1={signature}"}


def body_with(**changed: object) -> bytes:
    """An event as a webhook brings it, but for what is changed."""
    return json.dumps(event("evt_1", "payment_intent.succeeded", {"id": "pi_1"}) | changed).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        body_with(id=None),
        body_with(id="evt_" + "x" * 252),
        body_with(id="evt_\0"),
        body_with(id="evt_\ud800"),
        body_with(type="payment_intent." + "x" * 100),
        body_with(created=10**18),
        body_with(created=float("inf")),
        body_with(livemode="no"),
        body_with(data={"object": {"id": "pi_" + "x" * 253}}),
        body_with(data={"object": {"id": "pi_\0"}}),
    ],
    ids=[
        "too deep",
        "no id",
        "long id",
        "NUL in the id",
        "lone surrogate",
        "long type",
        "far future",
        "no time",
        "no mode",
        "long object id",
        "NUL in the object id",
    ],
)
def test_a_signed_body_that_can_be_no_event_is_refused(stripe_gateway: StripeGateway, body: bytes) -> None:
    with pytest.raises(InvalidWebhook):
        stripe_gateway.parse_webhook(body, signed(body))


def test_a_signed_event_is_read(stripe_gateway: StripeGateway) -> None:
    assert stripe_gateway.parse_webhook(body_with(), signed(body_with())).event_id == "evt_1"
