"""A row that somebody changes, moves or removes, past every trigger, is named by what the sealed trail tells of it."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.db import connection

from payments.audit.rows import verify_rows
from payments.audit.sealing import seal_pending
from payments.audit.verification import verify_audit
from payments.gateways.base import Subject, SubjectKind
from payments.gateways.settlement import MovementKind
from payments.ledger.verification import verify_ledger
from payments.models import AuditEntry, Dispute, Observation, Operation, Payment, Refund
from payments.money import Money
from payments.operations.booking import book_settlement
from payments.operations.looking import look_at
from payments.operations.refunding import refund
from payments.operations.settlement import import_settlement
from tests.payments.arrange import carried, carry
from tests.payments.owner import as_owner
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payment(gateway: ScriptedGateway) -> Payment:
    """Paid, refunded in part, settled and disputed; the proofs find it whole."""
    paid = carried()
    refund(paid, Money(100, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    gateway.settle_movement(MovementKind.CHARGE, paid.last_charge_id, Money(4200, "EUR"), fee=88)
    import_settlement(paid.account)
    book_settlement()
    look(paid, gateway.dispute(paid.gateway_id, Money(500, "EUR")))
    assert proofs() == []
    return paid


def proofs() -> list[str]:
    seal_pending()
    return [*verify_audit(), *verify_ledger()]


def look(payment: Payment, dispute_id: str) -> None:
    """What a drained webhook does: fetch the dispute's state and apply it."""
    look_at(payment.account, Subject(SubjectKind.DISPUTE, dispute_id), source=Observation.Source.WEBHOOK)


def names(payment: Payment) -> dict[str, int]:
    """The ids that a proof may name."""
    return {
        "payment": payment.pk,
        "attempt": payment.attempts.get().pk,
        "sale": payment.operations.get(kind=Operation.Kind.SALE).pk,
        "refund": payment.refunds.get().pk,
        "dispute": payment.disputes.get().pk,
        "captured": payment.ledger_transactions.get(kind="capture").pk,
        "settled": payment.ledger_transactions.get(kind="settlement").pk,
    }


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("payment", "payment {payment} is gone, the audit trail says succeeded"),
        ("paymentattempt", "attempt {attempt} is gone, the audit trail says succeeded"),
        ("operation", "operation {sale} is gone, the audit trail says succeeded"),
        ("refund", "refund {refund} is gone, the audit trail says succeeded"),
        ("dispute", "dispute {dispute} is gone, the audit trail says needs_response"),
        ("ledgertransaction", "ledger transaction {settled} is gone, but its entries are not"),
        ("ledgerentry", "ledger transaction {settled} has no entries"),
        ("auditentry", "payment {payment} is succeeded, the audit trail says nothing"),
    ],
)
def test_a_removed_row_is_named(payment: Payment, table: str, told: str) -> None:
    expected = told.format(**names(payment))
    as_owner(f"DELETE FROM payments_{table}")

    assert expected in proofs()


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("payment SET amount = 9999", "payment {payment} is of amount 9999, the audit trail says 4200"),
        ("payment SET excess_amount = 7", "payment {payment} says excess 7, its totals say 0"),
        (
            "payment SET surplus_excess_amount = 7",
            "payment {payment} says surplus excess 7, its totals say 0",
        ),
        ("payment SET currency = 'USD'", "payment {payment} is of currency USD, the audit trail says EUR"),
        ("refund SET amount = 1", "refund {refund} is of amount 1, the audit trail says 100"),
        ("refund SET currency = 'USD'", "refund {refund} is of currency USD, the audit trail says EUR"),
        ("refund SET payment_id = 0", "refund {refund} is of payment 0, the audit trail says {payment}"),
        ("operation SET amount = 1", "operation {sale} is of amount 1, the audit trail says 4200"),
        ("operation SET currency = 'USD'", "operation {sale} is of currency USD, the audit trail says EUR"),
        ("operation SET payment_id = 0", "operation {sale} is of payment 0, the audit trail says {payment}"),
        ("paymentattempt SET payment_id = 0", "attempt {attempt} is of payment 0, the audit trail says {payment}"),
        ("payment SET proof_id = 0", "payment {payment} has the proof 0, which is gone, the audit trail says "),
        ("paymentattempt SET proof_id = 0", "attempt {attempt} has the proof 0, which is gone, the audit trail says "),
        ("operation SET proof_id = 1 + proof_id WHERE kind = 'sale'", "operation {sale} has the proof "),
        ("refund SET proof_id = 1", "refund {refund} has the proof "),
        ("payment SET refund_reserved_amount = 50", "payment {payment} says reserved 50, its refunds say 0"),
        ("dispute SET withdrawn_amount = 0", "payment {payment} says disputed 500, its disputes say 0"),
        (
            "payment SET surplus_amount = 5, surplus_reversed_amount = 5",
            "payment {payment} says surplus 5, the ledger says 0",
        ),
        ("dispute SET amount = 1", "dispute {dispute} is of amount 1, the audit trail says 500"),
        ("dispute SET currency = 'USD'", "dispute {dispute} is of currency USD, the audit trail says EUR"),
        (
            "ledgertransaction SET payment_id = 0 WHERE kind = 'settlement'",
            "ledger transaction {settled} is of payment 0, the audit trail says {payment}",
        ),
        (
            "ledgertransaction SET kind = 'refund_failed' WHERE kind = 'capture'",
            "ledger transaction {captured} is of kind refund_failed, the audit trail says capture",
        ),
        (
            "ledgertransaction SET booked_at = '2001-01-01'",
            "ledger transaction {captured} is of time 2001-01-01T00:00:00.000000+00:00, the audit trail says ",
        ),
        (
            "ledgertransaction SET observation_id = 0 WHERE kind = 'capture'",
            "ledger transaction {captured} is of proof 0, the audit trail says ",
        ),
        (
            """auditentry SET after = '{"entries": "x"}' WHERE object_type = 'ledger'""",
            "ledger transaction {settled}: clearing -4200 EUR was booked, but the audit trail does not tell it",
        ),
        (
            """auditentry SET after = '{"entries": [1, {"amount": "x"}]}' WHERE object_type = 'ledger'""",
            "ledger transaction {settled}: None x None is told by the audit trail, but is not booked",
        ),
    ],
)
def test_a_changed_row_is_named(payment: Payment, tampering: str, told: str) -> None:
    expected = told.format(**names(payment))
    as_owner(f"UPDATE payments_{tampering}")

    assert [line for line in proofs() if line.startswith(expected)]


