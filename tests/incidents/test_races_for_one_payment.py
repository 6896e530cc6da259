"""Everybody who may bring a payment's result comes at once: the shopper's return, a webhook, the sweep and a worker.

Incidents: medusa 13301 and 12674 (the loser of the race captured again, or compensated a good order by a refund),
woocommerce-payments 3287 and 3520 (the return page and the webhook both completed the order).
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client

from catalog.models import Stock, Variant
from checkout.models import Order
from payments.ledger.verification import verify_ledger
from payments.models import LedgerTransaction, Operation, Payment, WebhookEvent
from payments.operations.looking import look_at_payment
from payments.operations.submit import submit
from payments.operations.sweeping import ask_about_open_payments, sweep_observations, sweep_operations
from payments.webhooks.inbox import drain_inbox
from tests.catalog.factories import shelved
from tests.checkout.shopper import Shopper, payment_of
from tests.incidents.racing import at_once, deadlocks
from tests.payments.arrange import operation
from tests.payments.scripted import ScriptedGateway, lost

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]

ROUNDS = 50  # times four callers: two hundred starts


@pytest.fixture
def mug(gateway: ScriptedGateway) -> Variant:
    return shelved(200)


def status_of(order: Order) -> str:
    answer: dict[str, str] = json.loads(Client().get(f"/orders/{order.public_id}/status.json").content)
    return answer["state"]


def webhook(gateway: ScriptedGateway, gateway_id: str, event_id: str) -> int:
    body, headers = gateway.webhook(gateway_id, event_id=event_id)
    url = "/payments/webhooks/scripted/"
    return Client().post(url, body, content_type="application/json", headers=headers).status_code


def everybody(order: Order, payment: Payment, gateway: ScriptedGateway) -> list[Callable[[], object]]:
    sale = operation(payment, "sale")

    def the_shopper_returns() -> object:
        return Client().get(f"/orders/{order.public_id}/return").status_code

    def the_webhook_comes() -> object:
        return webhook(gateway, payment.gateway_id, f"e-{payment.pk}"), drain_inbox()

    def the_sweep_comes() -> object:
        return sweep_operations(), sweep_observations(), ask_about_open_payments()

    def the_worker_goes_on() -> object:
        submit(sale.pk)
        return None

    return [the_shopper_returns, the_webhook_comes, the_sweep_comes, the_worker_goes_on]


def test_return_webhook_sweep_and_worker_at_once_take_the_money_once_and_all_see_it_paid(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    before = deadlocks()
    for number in range(ROUNDS):
        gateway.script("confirm", lost())
        order = Shopper().buys(mug)
        payment = payment_of(order)
        assert operation(payment, "sale").status == Operation.Status.UNKNOWN

        results = at_once(everybody(order, payment, gateway))

        assert [result for result in results if isinstance(result, Exception)] == [], f"round {number}"
        drain_inbox()
        assert (status_of(order), payment_of(order).status) == ("paid", "succeeded")
    assert gateway.successful_charges == ROUNDS
    assert gateway.refunds == {}
    assert LedgerTransaction.objects.filter(kind="capture").count() == ROUNDS
    assert list(verify_ledger()) == []
    assert deadlocks() == before


def test_fifty_identical_webhooks_at_once_send_one_mail_and_move_stock_once(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    """woocommerce-gateway-stripe 2331 and 3574, pretix 1166: a lock that was read, then set, let two through."""
    order = Shopper().buys(mug, "tok_action")
    payment = payment_of(order)
    gateway.complete_action(payment.gateway_id)
    body, headers = gateway.webhook(payment.gateway_id, event_id="e-1")

    def deliver_and_drain() -> object:
        url = "/payments/webhooks/scripted/"
        stored = Client().post(url, body, content_type="application/json", headers=headers).status_code
        drain_inbox()
        return stored

    assert at_once([deliver_and_drain] * 50) == [200] * 50

    order.refresh_from_db()
    stock = Stock.objects.get(variant=mug)
    assert (WebhookEvent.objects.count(), order.status) == (1, "confirmed")
    assert order.emails.filter(kind="receipt").count() == 1
    assert (stock.on_hand, stock.reserved) == (199, 0)


def test_a_paid_order_that_is_told_paid_by_ten_looks_at_once_books_once(mug: Variant, gateway: ScriptedGateway) -> None:
    """eventyay 1924: two requests that marked an order paid at once booked more than its total."""
    order = Shopper().buys(mug, "tok_action")
    payment = payment_of(order)
    gateway.complete_action(payment.gateway_id)

    results = at_once([lambda: look_at_payment(payment)] * 10)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert payment_of(order).captured == payment.money
    assert LedgerTransaction.objects.filter(payment=payment).count() == 1
