"""The worker: as many threads and connections as jobs at once, and defers that stay in their transaction."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from procrastinate.contrib.django import app
from pytest_django.fixtures import Settings

from payments import queue

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


class ChangedItsMind(Exception):
    pass


@pytest.fixture(autouse=True)
def _tasks_of_this_test_only() -> Iterator[None]:
    known, periodic = dict(app.tasks), dict(app.periodic_registry.periodic_tasks)
    app.periodic_registry.periodic_tasks.clear()
    yield
    app.tasks.clear()
    app.tasks.update(known)
    app.periodic_registry.periodic_tasks.update(periodic)
    _end_connections()


def _end_connections() -> None:
    """Those that the worker's threads have kept, as the end of its process would: other tests count connections."""
    gc.collect()
    asyncio.run(sync_to_async(connections.close_all)())


def work() -> None:
    call_command("procrastinate", "worker", "--one-shot", "--concurrency", str(THREADS))


def work_in_lanes(*options: str) -> None:
    call_command("procrastinate", "worker", "--one-shot", *options)


def test_a_hundred_jobs_on_eight_threads_share_a_connection_for_each_thread() -> None:
    met, threads, sessions = [], set(), set()
    together = threading.Barrier(THREADS)

    @app.task(name="tests.meet")
    def meet() -> None:
        together.wait(timeout=10)
        met.append("all")

    @app.task(name="tests.ask")
    def ask() -> None:
        threads.add(threading.get_ident())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.01)")
            sessions.add(cursor.fetchone()[0])

    for _ in range(THREADS):  # all at once, or they wait for ever
        meet.defer()
    for _ in range(100):
        ask.defer()
    work()
    assert len(met) == THREADS
    assert len(threads) <= THREADS
    assert len(sessions) <= THREADS


def test_a_job_on_a_connection_that_broke_since_the_last_one_gets_a_new_one() -> None:
    sessions = []

    @app.task(name="tests.ask")
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            sessions.append(cursor.fetchone()[0])

    @app.task(name="tests.break")
    def cut() -> None:
        with psycopg.connect(**connection.get_connection_params()) as other:
            other.execute("SELECT pg_terminate_backend(%s)", sessions)

    for step in (ask, cut, ask):
        step.defer()
    call_command("procrastinate", "worker", "--one-shot", "--concurrency", "1")
    assert len(set(sessions)) == 2


def test_a_lane_full_of_slow_jobs_keeps_no_other_waiting() -> None:
    """Every thread that may call the gateway waits for it; a mail and a drain get through all the same."""
    answered, sent, waited = threading.Event(), [], []

    def get_through(what: str) -> None:
        sent.append(what)
        if len(sent) == 2:
            answered.set()

    @app.task(name="tests.charge", queue=queue.MONEY)
    def charge() -> None:
        waited.append(answered.wait(timeout=10))

    @app.task(name="tests.drain", queue=queue.ASKING)
    def drain() -> None:
        get_through("drain")

    @app.task(name="tests.mail", queue=queue.DEFAULT)
    def mail() -> None:
        get_through("mail")

    for _ in range(2 * settings.WORKER_LANES["money"]):
        charge.defer()
    drain.defer()
    mail.defer()
    work_in_lanes()
    assert sorted(sent) == ["drain", "mail"]
    assert waited == [True] * 2 * settings.WORKER_LANES["money"]


def test_no_more_jobs_of_a_lane_run_at_once_than_it_is_wide(settings: Settings) -> None:
    settings.WORKER_LANES = {"money": 3, "asking": 1, "default": 1}
    running, most = [], []

    @app.task(name="tests.charge", queue=queue.MONEY)
    def charge() -> None:
        running.append(1)
        most.append(len(running))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        running.pop()

    for _ in range(12):
        charge.defer()
    work_in_lanes()
    assert (len(most), max(most)) == (12, 3)


def test_a_worker_may_be_given_some_lanes_only_and_only_those_that_are() -> None:
    ran = []

    @app.task(name="tests.charge", queue=queue.MONEY)
    def charge() -> None:
        ran.append("charge")

    @app.task(name="tests.mail", queue=queue.DEFAULT)
    def mail() -> None:
        ran.append("mail")

    charge.defer()
    mail.defer()
    work_in_lanes("--queues", "default")
    assert ran == ["mail"]
    with pytest.raises(CommandError, match="no lane gold"):
        work_in_lanes("--queues", "gold")


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
