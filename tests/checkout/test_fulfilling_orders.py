"""Staff mark orders as fulfilled, one by one and from the list."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.formats import date_format
from pytest_django.fixtures import Settings

from checkout.models import Order
from payments.admin import confirming
from payments.gateways.base import DisputeState
from payments.models import AuditEntry
from tests.catalog.factories import shelved
from tests.checkout.desk import CLERK, confirm, desk, disputed, give_back, now, page_of, told
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import payment_of
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]


def test_a_confirmed_order_is_marked_as_fulfilled_once(gateway: ScriptedGateway) -> None:
    order = now(carried_order(shelved(1)), "confirmed")

    assert [confirm(order, "fulfil").status_code for _ in range(2)] == [302, 302]

    now(order, "fulfilled")
    assert AuditEntry.objects.filter(action="fulfilled", object_id=order.pk).count() == 1


def test_an_order_that_is_only_authorized_is_not_fulfilled(gateway: ScriptedGateway, settings: Settings) -> None:
    settings.CAPTURE_METHOD = "manual"
    order = now(carried_order(shelved(1)), "confirmed")

    assert "only authorized. Capture it first." in told(confirm(order, "fulfil"))
    now(order, "confirmed")


def test_an_order_whose_money_the_bank_holds_is_not_fulfilled(gateway: ScriptedGateway) -> None:
    order = carried_order(shelved(1))
    disputed(order, gateway, DisputeState.UNDER_REVIEW, withdrawn=True)

    assert "held for a dispute" in told(confirm(order, "fulfil"))
    now(order, "confirmed")


def test_an_order_that_was_refunded_is_not_fulfilled(gateway: ScriptedGateway) -> None:
    order = now(carried_order(shelved(1)), "confirmed")
    give_back(payment_of(order))

    assert "Its money went back" in told(confirm(order, "fulfil"))


def test_several_orders_are_marked_from_the_list_after_a_page_that_says_which(
    late: Order, gateway: ScriptedGateway
) -> None:
    paid = carried_order(shelved(1))
    browser = desk(staff(*CLERK))
    chosen = {"action": "mark_as_fulfilled", "_selected_action": [str(late.pk), str(paid.pk)]}

    asked = told(browser.post("/admin/checkout/order/", chosen))
    assert "Is marked as fulfilled." in asked
    assert "Its status is needs attention; only a confirmed order is fulfilled." in asked
    now(paid, "confirmed")

    answer = browser.post("/admin/checkout/order/", {**chosen, "confirmed": "Mark as fulfilled"}, follow=True)

    now(paid, "fulfilled")
    now(late, "needs_attention")
    assert "1 order is fulfilled." in told(answer)
    assert f"{late.number}: Its status is needs attention" in told(answer)


def test_more_orders_than_a_page_can_list_are_not_marked_at_once(
    gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming, "MOST_AT_ONCE", 1)
    orders = [carried_order(shelved(1)) for _ in range(2)]
    chosen = {"action": "mark_as_fulfilled", "_selected_action": [str(order.pk) for order in orders]}

    answer = desk(staff(*CLERK)).post("/admin/checkout/order/", {**chosen, "confirmed": "yes"}, follow=True)

    assert "Select at most 1 at once" in told(answer)
    assert {now(order, "confirmed").status for order in orders} == {"confirmed"}


def test_desk_and_order_page_say_in_which_time_zone_it_was_placed(gateway: ScriptedGateway) -> None:
    order = carried_order(shelved(1))
    placed = date_format(order.placed_at, "N j, Y, P") + " UTC"

    assert placed in page_of(order)
    assert placed in told(Client().get(order.get_absolute_url()))
    assert "UTC UTC" not in told(Client().get(order.get_absolute_url()))
