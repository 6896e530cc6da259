"""`manage.py procrastinate worker`: the queue's own command, with a thread for each concurrent job, and our defers."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from procrastinate import App, cli
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.management.commands import procrastinate

from config.settings import CONCURRENT_JOBS


class Command(procrastinate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("command") != "worker":
            super().handle(*args, **options)
            return
        own = {name: value for name, value in options.items() if name not in self._django_options}
        threads = own.get("concurrency") or CONCURRENT_JOBS
        asyncio.run(_work(own | {"app": worker_app()}, threads))


def worker_app() -> App:
    """The app that fetches and finishes jobs over a pool of its own, able to LISTEN.

    The queue's own command gives that pool to the tasks as well, whose `defer` would then leave their transaction:
    the job would start before its row is committed, and outlive a rollback. Tasks keep Django's connection.
    """
    if not isinstance(app.connector, DjangoConnector):
        raise TypeError(f"the queue's connector is {type(app.connector).__name__}, not Django's")
    return app.with_connector(app.connector.get_worker_connector())


async def _work(options: dict[str, Any], threads: int) -> None:
    """asyncio's default executor has cores + 4 threads; the worker's synchronous jobs need one each."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="job"))
    await cli.execute_command(options)
