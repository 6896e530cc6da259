"""The worker: as many threads as jobs, no connection kept, and defers that stay in their transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from procrastinate.contrib.django import app

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


class ChangedItsMind(Exception):
    pass


@pytest.fixture(autouse=True)
def _tasks_of_this_test_only() -> Iterator[None]:
    known, periodic = dict(app.tasks), dict(app.periodic_registry.periodic_tasks)
    app.periodic_registry.periodic_tasks.clear()
    _empty_queue()
    yield
    _empty_queue()
    app.tasks.clear()
    app.tasks.update(known)
    app.periodic_registry.periodic_tasks.update(periodic)


def _empty_queue() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers RESTART IDENTITY CASCADE")


def work() -> None:
    call_command("procrastinate", "worker", "--one-shot", "--concurrency", str(THREADS))


def other_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_a_hundred_jobs_on_eight_threads_leave_no_connection_open() -> None:
    met, threads = [], set()
    together = threading.Barrier(THREADS)

    @app.task(name="tests.meet")
    def meet() -> None:
        together.wait(timeout=10)
        met.append("all")

    @app.task(name="tests.ask")
    def ask() -> None:
        threads.add(threading.get_ident())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.01)")

    for _ in range(THREADS):  # all at once, or they wait for ever
        meet.defer()
    for _ in range(100):
        ask.defer()
    work()
    assert len(met) == THREADS
    assert len(threads) <= THREADS
    assert other_sessions() == 0


def test_what_a_task_defers_is_gone_when_its_transaction_is() -> None:
    ran = []

    @app.task(name="tests.follow")
    def follow() -> None:
        ran.append("follow")

    @app.task(name="tests.change_mind")
    def change_mind() -> None:
        with suppress(ChangedItsMind), transaction.atomic():
            app.configure_task("tests.follow").defer()
            raise ChangedItsMind
        ran.append("change_mind")

    change_mind.defer()
    work()
    assert ran == ["change_mind"]


def test_what_a_task_defers_runs_once_it_is_committed() -> None:
    ran = []

    @app.task(name="tests.follow")
    def follow() -> None:
        ran.append(User.objects.filter(username="saved").exists())

    @app.task(name="tests.lead")
    def lead() -> None:
        with transaction.atomic():
            app.configure_task("tests.follow").defer()
            User.objects.create(username="saved")

    lead.defer()
    work()
    work()
    assert ran == [True]


def test_finished_jobs_are_deleted() -> None:
    @app.task(name="tests.pass")
    def succeed() -> None:
        return

    @app.task(name="tests.fail")
    def fail() -> None:
        raise ChangedItsMind

    succeed.defer()
    fail.defer()
    work()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def die_with_its_job(attempts: int) -> None:
    """As if a worker had been killed while it ran the job that waits, after `attempts` others."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = %s", [attempts])


def test_what_a_killed_worker_was_doing_is_done_by_the_next() -> None:
    ran = []

    @app.task(name="tests.note")
    def note() -> None:
        ran.append("note")

    note.defer()
    die_with_its_job(attempts=0)
    app.configure_task("payments.recover_jobs").defer(timestamp=0)
    work()
    work()
    assert ran == ["note"]


def test_a_job_that_killed_worker_after_worker_is_closed() -> None:
    ran = []

    @app.task(name="tests.kill")
    def kill() -> None:
        ran.append("kill")

    kill.defer()
    die_with_its_job(attempts=3)
    app.configure_task("payments.recover_jobs").defer(timestamp=0)
    work()
    work()
    assert ran == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)
