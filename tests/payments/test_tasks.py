"""The jobs themselves: what one does beside what it was enqueued for."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from payments import queue, tasks
from payments.models import Operation, Payment
from tests.payments.arrange import placed
from tests.payments.queued import jobs
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db(transaction=True)


def first_operation(payment: Payment) -> int:
    return payment.operations.order_by("pk").values_list("pk", flat=True)[0]


def statuses() -> list[str]:
    return list(Payment.objects.order_by("pk").values_list("status", flat=True))


def test_a_job_carries_what_waits_behind_it(gateway: ScriptedGateway) -> None:
    first, *_ = [placed() for _ in range(3)]
    assert queue.take_submit() == first_operation(first)

    tasks.submit(first_operation(first))

    assert statuses() == ["succeeded"] * 3
    assert jobs() == []


def test_a_job_ends_after_a_while_and_leaves_the_rest_to_others(
    gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "CARRY_ON_FOR_S", 0.0)
    first, second = placed(), placed()

    tasks.submit(first_operation(first))

    assert statuses() == ["succeeded", "processing"]
    assert ("payments.submit", {"operation_id": first_operation(second)}) in jobs()


def test_what_is_to_be_done_later_and_other_jobs_are_left(gateway: ScriptedGateway) -> None:
    payment = placed()
    tasks.submit(first_operation(payment))
    queue.defer("payments.submit", queue=queue.MONEY, delay_s=60, operation_id=1)
    queue.defer("payments.drain_inbox", queue=queue.ASKING)

    assert queue.take_submit() is None
    assert [name for name, _ in jobs()] == ["payments.submit", "payments.drain_inbox"]


def test_two_workers_at_once_never_take_the_same(gateway: ScriptedGateway) -> None:
    waiting = [first_operation(placed()) for _ in range(30)]
    taken: list[int] = []
    ready = threading.Barrier(2)

    def take_all() -> None:
        ready.wait()
        while (operation_id := queue.take_submit()) is not None:
            taken.append(operation_id)
        connection.close()

    threads = [threading.Thread(target=take_all) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == waiting


def test_an_operation_whose_worker_died_with_its_job_is_carried_by_the_sweep(gateway: ScriptedGateway) -> None:
    payment = placed()
    assert queue.take_submit() == first_operation(payment)  # and nobody does it
    Operation.objects.update(next_check_at=payment.created_at)

    tasks.sweep(timestamp=0)
    tasks.submit(queue.take_submit() or 0)

    assert statuses() == ["succeeded"]
    assert len(gateway.payments) == 1
