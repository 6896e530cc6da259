"""The table of transitions, the database's triggers and the diagram in docs/ hold the same edges."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from django.db import connection

from payments.audit.journal import WORKER, Journal
from payments.models import Dispute, Operation, Payment, PaymentAttempt, Refund
from payments.states.table import NEW, TABLE, Cause, allows, edges
from payments.states.transition import TransitionRefused, move
from tests.payments.factories import AttemptFactory, DisputeFactory, OperationFactory, PaymentFactory, RefundFactory
from tests.payments.refusals import execute, refused_by

pytestmark = pytest.mark.django_db

STATUSES = {
    "payment": Payment.Status.values,
    "attempt": PaymentAttempt.Status.values,
    "operation": Operation.Status.values,
    "refund": Refund.Status.values,
    "dispute": Dispute.Status.values,
}
ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"


def test_the_database_allows_exactly_the_edges_of_the_table() -> None:
    with connection.cursor() as cursor:
        for kind, statuses in STATUSES.items():
            for before, after, cause in itertools.product([NEW, *statuses], statuses, Cause):
                cursor.execute("SELECT payments_transition_allowed(%s, %s, %s, %s)", [kind, before, after, cause.value])
                assert cursor.fetchone()[0] == allows(kind, before, after, cause), (kind, before, after, cause)


def test_the_diagram_shows_exactly_the_edges_of_the_table() -> None:
    drawn = set()
    for kind in TABLE:
        block = re.search(rf"```mermaid\nstateDiagram-v2\n    %% {kind}\n(.*?)```", ARCHITECTURE.read_text(), re.S)
        assert block, f"docs/architecture.md has no diagram of {kind}"
        for before, after, causes in re.findall(r"(\S+) --> (\S+): (.+)", block[1]):
            for cause in causes.strip().split(", "):
                drawn |= {(kind, *ends, cause) for ends in _ends(kind, before.replace("[*]", NEW), after)}
    assert drawn == edges()


def _ends(kind: str, before: str, after: str) -> set[tuple[str, str]]:
    """In a diagram, `any` stands for every status of the kind."""
    starts = STATUSES[kind] if before == "any" else [before]
    ends = STATUSES[kind] if after == "any" else [after]
    return {(one, other) for one, other in itertools.product(starts, ends) if one != other}


def test_every_status_of_the_table_exists() -> None:
    for kind, before, after, _ in edges():
        assert after in STATUSES[kind]
        assert before == NEW or before in STATUSES[kind]


@pytest.mark.parametrize(
    ("kind", "make", "table"),
    [
        ("payment", PaymentFactory, "payments_payment"),
        ("attempt", AttemptFactory, "payments_paymentattempt"),
        ("operation", OperationFactory, "payments_operation"),
        ("refund", RefundFactory, "payments_refund"),
        ("dispute", DisputeFactory, "payments_dispute"),
    ],
)
def test_a_status_set_without_a_cause_is_refused_by_the_database(kind: str, make: type, table: str) -> None:
    row = make()

    for status in set(STATUSES[kind]) - {row.status}:
        with refused_by(f"payments_{kind}_transition"):
            execute(f"UPDATE {table} SET status = %s WHERE id = %s", status, row.pk)


@pytest.mark.parametrize("make", [PaymentFactory, AttemptFactory, OperationFactory, RefundFactory])
def test_the_cause_of_one_transition_does_not_open_the_next(make: type) -> None:
    row = make()
    row.refresh_from_db()

    assert row.transition_cause is None


def test_a_row_is_not_inserted_in_any_later_status() -> None:
    for status in set(Payment.Status.values) - {"processing"}:
        with refused_by("payments_payment_transition"):
            PaymentFactory(status=status, transition_cause="requested")


@pytest.mark.parametrize("make", [PaymentFactory, AttemptFactory, OperationFactory, RefundFactory])
def test_an_edge_that_the_table_lacks_is_refused_before_the_database_is_asked(make: type) -> None:
    row = make()
    journal = Journal(WORKER, None)

    with pytest.raises(TransitionRefused, match=row.status):
        move(row, "succeeded", Cause.LEASED, journal)

    assert journal.entries == []


def test_a_row_that_somebody_else_moved_meanwhile_is_not_moved_over_it() -> None:
    operation = OperationFactory()
    stale = Operation.objects.get(pk=operation.pk)
    move(operation, "in_flight", Cause.LEASED, Journal(WORKER, None))

    with pytest.raises(TransitionRefused, match="no longer created"):
        move(stale, "in_flight", Cause.LEASED, Journal(WORKER, None))
