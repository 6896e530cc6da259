"""The queue and the periodic jobs as a worker runs them, and as they are lost, doubled and overtaken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

NOT_OURS = {"payments.recover_jobs"}  # closes the queue's own rows, and knows nothing of money


@dataclass(frozen=True)
class Job:
    id: int
    task: str
    arguments: dict[str, int | str]

    def run(self) -> None:
        task = app.tasks[self.task]
        assert isinstance(task, Task)
        task.func(**self.arguments)

    def __str__(self) -> str:
        return f"{self.task}({', '.join(f'{k}={v}' for k, v in self.arguments.items())})"


def waiting() -> list[Job]:
    """The jobs whose time has come, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task_name, args::text FROM procrastinate_jobs WHERE status = 'todo'"
            " AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY id"
        )
        return [Job(job_id, task, json.loads(arguments)) for job_id, task, arguments in cursor.fetchall()]


def take(job: Job) -> None:
    """The job is being done, or lost: either way nobody else will do it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.id])


def periodic() -> dict[str, Callable[[], object]]:
    """Every periodic job of the project, by its task's name."""
    tasks = {entry.task.name: entry.task for entry in app.periodic_registry.periodic_tasks.values()}
    return {name: _at_once(task) for name, task in sorted(tasks.items()) if name not in NOT_OURS}


def _at_once(task: Task[..., object, ...]) -> Callable[[], object]:
    return lambda: task.func(timestamp=0)
