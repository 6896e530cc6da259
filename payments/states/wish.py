"""A new wish at the gateway: how every operation comes into the world."""

from __future__ import annotations

from datetime import datetime, timedelta

from payments.audit.journal import Journal
from payments.models import Operation
from payments.states.schedule import SWEEP_AFTER, WRITE_WITHIN
from payments.states.table import Cause
from payments.states.transition import insert


def write_operation(
    operation: Operation, now: datetime, journal: Journal, *, within: timedelta = WRITE_WITHIN, **told: str | int
) -> Operation:
    """Insert an operation that is to be sent `within` this time, and that the sweep finds if its job is lost.

    `now` is the database's clock; `told` goes into the audit trail beside the kind.
    """
    operation.send_before, operation.next_check_at = now + within, now + SWEEP_AFTER
    insert(operation, Operation.Status.CREATED, Cause.REQUESTED, journal, kind=operation.kind, **told)
    return operation
