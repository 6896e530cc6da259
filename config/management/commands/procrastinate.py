"""`manage.py procrastinate worker`: the queue's own command, a lane for each kind of job, and our defers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from procrastinate import App, cli
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.management.commands import procrastinate
from procrastinate.signals import on_stop


class StoppedByItself(Exception):
    """Nobody asked the worker to stop."""


class Command(procrastinate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("command") != "worker":
            super().handle(*args, **options)
            return
        own = {name: value for name, value in options.items() if name not in self._django_options}
        asyncio.run(_work(own | {"app": worker_app()}, _lanes(own)))


def worker_app() -> App:
    """The app that fetches and finishes jobs over a pool of its own, able to LISTEN.

    The queue's own command gives that pool to the tasks as well, whose `defer` would then leave their transaction:
    the job would start before its row is committed, and outlive a rollback. Tasks keep Django's connection.
    """
    if not isinstance(app.connector, DjangoConnector):
        raise TypeError(f"the queue's connector is {type(app.connector).__name__}, not Django's")
    return app.with_connector(app.connector.get_worker_connector())


def _lanes(options: Mapping[str, Any]) -> dict[str, int]:
    """How many jobs of which queue run at once; WORKER_LANES, less what `--queues` leaves out.

    With `--concurrency` there is one lane for everything, without a name.
    """
    if concurrency := options.get("concurrency"):
        return {"": concurrency}
    lanes: dict[str, int] = settings.WORKER_LANES
    queues = options.get("queues") or lanes
    if unknown := [queue for queue in queues if queue not in lanes]:
        raise CommandError(f"no lane {', '.join(unknown)}; WORKER_LANES names {', '.join(lanes)}")
    return {queue: lanes[queue] for queue in queues}


async def _work(options: dict[str, Any], lanes: dict[str, int]) -> None:
    """asyncio's default executor has cores + 4 threads; the worker's synchronous jobs need one each."""
    threads = ThreadPoolExecutor(sum(lanes.values()), thread_name_prefix="job")
    asyncio.get_running_loop().set_default_executor(threads)
    if "" not in lanes:
        options |= {"func": _work_in_lanes, "lanes": lanes}
    await cli.execute_command(options)


async def _work_in_lanes(app: App, lanes: dict[str, int], **options: Any) -> None:
    """A worker for each lane in one process: a lane full of slow jobs keeps no other waiting.

    Each goes on until a signal stops them all, or one of them fails; with `--one-shot`, until no job is left. Raises
    StoppedByItself, since the queue's worker ends without an error when it has lost its database, and a supervisor
    that restarts on failure would take that for a wish.
    """
    own = options | {"install_signal_handlers": False}
    workers = [
        asyncio.create_task(app.run_worker_async(**(own | {"queues": [queue], "concurrency": jobs, "name": queue})))
        for queue, jobs in lanes.items()
    ]

    asked = False

    def ask_to_stop() -> None:
        nonlocal asked
        asked = True
        stop()

    def stop() -> None:
        for worker in workers:
            worker.cancel()  # lets its jobs finish, for as long as the graceful time-out says

    with on_stop(ask_to_stop):
        until = asyncio.ALL_COMPLETED if options.get("wait") is False else asyncio.FIRST_COMPLETED
        await asyncio.wait(workers, return_when=until)
        stop()
        ended = await asyncio.gather(*workers, return_exceptions=True)
    failed = [error for error in ended if isinstance(error, Exception)]
    if failed:
        raise failed[0]
    if not asked and options.get("wait") is not False:
        raise StoppedByItself("the worker stopped by itself, as when its database is away: start it again")
