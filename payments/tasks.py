"""The jobs of the payments core. Each is a hint to look at rows: it may come twice, late or never.

Those that read whole lists of a gateway run one at a time, by their lock, so that drains always find a thread beside
them. The lock of a worker that died ends with `recover_jobs`.
"""

from __future__ import annotations

import logging
import time

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from payments import queue
from payments.audit.sealing import seal_pending
from payments.operations import alerts, comparison, settlement, sweeping
from payments.operations.submit import submit as carry
from payments.webhooks import inbox, replay

logger = logging.getLogger(__name__)

FIRST = 10  # before the mails in their lane, which a slow mail server holds up

REPEATED_AT_MOST = 3

CARRY_ON_FOR_S = 5.0  # a worker that is asked to stop lets its jobs finish


@app.task(name="payments.submit", queue=queue.MONEY)
def submit(operation_id: int) -> None:
    """Carry this operation, then those that wait, for a while: fetching a job costs the queue as much as its work."""
    until = time.monotonic() + CARRY_ON_FOR_S
    carry(operation_id)
    while time.monotonic() < until and (waiting := queue.take_submit()) is not None:
        carry(waiting)


@app.task(name="payments.drain_inbox", queue=queue.ASKING)
def drain_inbox() -> None:
    inbox.drain_inbox()


@app.periodic(cron="* * * * * */10")
@app.task(name="payments.sweep", queue=queue.DEFAULT, priority=FIRST, queueing_lock="payments.sweep")
def sweep(timestamp: int) -> None:
    sweeping.sweep_operations()
    sweeping.sweep_observations()
    if inbox.is_waiting():
        queue.defer_once("payments.drain_inbox", queue=queue.ASKING)


@app.periodic(cron="* * * * * */10")
@app.task(name="payments.ask_about_open", queue=queue.ASKING, queueing_lock="payments.ask", lock="payments.ask")
def ask_about_open(timestamp: int) -> None:
    sweeping.ask_about_open_payments()
    sweeping.ask_about_pending_refunds()
    sweeping.ask_about_open_disputes()


@app.periodic(cron="*/5 * * * *")
@app.task(name="payments.replay_events", queue=queue.ASKING, queueing_lock="payments.replay", lock="payments.replay")
def replay_events(timestamp: int) -> None:
    if replay.replay_events():
        inbox.drain_inbox()


@app.periodic(cron="*/5 * * * *")
@app.task(name="payments.settle", queue=queue.ASKING, queueing_lock="payments.settle", lock="payments.settle")
def settle(timestamp: int) -> None:
    settlement.settle_all()


@app.periodic(cron="17 3 * * *")
@app.task(
    name="payments.compare_settlement", queue=queue.ASKING, queueing_lock="payments.compare", lock="payments.settle"
)
def compare_settlement(timestamp: int) -> None:
    comparison.compare_all()


@app.periodic(cron="* * * * * */2")
@app.task(name="payments.seal_audit", queue=queue.DEFAULT, priority=FIRST, queueing_lock="payments.seal_audit")
def seal_audit(timestamp: int) -> None:
    seal_pending()


@app.periodic(cron="* * * * *")
@app.task(name="payments.alert", queue=queue.DEFAULT, priority=FIRST, queueing_lock="payments.alert")
def alert(timestamp: int) -> None:
    alerts.alert_about_unknown()
    alerts.alert_about_unsent()
    alerts.alert_about_unapplied()
    alerts.alert_about_unsealed()


@app.periodic(cron="* * * * *")
@app.task(
    name="payments.recover_jobs",
    queue=queue.DEFAULT,
    priority=FIRST,
    queueing_lock="payments.recover_jobs",
    pass_context=True,
)
async def recover_jobs(context: JobContext, timestamp: int) -> None:
    """Enqueue again what a killed worker was doing; a job that killed several is closed.

    A reminder has no row that a sweep would find. Of what has a queueing lock the next one waits, or comes by itself,
    or the sweep enqueues it.
    """
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        again = job.queueing_lock is None and job.attempts < REPEATED_AT_MOST
        logger.warning("job_of_dead_worker", extra={"job": job.id, "task": job.task_name, "again": again})
        if again:
            await jobs.retry_job(job)
        else:
            await jobs.finish_job(job, status=Status.FAILED, delete_job=True)
