"""What PostgreSQL ends for another's sake runs again, and nobody hears of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.test import Client

from payments.models import Discrepancy, GatewayAccount, Observation, Payment, WebhookEvent
from payments.signals import payment_changed
from payments.states.apply import apply_or_park
from payments.transactions import MOST_RUNS, retried
from tests.payments.arrange import carry, placed
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db(transaction=True)

RAISE = "DO $$ BEGIN RAISE SQLSTATE '{}'; END $$"
LOCK_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def fail_with(sqlstate: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RAISE.format(sqlstate))


def lose_the_connection() -> None:
    """What a restart of the server or a broken network does to this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@contextmanager
def on_each_change(act: Callable[[], None]) -> Iterator[None]:
    """A receiver of the shop that does this whenever a payment changes, inside the transaction that applies it."""

    def receive(**kwargs: object) -> None:
        act()

    payment_changed.connect(receive)
    try:
        yield
    finally:
        payment_changed.disconnect(receive)


def once(act: Callable[[], None]) -> Callable[[], None]:
    acts = [act]
    return lambda: acts.pop()() if acts else None


@pytest.mark.parametrize("trouble", [lambda: fail_with("40001"), lambda: fail_with("40P01"), lose_the_connection])
def test_an_answer_whose_transaction_failed_by_no_fault_of_its_own_is_applied_at_once(
    gateway: ScriptedGateway, trouble: Callable[[], None]
) -> None:
    payment = placed()

    with on_each_change(once(trouble)):
        carry(payment)

    assert payment.status == "succeeded"
    assert payment.ledger_transactions.filter(kind="capture").count() == 1
    assert not Discrepancy.objects.exists()


def test_of_two_that_wait_for_each_other_one_runs_again(gateway: ScriptedGateway) -> None:
    payment = placed()
    account_taken, other_is_done = threading.Event(), threading.Event()

    def take_the_account_then_the_payment() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            GatewayAccount.objects.select_for_update().get()
            account_taken.set()
            waiting = 0
            while not waiting:  # until the one below waits for us: whoever waited first is ended
                cursor.execute(LOCK_WAITS)
                waiting = cursor.fetchone()[0]
            Payment.objects.lock(payment.pk)
        connection.close()
        other_is_done.set()

    def take_the_account() -> None:
        other.start()
        assert account_taken.wait(10)
        GatewayAccount.objects.select_for_update().get()

    other = threading.Thread(target=take_the_account_then_the_payment)
    with on_each_change(once(take_the_account)):
        carry(payment)
    other.join()

    assert other_is_done.is_set()
    assert payment.status == "succeeded"
    assert not Discrepancy.objects.exists()


def test_a_database_that_fails_on_and_on_leaves_the_answer_to_the_sweep_and_tells_no_person(
    gateway: ScriptedGateway,
) -> None:
    payment = placed()
    runs: list[int] = []

    def collide() -> None:
        runs.append(1)
        fail_with("40001")

    with on_each_change(collide):
        carry(payment)

    unapplied = Observation.objects.get(applied_at=None)
    assert len(runs) == MOST_RUNS
    assert unapplied.next_try_at is not None
    assert not Discrepancy.objects.exists()
    assert apply_or_park(unapplied.pk)


def test_a_fault_of_our_own_is_not_repeated(gateway: ScriptedGateway) -> None:
    runs: list[int] = []

    @retried
    def divide() -> None:
        runs.append(1)
        fail_with("22012")

    with pytest.raises(DataError) as raised:
        divide()

    assert isinstance(raised.value.__cause__, psycopg.DataError)
    assert len(runs) == 1


def test_inside_another_transaction_nothing_is_repeated(gateway: ScriptedGateway) -> None:
    runs: list[int] = []

    @retried
    def collide() -> None:
        runs.append(1)
        fail_with("40001")

    with pytest.raises(OperationalError), transaction.atomic():
        collide()

    assert len(runs) == 1


def test_a_webhook_that_meets_a_lost_connection_is_stored_all_the_same(gateway: ScriptedGateway) -> None:
    GatewayAccount.objects.current()
    body, headers = gateway.webhook("P-1", event_id="e-1")
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    answer = Client().post("/payments/webhooks/scripted/", body, content_type="application/json", headers=headers)

    assert answer.status_code == 200
    assert WebhookEvent.objects.get().event_id == "e-1"
