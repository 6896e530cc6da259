"""Shoppers who meet on the same stock at the same moment, each in a thread with its own database connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pytest
from django.db import connection, transaction

from catalog import stock
from catalog.models import Stock, StockMovement
from catalog.stock import OutOfStock, StockLine
from tests.catalog.factories import VariantFactory

Outcome = TypeVar("Outcome")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(60)]


def reserved(lines: Sequence[StockLine]) -> bool:
    try:
        with transaction.atomic():
            stock.reserve(lines)
    except OutOfStock:
        return False
    return True


def at_once(actions: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
    """Start all actions together; an error in one of them (a deadlock, say) is raised here."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], Outcome]) -> Outcome:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            start.wait()
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def test_fifty_shoppers_on_the_last_item_and_exactly_one_gets_it() -> None:
    variant = VariantFactory.create(on_hand=1)
    outcomes = at_once([partial(reserved, [StockLine(f"line-{n}", variant.pk, 1)]) for n in range(50)])
    assert outcomes.count(True) == 1
    row = Stock.objects.get(pk=variant.pk)
    assert (row.on_hand, row.reserved) == (1, 1)
    assert StockMovement.objects.filter(reason="reserved").count() == 1


def test_shoppers_with_the_same_two_things_in_opposite_order_never_deadlock() -> None:
    first, second = VariantFactory.create(on_hand=30), VariantFactory.create(on_hand=30)

    def shop(shopper: int) -> int:
        bought = 0
        for visit in range(5):
            lines = [StockLine(f"{shopper}-{visit}-{variant.pk}", variant.pk, 1) for variant in (first, second)]
            bought += reserved(lines if shopper % 2 else lines[::-1])
        return bought

    assert sum(at_once([partial(shop, n) for n in range(12)])) == 30
    assert [(row.on_hand, row.reserved) for row in Stock.objects.order_by("pk")] == [(30, 30), (30, 30)]


def test_rows_are_locked_by_id_whatever_the_order_of_the_lines() -> None:
    low, high = VariantFactory.create(on_hand=5), VariantFactory.create(on_hand=5)
    lines = [StockLine("line-high", high.pk, 1), StockLine("line-low", low.pk, 1)]
    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            Stock.objects.select_for_update().get(pk=low.pk)
            waiting = thread.submit(closing_connection, lambda: reserved(lines))
            wait_until_somebody_waits_for_us()
            assert Stock.objects.select_for_update(nowait=True).get(pk=high.pk).reserved == 0
        assert waiting.result() is True


def test_the_same_line_reserved_twice_at_once_moves_stock_once() -> None:
    variant = VariantFactory.create(on_hand=50)
    outcomes = at_once([partial(reserved, [StockLine("line-1", variant.pk, 1)])] * 10)
    assert outcomes == [True] * 10
    assert Stock.objects.get(pk=variant.pk).reserved == 1


def test_sold_and_released_at_once_ends_in_one_of_them() -> None:
    variant = VariantFactory.create(on_hand=10)
    with transaction.atomic():
        stock.reserve([StockLine("line-1", variant.pk, 1)])

    def end(move: Callable[[Sequence[str]], None]) -> None:
        with transaction.atomic():
            move(["line-1"])

    at_once([partial(end, stock.sell), partial(end, stock.release)] * 5)
    ending = StockMovement.objects.exclude(reason__in=["received", "reserved"]).get()
    row = Stock.objects.get(pk=variant.pk)
    assert (row.on_hand, row.reserved) == {"sold": (9, 0), "released": (10, 0)}[ending.reason]


def closing_connection(action: Callable[[], bool]) -> bool:
    try:
        return action()
    finally:
        connection.close()


def wait_until_somebody_waits_for_us() -> None:
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*), pg_sleep(0.01) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody came to wait for the locked row")
