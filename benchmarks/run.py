"""`make bench`: boot a shop on a durable PostgreSQL, measure, and write down what was found."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

import django

from benchmarks import report
from benchmarks.figures import Ratio
from benchmarks.paused import Paused
from launch.ports import free_ports
from launch.shop import ROOT, Plan, Shop, running_shop

Result = TypeVar("Result")

STATE = ROOT / ".tillgate" / "bench"
WEB = ("-m", "gunicorn", "--config", "config/gunicorn.conf.py", "benchmarks.wsgi")
FLUSHES = 200
SAFE = "Each commit flushed by itself"
GROUPED = "Commits grouped (commit_delay=1000, commit_siblings=0), as on a disk that answers late"


def bench() -> int:
    """0 when everything was measured; a goal that is missed is shown, and no failure."""
    plan = Plan(STATE, free_ports, "bench.env", fresh=True, own_server=True, web=WEB)
    with running_shop(plan, say=_say) as shop:
        os.environ.update(shop.environment)
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
        django.setup()
        runs = [_measure_all(shop), _measure_again(shop)]
        print(report.write(runs, _postgres()), flush=True)
    return 0


def _measure_all(shop: Shop) -> report.Run:
    from benchmarks import intake, placing, waiting, working

    _execute_bare_table()
    worker = Paused(shop.supervisor.service("worker").pid)
    with worker:
        taken_in = _told("webhook intake", lambda: intake.measure(shop))
    _forget_events()
    worked = _measure_workers(shop, worker, working.ONE)
    waited = _told("Pay to paid", lambda: waiting.measure(shop))
    shop.supervisor.service("worker").stop()  # from here on it would only carry what others measure
    with working.two_workers(shop) as two:
        worked += _measure_workers(shop, two, working.TWO)
    placed = _told("placing orders", placing.measure)
    together = placing.fifty_shoppers()
    stated = [f"{placing.SHOPPERS} shoppers on one stock row: {together:.0f} orders/s."]
    return report.Run(SAFE, _flush_ms(), [taken_in, placed, *worked], waited, stated)


def _measure_workers(shop: Shop, workers: Paused, who: str) -> list[Ratio]:
    from benchmarks import working

    return [
        _told(who, lambda: working.measure(shop, workers, who)),
        _told(f"{who}, at a slow gateway", lambda: working.measure_with_latency(shop, workers, who)),
    ]


def _measure_again(shop: Shop) -> report.Run:
    """What hangs on commits, once more with a disk that answers late."""
    from benchmarks import intake, placing

    for setting in ("commit_delay = 1000", "commit_siblings = 0"):
        _execute(f"ALTER SYSTEM SET {setting}")
    _execute("SELECT pg_reload_conf()")
    ratios = [
        _told("webhook intake, grouped", lambda: intake.measure(shop)),
        _told("placing orders, grouped", placing.measure),
    ]
    together = placing.fifty_shoppers()
    stated = [f"{placing.SHOPPERS} shoppers on one stock row: {together:.0f} orders/s."]
    return report.Run(GROUPED, _flush_ms(), ratios, [], stated)


def _told(what: str, measure: Callable[[], Result]) -> Result:
    _say(f"measuring {what}")
    return measure()


def _execute_bare_table() -> None:
    from benchmarks.bare import TABLE

    _execute(TABLE)


def _forget_events() -> None:
    """The events of the intake are about nothing that exists: the worker must not look for it."""
    _execute("DELETE FROM payments_webhookevent")
    _execute("DELETE FROM procrastinate_jobs")


def _execute(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def _postgres() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"


def _flush_ms() -> float:
    """How long a write of 8 kB takes until the disk has it, median of many."""
    times: list[float] = []
    with tempfile.NamedTemporaryFile(dir=Path(STATE)) as file:
        for _ in range(FLUSHES):
            started = time.perf_counter()
            file.write(b"x" * 8192)
            file.flush()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    return median(times)


def _say(line: str) -> None:
    print(f"bench: {line}", flush=True)
