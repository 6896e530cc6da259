"""What the races are run with: it must see a deadlock, or no test here can say that there was none."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, transaction

from catalog.models import Stock, Variant
from tests.catalog.factories import shelved
from tests.incidents.racing import at_once, deadlocks

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_deadlock_is_counted() -> None:
    first, second = shelved(1), shelved(1)
    both_hold_one = threading.Barrier(2)
    before = deadlocks()

    def lock(variants: list[Variant]) -> None:
        with transaction.atomic():
            Stock.objects.select_for_update().get(pk=variants[0].pk)
            both_hold_one.wait(10)
            Stock.objects.select_for_update().get(pk=variants[1].pk)

    results = at_once([lambda: lock([first, second]), lambda: lock([second, first])])

    assert [type(result) for result in results if result] == [OperationalError]
    assert deadlocks() == before + 1


def test_every_caller_has_a_connection_of_its_own_and_they_run_at_the_same_time() -> None:
    met = threading.Barrier(20)

    def meet() -> int:
        met.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid: int = cursor.fetchone()[0]
        return pid

    assert len(set(at_once([meet] * 20))) == 20
