"""The daily comparison: what the ledger says against what the gateway settled, each difference named."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from payments.gateways.settlement import MovementKind
from payments.models import Discrepancy, GatewayAccount, LedgerEntry, Payment
from payments.money import Money
from payments.operations.comparison import SettlementReport, compare_settlement
from tests.payments.arrange import carried
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    return carried("tok_ok")


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def compared() -> SettlementReport:
    return compare_settlement(GatewayAccount.objects.get())


def past_all_rules(statement: str, *values: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)


def test_books_that_agree_have_no_difference(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.settle_movement(MovementKind.CHARGE, paid.last_charge_id, eur(4200), fee=88)
    gateway.settle_movement(MovementKind.PAYOUT, "PO-1", eur(-4000))

    report = compared()

    (balance,) = report.balances
    assert (balance.movements, balance.ledger, balance.gateway) == (eur(112), eur(112), eur(112))
    assert (dict(balance.by_kind), balance.fees) == ({"charge": eur(4200), "payout": eur(-4000)}, eur(88))
    assert list(report.differences) == []
    assert not Discrepancy.objects.exists()


def test_a_movement_of_nothing_that_we_know_is_named_after_an_hour(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.settle_movement(MovementKind.CHARGE, "ch_foreign", eur(999))
    compared()
    past_all_rules("UPDATE payments_balancetransaction SET seen_at = seen_at - interval '2 hours'")

    (unknown, unequal) = compared().differences

    assert "M-1" in unknown.explanation and "9.99 EUR" in unknown.explanation and "ch_foreign" in unknown.explanation
    assert "the ledger has 0.00 EUR" in unequal.explanation
    assert set(Discrepancy.objects.values_list("kind", flat=True)) == {Discrepancy.Kind.SETTLEMENT}


def test_a_payment_that_is_not_settled_after_a_week_is_named(paid: Payment) -> None:
    assert compared().differences == []
    past_all_rules("UPDATE payments_ledgertransaction SET booked_at = booked_at - interval '8 days'")

    (late,) = compared().differences

    assert "42.00 EUR is not settled" in late.explanation
    assert str(paid.public_id) in late.explanation


def test_a_payment_that_was_settled_as_another_amount_is_named(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.settle_movement(MovementKind.CHARGE, paid.last_charge_id, eur(4100), fee=0)
    compared()
    past_all_rules("UPDATE payments_ledgertransaction SET booked_at = booked_at - interval '8 days'")

    (difference,) = compared().differences

    assert "1.00 EUR" in difference.explanation


def test_a_ledger_that_was_changed_no_longer_equals_the_gateways_balance(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    gateway.settle_movement(MovementKind.CHARGE, paid.last_charge_id, eur(4200), fee=88)
    compared()
    past_all_rules(
        "UPDATE payments_ledgerentry SET amount = amount - 5 WHERE account = %s", LedgerEntry.Account.SETTLEMENT
    )

    (difference,) = compared().differences

    assert "the ledger has 41.07 EUR" in difference.explanation
    assert "sum to 41.12 EUR" in difference.explanation


def test_the_same_difference_is_put_before_staff_once(paid: Payment) -> None:
    past_all_rules("UPDATE payments_ledgertransaction SET booked_at = booked_at - interval '8 days'")

    compared()
    compared()

    assert Discrepancy.objects.filter(resolved_at=None).count() == 1
