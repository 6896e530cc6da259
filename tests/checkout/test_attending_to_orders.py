"""What the desk tells staff of orders that wait for them, and who may move one on."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models.functions import Now

from catalog.models import Variant
from checkout.models import Order
from payments.models import Discrepancy
from tests.catalog.factories import receive, shelved
from tests.checkout.desk import CLERK, confirm, desk, now, page_of, told, trouble
from tests.checkout.ordering import carried_order
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]


def test_an_order_that_needs_attention_is_counted_even_when_its_discrepancy_was_closed_by_hand(late: Order) -> None:
    trouble(late)
    Discrepancy.objects.update(resolved_at=Now(), resolution="Looked at")

    page = told(desk(staff()).get("/admin/"))
    (address,) = re.findall(r'<a href="([^"]+)">Orders that need attention</a>', page)
    listed = told(desk(staff()).get(address))

    assert late.number in listed
    assert "1 order" in listed


@pytest.mark.parametrize("move", ["keep", "cancel"])
def test_without_the_permission_there_is_neither_link_nor_page(late: Order, last: Variant, move: str) -> None:
    receive(last, 1)
    others = [code for code in CLERK if not code.startswith(move)]

    assert f"/{move}/" not in page_of(late, "change", *others)
    browser = desk(staff(*others))
    assert browser.get(f"/admin/checkout/order/{late.pk}/{move}/").status_code == 403
    assert confirm(late, move, staff(*others)).status_code == 403
    now(late, "needs_attention")


@pytest.mark.parametrize("move", ["keep", "cancel", "fulfil"])
def test_whoever_may_not_see_orders_does_not_move_them(late: Order, move: str) -> None:
    clerk = staff(*CLERK)
    clerk.user_permissions.remove(Permission.objects.get(codename="view_order"))

    browser = desk(User.objects.get(pk=clerk.pk))

    assert browser.get(f"/admin/checkout/order/{late.pk}/{move}/").status_code == 403


def test_fulfilling_is_a_permission_of_its_own(gateway: ScriptedGateway) -> None:
    order = now(carried_order(shelved(1)), "confirmed")

    assert confirm(order, "fulfil", staff("keep_order")).status_code == 403
    listed = told(desk(staff("keep_order")).get("/admin/checkout/order/"))
    assert "mark_as_fulfilled" not in listed


def test_an_orders_page_links_to_what_its_status_allows(late: Order, gateway: ScriptedGateway) -> None:
    paid = carried_order(shelved(1))

    waiting, confirmed = page_of(late), page_of(paid)

    assert [f"/{move}/" in waiting for move in ("keep", "cancel", "fulfil")] == [True, True, False]
    assert [f"/{move}/" in confirmed for move in ("keep", "cancel", "fulfil")] == [False, True, True]
