"""The one way to change a status: checked against the table here, by a trigger in the database, told in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from payments.audit.journal import Facts, Journal
from payments.models import Dispute, Observation, Operation, Payment, PaymentAttempt, Refund
from payments.statements import insert_rows, update_row
from payments.states.table import NEW, Cause, allows

Row = Payment | PaymentAttempt | Operation | Refund | Dispute
SomeRow = TypeVar("SomeRow", Payment, PaymentAttempt, Operation, Refund, Dispute)
KINDS: dict[type[Row], str] = {
    Payment: "payment",
    PaymentAttempt: "attempt",
    Operation: "operation",
    Refund: "refund",
    Dispute: "dispute",
}


class TransitionRefused(Exception):
    """The table of transitions has no such edge."""


def insert(row: SomeRow, status: str, cause: Cause, journal: Journal, **told: str | int | None) -> None:
    """Insert a new row in its first status; the audit trail is told its money, and `told` beside."""
    insert_all([(row, told)], status, cause, journal)


def insert_all(rows: Sequence[tuple[SomeRow, Facts]], status: str, cause: Cause, journal: Journal) -> None:
    """The same for several rows of one kind in one statement, each with what the audit trail is told beside."""
    for row, _ in rows:
        _ensure_allowed(row, NEW, status, cause)
        row.status, row.transition_cause = status, cause.value
    insert_rows([row for row, _ in rows])
    for row, told in rows:
        after = {"status": status, **_asked(row), **told}
        journal.note(cause.value, KINDS[type(row)], row.pk, before={}, after=after)


def move(row: Row, status: str, cause: Cause, journal: Journal, **changes: object) -> None:
    """Bring a row from the status it has to `status`, with the other columns in `changes`, in one statement.

    Raises TransitionRefused where the table has no such edge or the row was changed by somebody else meanwhile.
    """
    before = row.status
    _ensure_allowed(row, before, status, cause)
    if not update_row(row, {"status": status, "transition_cause": cause.value, **changes}, status=before):
        raise TransitionRefused(f"{KINDS[type(row)]} {row.pk} is no longer {before}")
    row.status = status
    for name, value in changes.items():
        setattr(row, name, value)
    journal.note(
        cause.value,
        KINDS[type(row)],
        row.pk,
        before={"status": before},
        after={"status": status, **_told(changes)},
    )


def _ensure_allowed(row: Row, before: str, after: str, cause: Cause) -> None:
    kind = KINDS[type(row)]
    if not allows(kind, before, after, cause):
        raise TransitionRefused(f"{kind} {row.pk}: {before or 'new'} -> {after} is no {cause.value} transition")


def _asked(row: Row) -> Facts:
    """The money that a row is about, in minor units: `verify_audit` holds the row against it ever after."""
    return {} if isinstance(row, PaymentAttempt) else {"amount": row.amount, "currency": row.currency}


def _told(changes: dict[str, object]) -> Facts:
    """The changed columns that mean something to a reader of the audit trail: amounts, ids and the proof."""
    told: dict[str, str | int | list[dict[str, str | int]] | None] = {}
    for name, value in changes.items():
        if isinstance(value, Observation):
            told["proof"] = value.pk
        elif isinstance(value, (str, int)) and value != "":
            told[name] = value
    return told