def test_a_removed_observation_is_named_by_what_it_proved(payment: Payment) -> None:
    expected = "payment {payment} has the proof {proof}, which is gone".format(**names(payment), proof=payment.proof_id)
    as_owner("DELETE FROM payments_observation")

    assert [line for line in proofs() if line.startswith(expected)]


def test_an_entry_added_later_does_not_cover_a_changed_amount(payment: Payment) -> None:
    as_owner("UPDATE payments_refund SET amount = 1")
    AuditEntry.objects.create(
        actor="x", action="x", object_type="refund", object_id=Refund.objects.get().pk, before={}, after={"amount": 1}
    )

    assert [line for line in proofs() if "is of amount 1, the audit trail says 100" in line]


def test_a_dispute_is_held_against_the_amount_that_it_has_now(payment: Payment, gateway: ScriptedGateway) -> None:
    dispute_id, claimed = gateway.disputes.popitem()
    gateway.disputes[dispute_id] = replace(claimed, money=Money(700, "EUR"))
    look(payment, dispute_id)

    assert Dispute.objects.get().amount == 700
    assert proofs() == []


def test_rows_whose_entries_tell_no_amount_time_or_proof_are_no_finding(payment: Payment) -> None:
    as_owner("UPDATE payments_auditentry SET after = after - '{amount,currency,booked_at,proof}'::text[]")

    assert [*verify_rows(), *verify_ledger()] == []


def test_thousands_of_rows_are_proven_in_one_pass(payment: Payment) -> None:
    """A proof that looked through the whole trail for each of these rows took a minute."""
    as_owner(
        "INSERT INTO payments_payment SELECT (jsonb_populate_record(p, jsonb_build_object("
        "'id', 1000000 + n, 'public_id', gen_random_uuid(), 'gateway_id', ''))).*"
        " FROM payments_payment p, generate_series(1, 4000) n"
    )
    as_owner(
        "INSERT INTO payments_auditentry (actor, origin, action, object_type, object_id, payment_id, before, after)"
        " SELECT 'x', '', 'x', 'payment', p.id, p.id, '{}',"
        " jsonb_build_object('status', p.status, 'amount', p.amount, 'currency', p.currency)"
        " FROM payments_payment p, generate_series(1, 10) WHERE p.id > 1000000 ORDER BY p.id"
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE payments_payment, payments_auditentry")
        cursor.execute("SET statement_timeout = '10s'")
        try:
            assert list(verify_rows()) == []
        finally:
            cursor.execute("RESET statement_timeout")
