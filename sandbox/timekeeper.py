"""The thread that does what Stripe does later by itself, when its time has come."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from sandbox.events import BY_ITSELF, emit
from sandbox.payments import balance, cancellation, charges, debits, disputes, payouts, refunds
from sandbox.world import Sandbox

log = logging.getLogger(__name__)

LONGEST_WAIT_S = 1.0


def settle_charge(sandbox: Sandbox, charge_id: str) -> None:
    """With asynchronous capture the balance transaction comes after the charge, and is told by `charge.updated`."""
    charge = sandbox.charges.get(charge_id)
    if charge is None or charge["balance_transaction"] is not None:
        return
    before = charge.copy()
    charge["balance_transaction"] = charges.settled(sandbox, charge)
    sandbox.charges.put(charge)
    emit(sandbox, "charge.updated", charge, BY_ITSELF, before)


ACTIONS: Mapping[str, Callable[[Sandbox, str], None]] = {
    "answer_debit": debits.answer,
    "decide_dispute": disputes.decide,
    "expire_authorization": cancellation.expire_authorization,
    "expire_dispute": disputes.expire,
    "fail_refund": refunds.fail,
    "open_dispute": disputes.open_expected,
    "pay_payout": payouts.arrive,
    "reconcile_payout": payouts.reconcile,
    "refer_to_refund": refunds.refer,
    "release_funds": balance.release_funds,
    "settle_charge": settle_charge,
    "succeed_refund": refunds.succeed,
}


def do_next(sandbox: Sandbox) -> bool:
    """Do what is due first, in a transaction of its own; False if nothing is due."""
    with sandbox.store.transaction():
        task = sandbox.schedule.next_due()
        if task is None:
            return False
        ACTIONS[task.action](sandbox, task.object_id)
        sandbox.schedule.done(task)
    log.info("done later: action=%s object=%s", task.action, task.object_id)
    return True


def do_all_due(sandbox: Sandbox) -> None:
    """Do everything that is due now, so that whoever skipped time finds it done."""
    while do_next(sandbox):
        sandbox.deliveries.wake()


class Timekeeper(threading.Thread):
    """Does one task after the other."""

    def __init__(self, sandbox: Sandbox, stopping: threading.Event) -> None:
        super().__init__(name="timekeeper", daemon=True)
        self._sandbox = sandbox
        self._stopping = stopping

    def run(self) -> None:
        schedule = self._sandbox.schedule
        while not self._stopping.is_set():
            schedule.changed.clear()
            if do_next(self._sandbox):
                self._sandbox.deliveries.wake()
            else:
                schedule.changed.wait(schedule.wait_s(LONGEST_WAIT_S) or 0.01)
