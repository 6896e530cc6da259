"""Each rule that the database keeps by itself, broken by raw SQL past all our code."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.db.models import Model

from payments.audit.journal import WORKER, Journal
from payments.ledger.posting import post_capture
from payments.models import AuditEntry, LedgerTransaction, Observation, Payment
from payments.money import Money
from tests.payments.factories import (
    AccountFactory,
    AttemptFactory,
    DisputeFactory,
    ObservationFactory,
    OperationFactory,
    PaymentFactory,
    RefundFactory,
)
from tests.payments.refusals import Value, execute, refused_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment() -> Payment:
    return PaymentFactory()


@pytest.fixture
def fact(payment: Payment) -> Observation:
    return ObservationFactory(payment=payment)


@pytest.fixture
def captured(payment: Payment, fact: Observation) -> Payment:
    execute(
        "UPDATE payments_payment SET captured_amount = amount, status = 'succeeded', transition_cause = 'observed',"
        " proof_id = %s WHERE id = %s",
        fact.pk,
        payment.pk,
    )
    payment.refresh_from_db()
    return payment


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("amount", 0, "payments_payment_amount_positive"),
        ("amount", -5, "payments_payment_amount_positive"),
        ("currency", "eur", "payments_payment_currency_is_iso"),
        ("refunded_amount", -1, "payments_payment_totals_not_negative"),
        ("captured_amount", 4201, "payments_payment_captured_within_amount"),
        ("refunded_amount", 1, "payments_payment_refunds_within_captured"),
        ("refund_reserved_amount", 1, "payments_payment_refunds_within_captured"),
    ],
)
def test_a_payments_amounts_stay_within_what_was_asked_and_captured(
    column: str, value: object, constraint: str
) -> None:
    with refused_by(constraint):
        PaymentFactory(**{column: value})


def test_refunds_reserved_and_given_back_together_never_pass_what_was_captured(captured: Payment) -> None:
    execute("UPDATE payments_payment SET refunded_amount = 2200 WHERE id = %s", captured.pk)

    with refused_by("payments_payment_refunds_within_captured"):
        execute("UPDATE payments_payment SET refund_reserved_amount = 2001 WHERE id = %s", captured.pk)


def test_a_payment_is_not_final_without_the_observation_that_proves_it(payment: Payment) -> None:
    for status in ("succeeded", "partially_captured", "canceled", "failed"):
        with refused_by("payments_payment_final_has_proof"):
            execute(
                "UPDATE payments_payment SET status = %s, transition_cause = 'observed' WHERE id = %s",
                status,
                payment.pk,
            )


def test_another_payments_observation_proves_nothing(payment: Payment) -> None:
    foreign = ObservationFactory()

    with refused_by("payments_payment_proof_is_its_own"):
        execute(
            "UPDATE payments_payment SET status = 'failed', transition_cause = 'observed', proof_id = %s WHERE id = %s",
            foreign.pk,
            payment.pk,
        )


@pytest.mark.parametrize(
    ("make", "table", "status", "cause", "constraint"),
    [
        (AttemptFactory, "payments_paymentattempt", "declined", "observed", "payments_attempt_proof_is_payments"),
        (OperationFactory, "payments_operation", "failed", "not_sent", "payments_operation_proof_is_payments"),
        (RefundFactory, "payments_refund", "failed", "not_sent", "payments_refund_proof_is_payments"),
    ],
)
def test_another_payments_observation_ends_nothing_of_this_one(
    make: type, table: str, status: str, cause: str, constraint: str
) -> None:
    row, foreign = make(), ObservationFactory()

    with refused_by(constraint):
        execute(
            f"UPDATE {table} SET status = %s, transition_cause = %s, proof_id = %s WHERE id = %s",
            status,
            cause,
            foreign.pk,
            row.pk,
        )


@pytest.mark.parametrize(
    ("make", "table", "status", "cause", "constraint"),
    [
        (AttemptFactory, "payments_paymentattempt", "declined", "observed", "payments_attempt_final_has_proof"),
        (OperationFactory, "payments_operation", "failed", "not_sent", "payments_operation_final_has_proof"),
        (RefundFactory, "payments_refund", "succeeded", "observed", "payments_refund_final_has_proof"),
    ],
)
def test_nothing_becomes_final_without_proof(make: type, table: str, status: str, cause: str, constraint: str) -> None:
    row = make()

    with refused_by(constraint):
        execute(f"UPDATE {table} SET status = %s, transition_cause = %s WHERE id = %s", status, cause, row.pk)


def test_a_payment_has_one_live_attempt(payment: Payment) -> None:
    AttemptFactory(payment=payment)

    with refused_by("payments_attempt_one_live"):
        AttemptFactory(payment=payment)


def test_the_same_request_is_one_attempt(payment: Payment, fact: Observation) -> None:
    first = AttemptFactory(payment=payment)
    execute(
        "UPDATE payments_paymentattempt SET status = 'canceled', transition_cause = 'not_sent', proof_id = %s"
        " WHERE id = %s",
        fact.pk,
        first.pk,
    )

    with refused_by("payments_attempt_request_once"):
        AttemptFactory(payment=payment, request_id=first.request_id)


@pytest.mark.parametrize("kind", ["payment", "attempt", "operation", "refund", "dispute"])
def test_no_row_comes_without_a_status(kind: str) -> None:
    makes: dict[str, type] = {
        "payment": PaymentFactory,
        "attempt": AttemptFactory,
        "operation": OperationFactory,
        "refund": RefundFactory,
        "dispute": DisputeFactory,
    }

    with refused_by(f"payments_{kind}_transition"):
        makes[kind](status="")


@pytest.mark.parametrize(
    ("kind", "make", "table", "status", "cause"),
    [
        ("payment", PaymentFactory, "payments_payment", "failed", "observed"),
        ("attempt", AttemptFactory, "payments_paymentattempt", "canceled", "not_sent"),
        ("operation", OperationFactory, "payments_operation", "failed", "not_sent"),
        ("refund", RefundFactory, "payments_refund", "failed", "not_sent"),
    ],
)
def test_what_is_proven_keeps_its_proof(kind: str, make: type, table: str, status: str, cause: str) -> None:
    row = make()
    proof, other = (ObservationFactory(payment=getattr(row, "payment", row)) for _ in range(2))
    execute(
        f"UPDATE {table} SET status = %s, transition_cause = %s, proof_id = %s WHERE id = %s",
        status,
        cause,
        proof.pk,
        row.pk,
    )

    with refused_by(f"payments_{kind}_proof_stays"):
        execute(f"UPDATE {table} SET proof_id = %s WHERE id = %s", other.pk, row.pk)


def test_an_account_and_mode_exist_once() -> None:
    AccountFactory()

    with refused_by("payments_account_once"):
        execute("INSERT INTO payments_gatewayaccount (gateway, mode) VALUES ('scripted', 'test')")


def test_one_gateway_object_belongs_to_one_payment() -> None:
    PaymentFactory(gateway_id="P-1")

    with refused_by("payments_payment_gateway_id_once"):
        PaymentFactory(gateway_id="P-1")


def test_one_gateway_refund_belongs_to_one_refund(captured: Payment) -> None:
    RefundFactory(payment=captured, gateway_id="R-1")

    with refused_by("payments_refund_gateway_id_once"):
        RefundFactory(gateway_id="R-1")


def test_the_same_refund_request_is_one_refund_and_two_requests_of_equal_amount_are_two(captured: Payment) -> None:
    first = RefundFactory(payment=captured, amount=500)
    RefundFactory(payment=captured, amount=500)

    with refused_by("payments_refund_request_once"):
        RefundFactory(payment=captured, amount=500, request_id=first.request_id)


@pytest.mark.parametrize("amount", [0, -100])
def test_a_refund_is_of_a_positive_amount(payment: Payment, amount: int) -> None:
    with refused_by("payments_refund_amount_positive"):
        RefundFactory(payment=payment, amount=amount)


def test_a_refund_is_reserved_in_the_totals_of_its_payment(captured: Payment) -> None:
    with refused_by("payments_refund_is_reserved"):
        RefundFactory(payment=captured)
        execute("UPDATE payments_payment SET refund_reserved_amount = 99 WHERE id = %s", captured.pk)


@pytest.mark.parametrize("status", ["pending", "succeeded"])
def test_a_refund_finds_no_room_where_the_totals_forget_an_earlier_one(
    captured: Payment, fact: Observation, status: str
) -> None:
    """Each of the two fits into what was captured, both together do not."""
    earlier = RefundFactory(payment=captured, amount=2500)
    execute(
        "UPDATE payments_refund SET status = %s, transition_cause = 'observed', proof_id = %s WHERE id = %s",
        status,
        fact.pk,
        earlier.pk,
    )
    connection.check_constraints()
    execute("UPDATE payments_payment SET refund_reserved_amount = 0 WHERE id = %s", captured.pk)

    with refused_by("payments_refund_is_reserved"):
        RefundFactory(payment=captured, amount=2500)


def test_a_refund_that_the_gateway_tells_of_is_recorded_whatever_is_reserved(
    captured: Payment, fact: Observation
) -> None:
    told = {"payment": captured, "source": "external", "transition_cause": "observed", "proof": fact}
    for status in ("pending", "succeeded"):
        RefundFactory(status=status, **told)
    execute("UPDATE payments_payment SET refund_reserved_amount = 0 WHERE id = %s", captured.pk)

    connection.check_constraints()


def test_no_more_of_a_surplus_is_reversed_than_was_taken(payment: Payment) -> None:
    execute("UPDATE payments_payment SET surplus_amount = 4200 WHERE id = %s", payment.pk)
    _reverse(payment, 4200)
    connection.check_constraints()

    with refused_by("payments_operation_reversals_within_surplus"):
        _reverse(payment, 1)


def _reverse(payment: Payment, amount: int) -> None:
    execute(
        "INSERT INTO payments_refund (payment_id, account_id, request_id, amount, currency, reason, source,"
        " surplus_gateway_id, gateway_id, status, transition_cause, refusal_code, refusal_message, checks)"
        " VALUES (%s, %s, %s, %s, 'EUR', '', 'surplus', 'P-2', '', 'requested', 'requested', '', '', 0)",
        payment.pk,
        payment.account_id,
        uuid.uuid4(),
        amount,
    )
    reversal = payment.refunds.order_by("-pk").first()
    OperationFactory(payment=payment, kind="reverse", refund=reversal, amount=amount)


def test_a_refund_is_in_the_currency_of_its_payment(payment: Payment) -> None:
    with refused_by("payments_refund_currency_is_payments"):
        RefundFactory(payment=payment, currency="USD")


def test_a_staff_refund_names_who_asked_for_it(payment: Payment) -> None:
    with refused_by("payments_refund_staff_is_named"):
        RefundFactory(payment=payment, source="staff")


def test_an_operation_is_in_the_currency_of_its_payment(payment: Payment) -> None:
    with refused_by("payments_operation_currency_is_payments"):
        OperationFactory(payment=payment, currency="USD")


def test_an_operation_is_of_a_positive_amount(payment: Payment) -> None:
    with refused_by("payments_operation_amount_positive"):
        OperationFactory(payment=payment, amount=0)


def test_an_idempotency_key_is_used_by_one_operation(payment: Payment) -> None:
    first = OperationFactory(payment=payment)

    with refused_by("payments_operation_idempotency_key_key"):
        OperationFactory(payment=payment, idempotency_key=first.idempotency_key)


@pytest.mark.parametrize("kind", ["open", "sale", "authorize", "void"])
@pytest.mark.parametrize("amount", [4199, 4201])
def test_an_operation_about_a_whole_payment_is_of_its_amount(payment: Payment, kind: str, amount: int) -> None:
    with refused_by("payments_operation_asks_as_wished"):
        OperationFactory(payment=payment, kind=kind, attempt=AttemptFactory(payment=payment), amount=amount)


def test_a_capture_takes_no_more_than_is_left_of_its_payment(payment: Payment) -> None:
    OperationFactory(payment=payment, kind="capture", amount=1)

    with refused_by("payments_operation_asks_as_wished"):
        OperationFactory(payment=PaymentFactory(), kind="capture", amount=4201)
    with refused_by("payments_operation_asks_as_wished"):
        OperationFactory(payment=PaymentFactory(captured_amount=4000), kind="capture", amount=201)


@pytest.mark.parametrize("amount", [99, 101])
def test_an_operation_gives_back_what_its_refund_says(captured: Payment, amount: int) -> None:
    refund = RefundFactory(payment=captured, amount=100)

    with refused_by("payments_operation_asks_as_wished"):
        OperationFactory(payment=captured, kind="refund", refund=refund, amount=amount)


def test_a_refund_that_is_over_is_sent_by_no_operation(captured: Payment, fact: Observation) -> None:
    refund = RefundFactory(payment=captured)
    execute(
        "UPDATE payments_refund SET status = 'failed', transition_cause = 'observed', proof_id = %s WHERE id = %s",
        fact.pk,
        refund.pk,
    )

    with refused_by("payments_operation_asks_as_wished"):
        OperationFactory(payment=captured, kind="refund", refund=refund, amount=refund.amount)


def test_a_refund_of_what_was_captured_is_not_sent_as_the_reversal_of_a_surplus(captured: Payment) -> None:
    refund = RefundFactory(payment=captured)

    with refused_by("payments_operation_asks_as_wished"):
        OperationFactory(payment=captured, kind="reverse", refund=refund, amount=refund.amount)


@pytest.mark.parametrize("kind", ["sale", "authorize", "refund"])
def test_an_operation_names_the_wish_that_it_carries_out(payment: Payment, kind: str) -> None:
    with refused_by("payments_operation_names_its_wish"):
        OperationFactory(payment=payment, kind=kind)


def test_an_attempt_is_confirmed_by_one_operation(payment: Payment) -> None:
    attempt = AttemptFactory(payment=payment)
    OperationFactory(payment=payment, kind="sale", attempt=attempt)

    with refused_by("payments_operation_one_confirm_per_attempt"):
        OperationFactory(payment=payment, kind="sale", attempt=attempt)


def test_a_refund_is_carried_out_by_one_operation(captured: Payment) -> None:
    refund = RefundFactory(payment=captured)
    OperationFactory(payment=captured, kind="refund", refund=refund, amount=refund.amount)

    with refused_by("payments_operation_one_per_refund"):
        OperationFactory(payment=captured, kind="refund", refund=refund, amount=refund.amount)


@pytest.mark.parametrize("kind", ["capture", "void"])
def test_one_capture_and_one_void_are_under_way_at_once(payment: Payment, kind: str) -> None:
    OperationFactory(payment=payment, kind=kind)

    with refused_by(f"payments_operation_one_{kind}_at_once"):
        OperationFactory(payment=payment, kind=kind)


def test_an_operation_carries_no_other_payments_attempt_or_refund(payment: Payment) -> None:
    with refused_by("payments_operation_attempt_is_payments"):
        OperationFactory(payment=payment, kind="sale", attempt=AttemptFactory())
    with refused_by("payments_operation_refund_is_payments"):
        OperationFactory(payment=payment, kind="refund", refund=RefundFactory())


@pytest.mark.parametrize(
    ("column", "value"),
    [("idempotency_key", uuid.uuid4()), ("amount", 1), ("kind", "void"), ("send_before", "2040-01-01")],
)
def test_an_operation_always_sends_the_same(payment: Payment, column: str, value: Value) -> None:
    operation = OperationFactory(payment=payment)

    with refused_by("payments_operation_frozen"):
        execute(f"UPDATE payments_operation SET {column} = %s WHERE id = %s", value, operation.pk)


@pytest.mark.parametrize(("column", "value"), [("amount", 1), ("currency", "USD"), ("description", "Another order")])
def test_what_a_payment_asks_for_never_changes(payment: Payment, column: str, value: Value) -> None:
    with refused_by("payments_payment_frozen"):
        execute(f"UPDATE payments_payment SET {column} = %s WHERE id = %s", value, payment.pk)


def test_a_payment_never_changes_its_gateway_object() -> None:
    payment = PaymentFactory(gateway_id="P-1")

    for other in ("P-2", ""):
        with refused_by("payments_payment_frozen"):
            execute("UPDATE payments_payment SET gateway_id = %s WHERE id = %s", other, payment.pk)


def test_an_attempt_never_changes_its_token(payment: Payment) -> None:
    attempt = AttemptFactory(payment=payment)

    with refused_by("payments_attempt_frozen"):
        execute("UPDATE payments_paymentattempt SET token = 'tok_other' WHERE id = %s", attempt.pk)


def test_a_refund_never_changes_its_amount(captured: Payment) -> None:
    refund = RefundFactory(payment=captured)

    with refused_by("payments_refund_frozen"):
        execute("UPDATE payments_refund SET amount = 1 WHERE id = %s", refund.pk)


def test_a_fact_never_changes_but_for_being_applied(fact: Observation) -> None:
    execute("UPDATE payments_observation SET applied_at = now(), apply_tries = 3 WHERE id = %s", fact.pk)

    for column, value in (("state", "succeeded"), ("captured_amount", 1), ("answered_at", "2040-01-01")):
        with refused_by("payments_observation_frozen"):
            execute(f"UPDATE payments_observation SET {column} = %s WHERE id = %s", value, fact.pk)


def test_nothing_about_money_is_ever_deleted(payment: Payment, fact: Observation) -> None:
    rows: dict[str, Model] = {
        "attempt": AttemptFactory(payment=payment),
        "operation": OperationFactory(payment=payment),
        "refund": RefundFactory(),
        "observation": fact,
        "payment": PaymentFactory(),
    }
    for name, row in rows.items():
        with refused_by(f"payments_{name}_kept"):
            execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", row.pk)


def test_the_ledger_and_the_audit_trail_only_grow(captured: Payment, fact: Observation) -> None:
    journal = Journal(WORKER, captured.pk)
    post_capture(captured, captured.money, fact, journal)
    journal.write()
    execute("INSERT INTO payments_auditseal VALUES (1, '{}', '{}', '', now())")

    for table, column in (
        ("ledgertransaction", "kind"),
        ("ledgerentry", "account"),
        ("auditentry", "actor"),
        ("auditseal", "mac"),
    ):
        with refused_by(f"payments_{table}_append_only"):
            execute(f"UPDATE payments_{table} SET {column} = 'x'")
        with refused_by(f"payments_{table}_append_only"):
            execute(f"DELETE FROM payments_{table}")


def _book(payment: Payment, fact: Observation) -> LedgerTransaction:
    return LedgerTransaction.objects.create(payment=payment, observation=fact, kind="capture")


def _enter(booked: LedgerTransaction, account: str, amount: int, currency: str = "EUR") -> None:
    execute(
        "INSERT INTO payments_ledgerentry (transaction_id, account, amount, currency) VALUES (%s, %s, %s, %s)",
        booked.pk,
        account,
        amount,
        currency,
    )


def test_a_ledger_transaction_sums_to_zero_in_each_currency(payment: Payment, fact: Observation) -> None:
    with refused_by("payments_ledger_balanced"):
        booked = _book(payment, fact)
        _enter(booked, "clearing", 100)
        _enter(booked, "receivable", -99)
    with refused_by("payments_ledger_balanced"):
        booked = _book(payment, fact)
        _enter(booked, "clearing", 100, "EUR")
        _enter(booked, "receivable", -100, "USD")


def test_a_ledger_transaction_has_entries_and_none_of_them_is_zero(payment: Payment, fact: Observation) -> None:
    with refused_by("payments_ledger_not_empty"):
        _book(payment, fact)
    with refused_by("payments_ledgerentry_amount_not_zero"):
        _enter(_book(payment, fact), "clearing", 0)


def test_another_payments_observation_proves_no_booking(payment: Payment) -> None:
    with refused_by("payments_ledger_proof_is_payments"):
        _book(payment, ObservationFactory())


def test_one_fact_is_booked_once(payment: Payment, fact: Observation) -> None:
    journal = Journal(WORKER, payment.pk)
    post_capture(payment, Money(100, "EUR"), fact, journal)

    with refused_by("payments_ledger_fact_booked_once"):
        _book(payment, fact)


def test_an_account_stands_once_in_a_ledger_transaction(payment: Payment, fact: Observation) -> None:
    with refused_by("payments_ledgerentry_account_once"):
        booked = _book(payment, fact)
        _enter(booked, "clearing", 100)
        _enter(booked, "clearing", -100)


def test_posting_an_unbalanced_sum_fails_at_the_line_that_posts_it(payment: Payment, fact: Observation) -> None:
    with refused_by("payments_ledger_balanced"):
        booked = _book(payment, fact)
        _enter(booked, "clearing", 100)
        execute("SET CONSTRAINTS payments_ledger_balanced IMMEDIATE")
        raise AssertionError("the check must have fired above")


@pytest.mark.parametrize(
    ("column", "value"), [("gateway_id", "po_2"), ("amount", 1), ("currency", "USD"), ("created_at", "2001-01-01")]
)
def test_what_was_paid_out_never_changes_but_for_its_status(column: str, value: Value) -> None:
    execute(
        "INSERT INTO payments_payout (account_id, gateway_id, status, amount, currency, arrival_on, created_at,"
        " failure) VALUES (%s, 'po_1', 'pending', 500, 'EUR', '2026-01-05', now(), '')",
        AccountFactory().pk,
    )
    execute("UPDATE payments_payout SET status = 'failed', arrival_on = '2026-01-06', failure = 'account_closed'")

    with refused_by("payments_payout_frozen"):
        execute(f"UPDATE payments_payout SET {column} = %s", value)


def test_one_event_of_an_account_is_stored_once() -> None:
    account = AccountFactory()
    insert = (
        "INSERT INTO payments_webhookevent (account_id, event_id, event_type, body, subject_kind, subject_id,"
        " gateway_time, status, tries, last_error) VALUES (%s, 'evt_1', 't', '', '', '', now(), 'kept', 0, '')"
    )
    execute(insert, account.pk)

    with refused_by("payments_webhookevent_once"):
        execute(insert, account.pk)


def test_a_discrepancy_is_open_once_and_resolved_only_with_words(payment: Payment) -> None:
    insert = "INSERT INTO payments_discrepancy (kind, subject, explanation, resolution) VALUES ('stuck', 'x', '', '')"
    execute(insert)

    with refused_by("payments_discrepancy_open_once"):
        execute(insert)
    with refused_by("payments_discrepancy_resolution_told"):
        execute("UPDATE payments_discrepancy SET resolved_at = now()")


def test_every_audit_entry_awaits_its_seal() -> None:
    journal = Journal(WORKER, None)
    journal.note("requested", "payment", 1, before={}, after={"status": "processing"})
    journal.write()

    with refused_by("payments_pendingseal_pkey"):
        execute("INSERT INTO payments_pendingseal (entry_id) VALUES (%s)", AuditEntry.objects.get().pk)
