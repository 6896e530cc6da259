"""Everybody who may bring a payment's result comes at once: the shopper's return, a webhook, the sweep and a worker."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from catalog.models import Stock, Variant
from checkout.models import Order
from checkout.operations.emails import send_email
from payments.ledger.verification import verify_ledger
from payments.models import Discrepancy, LedgerTransaction, Observation, Operation, Payment, WebhookEvent
from payments.operations.looking import look_at_payment
from payments.operations.submit import submit
from payments.operations.sweeping import ask_about_open_payments, sweep_observations, sweep_operations
from payments.webhooks.inbox import drain_inbox
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import payment_of
from tests.incidents.racing import at_once, starting_line
from tests.payments.arrange import operation
from tests.payments.scripted import ScriptedGateway, lost

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping", "no_deadlock")]

STARTS = 50  # in each of four series: two hundred in all
URL = "/payments/webhooks/scripted/"


def state_of(order: Order, browser: Client) -> str:
    answer: dict[str, str] = json.loads(browser.get(f"/orders/{order.public_id}/status.json").content)
    return answer["state"]


def deliver(notice: tuple[bytes, dict[str, str]], sender: Client) -> int:
    body, headers = notice
    return sender.post(URL, body, content_type="application/json", headers=headers).status_code


def ensure_that_all_news_was_applied() -> None:
    """Nobody lost the race so that the constraints of the database had to refuse what it wrote."""
    assert not Observation.objects.filter(applied_at=None).exists()
    assert not Discrepancy.objects.exists()
    assert list(verify_ledger()) == []


def everybody(
    order: Order, payment: Payment, gateway: ScriptedGateway, browser: Client, sender: Client
) -> list[Callable[[], object]]:
    sale = operation(payment, "sale")
    Payment.objects.filter(pk=payment.pk).update(next_check_at="2020-01-01T00:00Z")
    Operation.objects.filter(pk=sale.pk).update(next_check_at="2020-01-01T00:00Z")
    notice = gateway.webhook(payment.gateway_id, event_id=f"e-{payment.pk}")

    def the_shopper_returns() -> object:
        assert browser.get(f"/orders/{order.public_id}/return").status_code == 303
        assert state_of(order, browser) in ("confirming", "paid")
        return None

    def the_webhook_comes() -> object:
        assert deliver(notice, sender) == 200
        return drain_inbox()

    def the_sweep_comes() -> object:
        return sweep_operations(), sweep_observations(), ask_about_open_payments()

    def the_worker_goes_on() -> object:
        submit(sale.pk)
        return None

    return [the_shopper_returns, the_webhook_comes, the_sweep_comes, the_worker_goes_on]


@pytest.mark.parametrize("series", range(4))
def test_return_webhook_sweep_and_worker_at_once_take_the_money_once_and_all_see_it_paid(
    mug: Variant, gateway: ScriptedGateway, series: int
) -> None:
    """medusa 13301 and 12674, woocommerce-payments 3287 and 3520: the loser of the race captured again, or gave back.

    In medusa the return and the webhook both completed the cart; the one that came second found the capture done, took
    that for its own failure, and its compensation refunded the order that the first had made.
    """
    told: list[object] = []
    browser, sender = Client(), Client()
    with starting_line(4) as line:
        for _ in range(STARTS):
            gateway.script("confirm", lost())
            order = carried_order(mug)
            payment = payment_of(order)
            assert operation(payment, "sale").status == Operation.Status.UNKNOWN

            told += line.start(everybody(order, payment, gateway, browser, sender))

            assert state_of(order, browser) == "paid"
    assert [answer for answer in told if isinstance(answer, Exception)] == []
    assert (gateway.successful_charges, len(gateway.keys("confirm"))) == (STARTS, STARTS)
    assert (gateway.refunds, gateway.keys("cancel")) == ({}, [])
    assert LedgerTransaction.objects.filter(kind="capture").count() == STARTS
    assert Order.objects.filter(status="confirmed", emails__kind="receipt").count() == STARTS
    ensure_that_all_news_was_applied()


def test_fifty_identical_webhooks_at_once_send_one_mail_and_move_stock_once(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    """woocommerce-gateway-stripe 2331 and 3574, pretix 1166: return and webhook each sent the mail and cut the stock.

    Their lock was read first and set afterwards, so that two callers found it free.
    """
    order = carried_order(mug, "tok_action")
    payment = payment_of(order)
    gateway.complete_action(payment.gateway_id)
    notice = gateway.webhook(payment.gateway_id, event_id="e-1")

    def deliver_and_drain() -> int:
        answer = deliver(notice, Client())
        drain_inbox()
        return answer

    assert at_once([deliver_and_drain] * 50) == [200] * 50
    receipt = order.emails.get()
    sent = at_once([lambda: send_email(receipt.pk)] * 50)

    order.refresh_from_db()
    stock = Stock.objects.get(variant=mug)
    assert (WebhookEvent.objects.count(), order.status) == (1, "confirmed")
    assert (receipt.kind, sent.count(True), sent.count(False), len(mail.outbox)) == ("receipt", 1, 49, 1)
    assert (stock.on_hand, stock.reserved) == (499, 0)


def test_a_paid_order_that_is_told_paid_by_twenty_looks_at_once_books_once(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    """eventyay 1924: two requests that marked an order as paid at once both wrote a payment, more than its total."""
    order = carried_order(mug, "tok_action")
    payment = payment_of(order)
    gateway.complete_action(payment.gateway_id)

    results = at_once([lambda: look_at_payment(payment)] * 20)

    assert [result for result in results if isinstance(result, Exception)] == []
    assert payment_of(order).captured == payment.money
    assert LedgerTransaction.objects.filter(payment=payment).count() == 1
    ensure_that_all_news_was_applied()
