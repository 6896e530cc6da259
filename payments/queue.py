"""Enqueue jobs by task name, inside the caller's transaction: no job without its row, no row without its job.

Imports no task, so that anything may enqueue without importing what runs.
"""

from __future__ import annotations

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from payments.transactions import retried

# Each is a lane of its own in a worker (WORKER_LANES in the settings).
MONEY = "money"  # writes at a gateway
ASKING = "asking"  # questions to it
DEFAULT = "default"  # what waits for no gateway

# The conflict clause fits the queue's unique index on waiting queueing locks.
_SUBMIT = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args)
SELECT 'money', 'payments.submit', 10, 'payments.submit:' || id, jsonb_build_object('operation_id', id)
FROM unnest(%s::bigint[]) AS id
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""
_TAKE_SUBMIT = """
DELETE FROM procrastinate_jobs WHERE id = (
  SELECT id FROM procrastinate_jobs
  WHERE status = 'todo' AND task_name = 'payments.submit' AND (scheduled_at IS NULL OR scheduled_at <= now())
  ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING (args ->> 'operation_id')::bigint
"""


def defer(task: str, *, queue: str = DEFAULT, delay_s: int = 0, **arguments: int | str) -> None:
    """Enqueue `task` to run after this transaction commits, `delay_s` seconds later at the earliest."""
    app.configure_task(task, queue=queue, schedule_in=_schedule(delay_s)).defer(**arguments)


def defer_once(task: str, *, queue: str = DEFAULT, **arguments: int | str) -> None:
    """Enqueue `task` unless the same call already waits; its own savepoint, so that the caller's work survives."""
    name = ":".join([task, *(str(value) for value in arguments.values())])
    try:
        with transaction.atomic():
            app.configure_task(task, queue=queue, queueing_lock=name).defer(**arguments)
    except AlreadyEnqueued:
        return


def submit(*operation_ids: int) -> None:
    """Have workers carry these operations to the gateway, in one statement; one whose job waits gets no second."""
    with connection.cursor() as cursor:
        cursor.execute(_SUBMIT, [list(operation_ids)])


@retried
def take_submit() -> int | None:
    """Take the next operation that waits for a worker out of the queue, for a worker that is at it; None if none waits.

    Who dies with it leaves it to the sweep.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_SUBMIT)
        row = cursor.fetchone()
    return row[0] if row else None


def _schedule(delay_s: int) -> dict[str, int] | None:
    return {"seconds": delay_s} if delay_s else None
