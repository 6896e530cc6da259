"""Staff keep an order whose money came after its goods were gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from catalog.models import Variant
from checkout.models import Order
from checkout.operations.attend import NotPossible, keep
from payments.audit.sealing import seal_pending
from payments.audit.verification import verify_audit
from payments.models import AuditEntry
from tests.catalog.factories import receive
from tests.checkout.desk import CLERK, confirm, give_back, now, page_of, shelf, told, trouble
from tests.checkout.shopper import payment_of
from tests.payments.people import staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]


def test_an_order_is_kept_as_soon_as_there_is_stock(late: Order, last: Variant) -> None:
    receive(last, 3)
    clerk = staff(*CLERK)
    assert "Reserve and sell the stock" in page_of(late, "keep")

    response = confirm(late, "keep", clerk)

    assert response.status_code == 302
    now(late, "confirmed")
    assert shelf(last) == (2, 0)
    assert "Kept" in trouble(late).resolution
    entry = AuditEntry.objects.get(action="kept")
    assert (entry.actor, entry.object_type, entry.object_id) == (f"user:{clerk.pk}", "order", late.pk)
    assert (entry.before, entry.after) == ({"status": "needs_attention"}, {"status": "confirmed"})
    assert entry.payment == late.payment
    seal_pending()
    assert list(verify_audit()) == []


def test_without_stock_the_page_says_what_is_missing_and_nothing_happens(late: Order, last: Variant) -> None:
    missing = f"({last.sku}): 1 wanted, 0 free"
    assert missing in page_of(late, "keep")
    assert "Reserve and sell the stock" not in page_of(late, "keep")

    assert missing in told(confirm(late, "keep"))

    now(late, "needs_attention")
    assert shelf(last) == (0, 0)
    assert not AuditEntry.objects.filter(object_type="order").exists()
    assert trouble(late).resolved_at is None


def test_a_double_click_keeps_it_once(late: Order, last: Variant) -> None:
    receive(last, 3)

    assert [confirm(late, "keep").status_code for _ in range(2)] == [302, 302]

    assert shelf(last) == (2, 0)
    assert AuditEntry.objects.filter(action="kept").count() == 1


def test_two_people_who_keep_it_at_the_same_moment_sell_its_goods_once(late: Order, last: Variant) -> None:
    receive(last, 3)
    clerk = staff(*CLERK)

    def try_it(as_seen: Order) -> bool:
        try:
            keep(as_seen, by=clerk)
            return True
        except NotPossible:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        kept = list(people.map(try_it, [Order.objects.get(pk=late.pk) for _ in range(4)]))

    assert sum(kept) == 1
    assert shelf(last) == (2, 0)


def test_an_order_whose_money_went_back_is_not_kept(late: Order, last: Variant) -> None:
    receive(last, 1)
    give_back(payment_of(late))

    assert "Nothing of its payment is left" in told(confirm(late, "keep"))
    now(late, "needs_attention")
