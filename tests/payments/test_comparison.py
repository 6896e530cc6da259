"""The daily comparison: what the ledger says against what the gateway settled, each difference named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from payments.gateways.base import Subject, SubjectKind, Unknown
from payments.gateways.settlement import BalanceSeen, MovementKind, Unread
from payments.ledger.verification import account_sums, verify_ledger
from payments.models import Discrepancy, GatewayAccount, LedgerEntry, Payment
from payments.money import Money
from payments.operations.comparison import SettlementReport, compare_settlement
from payments.operations.differences import Topic, put_before_staff
from payments.operations.looking import look_at, look_at_payment
from tests.payments.arrange import carried
from tests.payments.refusals import past_all_rules
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    return carried("tok_ok")


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def compared() -> SettlementReport:
    return compare_settlement(GatewayAccount.objects.get())


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
    an_hour_later()

    (unknown, unequal) = compared().differences

    assert "M-1" in unknown.explanation and "9.99 EUR" in unknown.explanation and "ch_foreign" in unknown.explanation
    assert "the ledger has 0.00 EUR" in unequal.explanation
    assert set(Discrepancy.objects.values_list("kind", flat=True)) == {Discrepancy.Kind.SETTLEMENT}


def test_a_movement_that_staff_say_is_not_ours_is_booked_so_and_the_books_agree(
    settled: Payment, gateway: ScriptedGateway
) -> None:
    gateway.settle_movement(MovementKind.CHARGE, "ch_foreign", eur(999), fee=30)
    compared()
    an_hour_later()
    assert len(compared().differences) == 2
    assert compared().differences != []  # unless a person says so, it stays

    closed_by_a_person(Discrepancy.objects.get(subject__contains=":movement:"))

    assert compared().differences == []
    assert ("EUR", "other", -999) in account_sums()
    assert not Discrepancy.objects.filter(resolved_at=None).exists()
    assert list(verify_ledger()) == []


def test_a_movement_that_was_told_and_whose_payment_came_is_booked_for_the_payment(
    settled: Payment, gateway: ScriptedGateway
) -> None:
    refund_id = gateway.refund_outside("P-1", eur(500))
    gateway.settle_movement(MovementKind.REFUND, refund_id, eur(-500))
    compared()
    an_hour_later()
    compared()
    closed_by_a_person(Discrepancy.objects.get(subject__contains=":movement:"))

    look_at(settled.account, Subject(SubjectKind.REFUND, refund_id), source="webhook")

    assert compared().differences == []
    assert "other" not in [account for _, account, amount in account_sums() if amount]


def an_hour_later() -> None:
    past_all_rules("UPDATE payments_balancetransaction SET seen_at = seen_at - interval '2 hours'")


def test_a_movement_that_has_just_come_and_whose_row_is_on_its_way_is_no_difference(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    refund_id = gateway.refund_outside("P-1", eur(500))  # its webhook waits in the inbox
    gateway.settle_movement(MovementKind.CHARGE, paid.last_charge_id, eur(4200))
    gateway.settle_movement(MovementKind.REFUND, refund_id, eur(-500))

    report = compared()

    (balance,) = report.balances
    assert (balance.movements, balance.in_transit, balance.ledger) == (eur(3700), eur(-500), eur(4200))
    assert report.differences == []


def test_a_debit_that_the_bank_has_not_answered_is_no_difference_however_long_it_takes(
    gateway: ScriptedGateway,
) -> None:
    carried("tok_processing")
    gateway.settle_movement(MovementKind.CHARGE, gateway.only_payment.charge_id, eur(4200), fee=35)
    compared()
    an_hour_later()

    assert compared().differences == []


def test_a_debit_that_was_refused_is_no_difference_once_it_is_taken_back(gateway: ScriptedGateway) -> None:
    """The gateway counts the pair at once, whenever the debit would have been available."""
    payment = carried("tok_processing")
    charge = gateway.only_payment.charge_id
    gateway.settle_movement(MovementKind.CHARGE, charge, eur(4200), fee=35)
    in_a_week = gateway.movements[-1].available_at + timedelta(days=7)
    gateway.movements[-1] = replace(gateway.movements[-1], available_at=in_a_week)
    gateway.settle(payment.gateway_id, succeeded=False)
    look_at_payment(payment)
    gateway.settle_movement(MovementKind.CHARGE_FAILURE, charge, eur(-4200), fee=-35)
    compared()
    an_hour_later()

    report = compared()

    assert report.differences == []
    assert [balance.movements for balance in report.balances] == [eur(0)]


def test_a_balance_in_a_currency_in_which_nothing_moved_is_a_difference(
    settled: Payment, monkeypatch: pytest.MonkeyPatch, gateway: ScriptedGateway
) -> None:
    held = BalanceSeen((eur(4112), Money(99900, "USD"), Money(0, "GBP")))
    monkeypatch.setattr(gateway, "retrieve_balance", lambda: held)

    (difference,) = compared().differences

    assert "the gateway tells 999.00 USD" in difference.explanation


def test_a_balance_that_cannot_be_read_is_told(
    settled: Payment, monkeypatch: pytest.MonkeyPatch, gateway: ScriptedGateway
) -> None:
    held = BalanceSeen((eur(4112),), (Unread("usdc", "no such currency"),))
    monkeypatch.setattr(gateway, "retrieve_balance", lambda: held)

    (difference,) = compared().differences

    assert "usdc" in difference.explanation and told().explanation == difference.explanation


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


def ledger_off_by(amount: int) -> None:
    past_all_rules(
        "UPDATE payments_ledgerentry SET amount = amount + %s WHERE account = 'settlement'",
        amount,
    )


@pytest.fixture
def settled(paid: Payment, gateway: ScriptedGateway) -> Payment:
    """A payment whose charge is settled, and books that agree."""
    gateway.settle_movement(MovementKind.CHARGE, paid.last_charge_id, eur(4200), fee=88)
    assert compared().differences == []
    return paid


def told() -> Discrepancy:
    """The newest of what staff were told."""
    return Discrepancy.objects.latest("pk")


def closed_by_a_person(told: Discrepancy) -> Discrepancy:
    Discrepancy.objects.filter(pk=told.pk).update(resolved_at=Now(), resolution="A rounding of the bank's")
    return told


def test_the_same_difference_is_put_before_staff_once(settled: Payment) -> None:
    ledger_off_by(-5)

    compared()
    compared()

    assert Discrepancy.objects.filter(resolved_at=None).count() == 1


def test_a_difference_that_is_no_longer_there_closes_itself_and_says_so(settled: Payment) -> None:
    ledger_off_by(-5)
    compared()
    ledger_off_by(+5)

    compared()

    assert told().resolved_at is not None
    assert "No longer there" in told().resolution


def test_a_difference_that_comes_back_after_it_was_gone_is_told_anew(settled: Payment) -> None:
    for change in (-5, +5, -5):
        ledger_off_by(change)
        compared()

    assert Discrepancy.objects.count() == 2
    assert told().resolved_at is None


def test_a_difference_that_grew_is_told_in_new_words_in_the_same_row(settled: Payment) -> None:
    ledger_off_by(-5)
    compared()
    ledger_off_by(-3)

    compared()

    assert Discrepancy.objects.count() == 1
    assert "the ledger has 41.04 EUR" in told().explanation
    assert told().amount == -8


def test_what_a_person_decided_about_a_difference_stays_while_only_the_sums_move(
    settled: Payment, gateway: ScriptedGateway
) -> None:
    ledger_off_by(-5)
    compared()
    decided = closed_by_a_person(told())
    gateway.settle_movement(MovementKind.FEE, "", eur(-10))

    (difference,) = compared().differences

    assert "the ledger has 40.97 EUR" in difference.explanation
    assert told() == decided
    assert told().resolution == "A rounding of the bank's"


def test_another_amount_than_the_one_that_a_person_decided_about_is_told_anew(settled: Payment) -> None:
    ledger_off_by(-5)
    compared()
    decided = closed_by_a_person(told())
    ledger_off_by(-3)

    compared()

    assert told() != decided
    assert (told().amount, told().resolved_at) == (-8, None)


def test_a_decision_ends_when_the_amount_becomes_another_one(settled: Payment) -> None:
    decided = []
    for change in (-5, -3):
        ledger_off_by(change)
        compared()
        decided.append(closed_by_a_person(told()))
    ledger_off_by(+3)

    compared()

    assert told() not in decided
    assert (told().amount, told().resolved_at) == (-5, None)


def test_a_decision_ends_with_its_difference(settled: Payment) -> None:
    ledger_off_by(-5)
    compared()
    decided = closed_by_a_person(told())
    ledger_off_by(+5)
    compared()
    ledger_off_by(-5)

    compared()

    assert told() != decided
    assert told().resolved_at is None
    decided.refresh_from_db()
    assert decided.resolution == "A rounding of the bank's"


def test_a_movement_that_is_known_at_last_closes_what_was_told_about_it(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    refund_id = gateway.refund_outside("P-1", eur(500))
    gateway.settle_movement(MovementKind.CHARGE, paid.last_charge_id, eur(4200))
    gateway.settle_movement(MovementKind.REFUND, refund_id, eur(-500))
    compared()
    an_hour_later()
    compared()
    assert Discrepancy.objects.filter(resolved_at=None).count() == 2  # the movement, and the balance without it

    look_at(paid.account, Subject(SubjectKind.REFUND, refund_id), source="webhook")
    compared()

    assert not Discrepancy.objects.filter(resolved_at=None).exists()


def test_what_the_gateways_balance_differs_by_stays_open_while_the_gateway_does_not_tell_it(
    settled: Payment, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "retrieve_balance", lambda: BalanceSeen((eur(4000),)))
    compared()
    assert "the gateway tells 40.00 EUR" in told().explanation

    monkeypatch.setattr(gateway, "retrieve_balance", lambda: Unknown("away"))
    compared()
    assert told().resolved_at is None

    monkeypatch.undo()
    compared()
    assert "No longer there" in told().resolution


def test_what_one_account_differs_by_says_nothing_about_another(settled: Payment) -> None:
    ledger_off_by(-5)
    compared()
    other = GatewayAccount.objects.create(gateway="scripted", mode=GatewayAccount.Mode.LIVE)

    put_before_staff(other, [], set(Topic))

    assert told().resolved_at is None
