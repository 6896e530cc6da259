"""A new wish at the gateway: how every operation comes into the world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from payments.audit.journal import Journal
from payments.models import Operation
from payments.states.schedule import SWEEP_AFTER, WRITE_WITHIN
from payments.states.table import Cause
from payments.states.transition import insert_all


def write_operation(
    operation: Operation, now: datetime, journal: Journal, *, within: timedelta = WRITE_WITHIN, **told: str | int
) -> Operation:
    """Insert an operation that is to be sent `within` this time, and that the sweep finds if its job is lost.

    `now` is the database's clock; `told` goes into the audit trail beside the kind.
    """
    write_operations([operation], now, journal, within=within, **told)
    return operation


def write_operations(
    operations: Sequence[Operation], now: datetime, journal: Journal, *, within: timedelta, **told: str | int
) -> None:
    """The same for several at once."""
    for operation in operations:
        operation.send_before, operation.next_check_at = now + within, now + SWEEP_AFTER
    rows = [(operation, {"kind": operation.kind, **told}) for operation in operations]
    insert_all(rows, Operation.Status.CREATED, Cause.REQUESTED, journal)
