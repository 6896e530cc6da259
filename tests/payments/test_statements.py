"""Statements that are written once do what Django's own queries do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import models
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from payments.models import AuditEntry, Discrepancy, GatewayAccount, Operation, Payment, PaymentAttempt
from payments.operations.clock import database_now
from payments.statements import Select, insert_rows, update_row
from tests.payments.arrange import carried, placed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway")]

PAYMENT = Select(
    Payment,
    "FROM payments_payment payment JOIN payments_gatewayaccount account ON account.id = payment.account_id"
    " WHERE payment.id = %s",
    related={"account": GatewayAccount},
    beside={"read_at": "clock_timestamp()"},
)
OPERATIONS = Select(
    Operation,
    "FROM payments_operation operation LEFT JOIN payments_paymentattempt attempt ON attempt.id = operation.attempt_id"
    " WHERE operation.payment_id = %s ORDER BY operation.id",
    related={"attempt": PaymentAttempt},
)


def columns(row: models.Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_is_read_as_django_reads_it_with_what_stands_beside() -> None:
    payment = carried()
    before = database_now()

    read = PAYMENT.get(payment.pk)

    assert columns(read) == columns(Payment.objects.get(pk=payment.pk))
    assert read == payment and not read._state.adding
    assert before < read.read_at < database_now()  # type: ignore[attr-defined]  # stands beside the row


def test_a_related_row_comes_along_and_is_none_where_there_is_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    payment = placed()

    with django_assert_num_queries(2):
        account = PAYMENT.get(payment.pk).account
        opening, confirm = OPERATIONS.all(payment.pk)
        attempts = opening.attempt, confirm.attempt

    assert columns(account) == columns(GatewayAccount.objects.get())
    assert attempts == (None, PaymentAttempt.objects.get())


def test_what_is_not_there_is_said() -> None:
    assert OPERATIONS.first(0) is None
    with pytest.raises(Payment.DoesNotExist, match=r"no payment for \(0,\)"):
        PAYMENT.get(0)


def test_new_rows_get_their_keys_and_what_the_database_sets() -> None:
    before = database_now()
    rows = [_entry(1), _entry(2)]

    insert_rows(rows)

    assert [columns(row) for row in rows] == [columns(row) for row in AuditEntry.objects.filter(object_id__lte=2)]
    assert all(before < row.at < database_now() and not row._state.adding for row in rows)


def test_nothing_is_inserted_for_no_rows(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        insert_rows([])


def test_a_new_row_may_take_a_value_that_the_database_works_out() -> None:
    row = _entry(3)
    row.at = Now() - timedelta(days=1)

    insert_rows([row])

    assert AuditEntry.objects.get(object_id=3).at < database_now() - timedelta(hours=23)


def test_rows_that_leave_different_columns_to_the_database_keep_their_own_values() -> None:
    given = database_now() - timedelta(days=1)
    rows = [_entry(4), _entry(5)]
    rows[1].at = given

    insert_rows(rows)

    assert AuditEntry.objects.get(object_id=5).at == given
    assert AuditEntry.objects.get(object_id=4).at > given


def test_a_model_whose_values_django_converts_is_not_read_so() -> None:
    with pytest.raises(TypeError, match=r"AuditEntry.before is converted"):
        Select(AuditEntry, "FROM payments_auditentry auditentry").all()


def test_columns_of_a_row_are_changed_by_values_rows_and_expressions() -> None:
    payment, other = placed(), placed()
    rows = [Discrepancy(kind="stuck", subject=f"operation:{n}", explanation="", payment=payment) for n in (1, 2)]
    insert_rows(rows)

    assert update_row(rows[0], {"payment": other, "explanation": "Look.", "owner": None})
    assert update_row(rows[0], {"opened_at": Now() - timedelta(hours=1)})

    read = Discrepancy.objects.get(pk=rows[0].pk)
    assert (read.payment, read.explanation, read.owner) == (other, "Look.", None)
    assert read.opened_at < database_now() - timedelta(minutes=59)
    assert columns(Discrepancy.objects.get(pk=rows[1].pk)) == columns(rows[1])


@pytest.mark.parametrize("value", ["ch_1", Now()], ids=["value", "expression"])
def test_a_row_that_is_not_as_expected_stays_as_it_is(value: object) -> None:
    payment = placed()
    column = {"last_charge_id": value} if value == "ch_1" else {"next_check_at": value}

    assert not update_row(payment, column, status=Payment.Status.SUCCEEDED)

    assert columns(Payment.objects.get(pk=payment.pk)) == columns(PAYMENT.get(payment.pk))
    assert Payment.objects.get(pk=payment.pk).last_charge_id == ""


def _entry(object_id: int) -> AuditEntry:
    told: dict[str, str | int | None] = {"text": "ä'%s", "amount": 1, "none": None}
    return AuditEntry(
        actor="user:7", action="tested", object_type="payment", object_id=object_id, before={}, after=told
    )
