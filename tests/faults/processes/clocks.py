"""Shorter waits for a worker under test, in seconds: what is proven stays the same, and recovery takes seconds."""

from __future__ import annotations

import functools
from datetime import timedelta

from procrastinate.contrib.django import app
from procrastinate.manager import JobManager
from procrastinate.periodic import PeriodicTask

from tests.faults.processes.laying import find

SHORT: dict[str, float] = {
    "payments.operations.lease:LEASE": 5.0,
    "payments.operations.lease:BACKOFF_MOST_S": 5.0,
    "payments.operations.breaker:PAUSE_FIRST_S": 1.0,
    "payments.operations.breaker:PAUSE_MOST_S": 3.0,
    "payments.operations.breaker:PROBE_FOR": 5.0,
    "payments.operations.breaker:SPREAD_S": 2.0,
    "payments.operations.sweeping:SWEPT_AGAIN_AFTER": 5.0,
    "payments.webhooks.inbox:CLAIMED_FOR": 5.0,
    "payments.states.schedule:CHECK_FIRST_AFTER": 3.0,
    "payments.states.schedule:CHECK_AT_MOST_EVERY": 10.0,
    "checkout.operations.emails:LOST_AFTER": 5.0,
}

OFTEN = "* * * * * */5"
DONE_OFTEN = (
    "payments.settle",
    "payments.replay_events",
    "payments.recover_jobs",
    "checkout.expire_orders",
)
DEAD_AFTER_S = 8.0  # a worker of which nothing was heard


def shorten_clocks() -> None:
    """Raises AttributeError where a wait of the table is not there."""
    for place, seconds in SHORT.items():
        holder, name = find(place)
        is_length = isinstance(getattr(holder, name), timedelta)
        setattr(holder, name, timedelta(seconds=seconds) if is_length else seconds)
    _do_often()
    _miss_dead_workers_soon()


def _do_often() -> None:
    tasks = app.periodic_registry.periodic_tasks
    for key, task in list(tasks.items()):
        if task.task.name in DONE_OFTEN:
            tasks[key] = PeriodicTask(
                task=task.task, cron=OFTEN, periodic_id=task.periodic_id, configure_kwargs=task.configure_kwargs
            )


def _miss_dead_workers_soon() -> None:
    """A dead worker's job keeps its lock until it is found."""
    soon = functools.partialmethod(JobManager.get_stalled_jobs, seconds_since_heartbeat=DEAD_AFTER_S)
    setattr(JobManager, JobManager.get_stalled_jobs.__name__, soon)
    app.worker_defaults |= {"update_heartbeat_interval": DEAD_AFTER_S / 4}


def seconds_of(place: str) -> float:
    """How long the wait at `module:NAME` is now. Raises AttributeError."""
    holder, name = find(place)
    wait: timedelta | float = getattr(holder, name)
    return wait.total_seconds() if isinstance(wait, timedelta) else wait
