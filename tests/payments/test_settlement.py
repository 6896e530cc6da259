"""What the gateway settles is brought in once, booked against what we know, and what does not fit is named."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now
from hypothesis import given
from hypothesis import strategies as st

from payments.audit.sealing import seal_pending
from payments.audit.verification import verify_audit
from payments.gateways.base import DisputeState, Subject, SubjectKind, Unknown
from payments.gateways.settlement import MovementKind, PayoutSeen, Unread
from payments.ledger.verification import account_sums, verify_ledger
from payments.models import BalanceTransaction, Discrepancy, GatewayAccount, LedgerTransaction, Payment, Payout
from payments.money import Money
from payments.operations import booking
from payments.operations.booking import book_settlement
from payments.operations.looking import look_at, look_at_payment
from payments.operations.presented import presented
from payments.operations.refunding import refund
from payments.operations.settlement import ListUnavailable, import_settlement
from tests.payments.arrange import carried, carry
from tests.payments.people import staff
from tests.payments.refusals import execute, past_all_rules, refused_by
from tests.payments.scripted import ScriptedGateway

pytestmark = pytest.mark.django_db(transaction=True)

CHARGE, REFUND, PAYOUT = MovementKind.CHARGE, MovementKind.REFUND, MovementKind.PAYOUT
CHARGE_FAILURE = MovementKind.CHARGE_FAILURE


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    return carried("tok_ok")


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def settle() -> int:
    """What the periodic job does; how many movements were booked."""
    import_settlement(GatewayAccount.objects.get())
    return book_settlement()


def fee_charged(gateway: ScriptedGateway, *, days_ago: int) -> None:
    """A fee that the gateway took a while ago."""
    gateway.settle_movement(MovementKind.FEE, "", eur(-10))
    long_ago = gateway.movements[-1].created_at - timedelta(days=days_ago)
    gateway.movements[-1] = replace(gateway.movements[-1], created_at=long_ago)


def books() -> dict[tuple[str, str], int]:
    return {(account, currency): amount for currency, account, amount in account_sums() if amount}


def test_a_charge_settles_from_clearing_into_our_balance_less_the_fee(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200), fee=88)

    assert settle() == 1

    assert books() == {("receivable", "EUR"): -4200, ("settlement", "EUR"): 4112, ("fees", "EUR"): 88}
    assert list(verify_ledger()) == []


def test_every_page_of_the_list_is_brought_in_and_twice_brings_in_nothing_twice(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200), fee=88)
    for _ in range(4):
        gateway.settle_movement(MovementKind.FEE, "", eur(-10))

    assert import_settlement(paid.account) == 5
    assert import_settlement(paid.account) == 0
    assert (book_settlement(), book_settlement()) == (5, 0)
    assert LedgerTransaction.objects.filter(kind="settlement").count() == 5


def test_a_refund_and_a_payout_settle_too(paid: Payment, gateway: ScriptedGateway) -> None:
    refund(paid, eur(1000), reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    (refund_id,) = gateway.refunds
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200), fee=88)
    gateway.settle_movement(REFUND, refund_id, eur(-1000))
    gateway.settle_movement(PAYOUT, "PO-1", eur(-3112))

    assert settle() == 3

    assert books() == {
        ("receivable", "EUR"): -4200,
        ("refunds", "EUR"): 1000,
        ("fees", "EUR"): 88,
        ("payouts", "EUR"): 3112,
    }
    assert list(verify_ledger()) == []


def test_a_conversion_sums_to_zero_in_each_currency(gateway: ScriptedGateway) -> None:
    paid = carried("tok_ok", money=Money(5000, "USD"))
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4601), fee=94, rate=Decimal("0.920200"))

    assert settle() == 1

    assert books() == {
        ("receivable", "USD"): -5000,
        ("conversion", "USD"): 5000,
        ("conversion", "EUR"): -4601,
        ("settlement", "EUR"): 4507,
        ("fees", "EUR"): 94,
    }
    assert list(verify_ledger()) == []


def test_a_converted_refund_is_booked_at_what_was_refunded(gateway: ScriptedGateway) -> None:
    paid = carried("tok_ok", money=Money(5000, "USD"))
    refund(paid, Money(1000, "USD"), reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    (refund_id,) = gateway.refunds
    gateway.settle_movement(REFUND, refund_id, eur(-921), rate=Decimal("0.921000"))

    assert settle() == 1

    assert books()["conversion", "USD"] == -1000
    assert books()["settlement", "EUR"] == -921
    assert list(verify_ledger()) == []


@pytest.mark.parametrize(("state", "kept"), [(DisputeState.WON, 0), (DisputeState.LOST, 4000)])
def test_what_comes_back_of_a_converted_dispute_is_what_it_no_longer_withdraws(
    gateway: ScriptedGateway, state: DisputeState, kept: int
) -> None:
    """A dispute over all, of a charge that was refunded in part before: if it is lost, that part comes back."""
    paid = carried("tok_ok", money=Money(5000, "USD"))
    dispute_id = gateway.dispute(paid.gateway_id, paid.money)
    subject = Subject(SubjectKind.DISPUTE, dispute_id)
    look_at(paid.account, subject, source="webhook")
    gateway.settle_movement(MovementKind.DISPUTE, dispute_id, eur(-4600), rate=Decimal("0.920000"))
    gateway.settle_movement(MovementKind.DISPUTE_REVERSAL, dispute_id, eur(921), rate=Decimal("0.921000"))
    assert settle() == 1  # the second waits for what the gateway tells of the dispute

    gateway.disputes[dispute_id] = replace(gateway.disputes[dispute_id], state=state, withdrawn=Money(kept, "USD"))
    look_at(paid.account, subject, source="webhook")

    assert settle() == 1
    assert books().get(("conversion", "USD"), 0) == -kept
    assert books()["clearing", "USD"] == 5000
    assert not Discrepancy.objects.filter(resolved_at=None, subject__contains="M-2").exists()
    assert list(verify_ledger()) == []


def test_a_converted_dispute_that_gives_back_in_two_steps_gives_back_each_part_once(gateway: ScriptedGateway) -> None:
    """Lost, with what had been refunded before coming back, and then won after all."""
    paid = carried("tok_ok", money=Money(5000, "USD"))
    dispute_id = gateway.dispute(paid.gateway_id, paid.money)
    steps = [(4000, 921, DisputeState.LOST), (0, 3684, DisputeState.WON)]
    look_at(paid.account, Subject(SubjectKind.DISPUTE, dispute_id), source="webhook")
    gateway.settle_movement(MovementKind.DISPUTE, dispute_id, eur(-4600), rate=Decimal("0.920000"))
    assert settle() == 1

    for kept, returned, state in steps:
        seen = gateway.disputes[dispute_id]
        gateway.disputes[dispute_id] = replace(seen, state=state, withdrawn=Money(kept, "USD"))
        look_at(paid.account, Subject(SubjectKind.DISPUTE, dispute_id), source="webhook")
        gateway.settle_movement(MovementKind.DISPUTE_REVERSAL, dispute_id, eur(returned), rate=Decimal("0.921000"))
        assert settle() == 1
        assert books()["clearing", "USD"] == 5000

    assert ("conversion", "USD") not in books()
    assert list(verify_ledger()) == []


def test_a_movement_whose_row_is_not_known_yet_waits_and_is_booked_when_it_is(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    refund_id = gateway.refund_outside("P-1", eur(500))
    gateway.settle_movement(REFUND, refund_id, eur(-500))

    assert settle() == 0
    assert BalanceTransaction.objects.get().booked_at is None

    look_at(paid.account, Subject(SubjectKind.REFUND, refund_id), source="webhook")
    assert settle() == 1


def test_movements_that_wait_for_their_row_keep_no_later_one_waiting(
    paid: Payment, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booking, "BATCH", 2)
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200), fee=88)  # the list shows the newest first
    for number in range(5):
        gateway.settle_movement(CHARGE, f"ch_foreign_{number}", eur(100))

    assert settle() == 1


def test_a_list_that_cannot_be_had_is_asked_for_again(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200))
    GatewayAccount.objects.update(paused_until="2999-01-01T00:00Z")

    with pytest.raises(ListUnavailable, match="paused"):
        import_settlement(GatewayAccount.objects.get())

    GatewayAccount.objects.update(paused_until=None)
    assert settle() == 1


def test_a_list_that_broke_off_is_read_again_to_its_end(
    paid: Payment, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows the newest first, two to a page: what the second page would have told is ten days old."""
    for days in range(10, 0, -1):
        fee_charged(gateway, days_ago=days)
    list_movements = gateway.list_balance_transactions
    monkeypatch.setattr(
        gateway,
        "list_balance_transactions",
        lambda since, after: Unknown("timed out") if after else list_movements(since, after),
    )
    with pytest.raises(ListUnavailable, match="timed out"):
        import_settlement(paid.account)
    assert BalanceTransaction.objects.count() == 2

    monkeypatch.undo()
    import_settlement(GatewayAccount.objects.get())

    assert BalanceTransaction.objects.count() == 10


def test_a_list_that_was_read_to_its_end_is_read_on_from_there_and_a_little_before(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    import_settlement(paid.account)
    fee_charged(gateway, days_ago=2)
    fee_charged(gateway, days_ago=10)  # no list shows a movement so late

    assert import_settlement(GatewayAccount.objects.get()) == 1


def unreadable(
    gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch, method: str = "list_balance_transactions"
) -> None:
    """The last page of the list has something on it that makes no sense."""
    ask = getattr(gateway, method)

    def list_it(since: datetime, after: str) -> object:
        page = ask(since, after)
        return page if page.next else replace(page, unread=(Unread("M-odd", "no such currency: USDC"),))

    monkeypatch.setattr(gateway, method, list_it)


def waiting_for_staff() -> list[str]:
    return list(Discrepancy.objects.filter(resolved_at=None).values_list("explanation", flat=True))


def test_a_movement_that_cannot_be_read_is_told_once_and_the_others_are_booked(
    paid: Payment, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200), fee=88)
    unreadable(gateway, monkeypatch)

    assert [settle(), settle()] == [1, 0]

    (told,) = waiting_for_staff()
    assert "M-odd" in told and "no such currency: USDC" in told


def test_what_could_not_be_read_is_read_again_until_it_can(
    paid: Payment, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    fee_charged(gateway, days_ago=10)
    unreadable(gateway, monkeypatch)
    settle()
    assert GatewayAccount.objects.get().movements_listed_until is None

    monkeypatch.undo()
    settle()

    assert waiting_for_staff() == []
    assert GatewayAccount.objects.get().movements_listed_until is not None


def test_what_could_not_be_read_is_no_longer_read_once_a_person_closed_it(
    paid: Payment, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable(gateway, monkeypatch)
    settle()
    Discrepancy.objects.update(resolved_at=Now(), resolution="Booked by hand.")

    settle()

    assert waiting_for_staff() == []
    assert GatewayAccount.objects.get().movements_listed_until is not None


def test_a_movement_that_cannot_be_is_told_and_the_others_on_its_page_are_kept(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200), fee=88)
    gateway.settle_movement(MovementKind.FEE, "", eur(-10))
    gateway.movements[-1] = replace(gateway.movements[-1], net=eur(-9))

    assert settle() == 1

    (told,) = waiting_for_staff()
    assert "M-2" in told and "payments_balancetransaction_net_is_gross_less_fee" in told


def test_a_payout_that_cannot_be_read_is_told_and_holds_up_nothing(
    paid: Payment, gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    gateway.payouts.append(PayoutSeen("PO-long", "s" * 40, eur(5), now.date(), now))
    gateway.payouts.append(PayoutSeen("PO-1", "paid", eur(5), now.date(), now))
    unreadable(gateway, monkeypatch, "list_payouts")

    settle()

    assert [payout.gateway_id for payout in Payout.objects.all()] == ["PO-1"]
    assert {told.split()[0] for told in waiting_for_staff()} == {"PO-long", "M-odd"}
    assert GatewayAccount.objects.get().movements_listed_until is not None


def test_a_movement_that_cannot_be_booked_is_told_and_keeps_no_other_waiting(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    odd = BalanceTransaction(account=paid.account, gateway_id="M-odd", kind="fee", category="fee", currency="ZZZ")
    odd.amount, odd.fee, odd.net = 5, 0, 5
    odd.created_at = odd.available_at = paid.created_at
    odd.save()
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200))

    assert [settle(), settle()] == [1, 0]
    (told,) = waiting_for_staff()
    assert "M-odd" in told and "ZZZ" in told

    past_all_rules("UPDATE payments_balancetransaction SET currency = 'EUR'")
    assert settle() == 1
    assert waiting_for_staff() == []


def test_a_debit_that_a_bank_refused_after_all_is_booked_with_what_took_it_back(gateway: ScriptedGateway) -> None:
    payment = carried("tok_processing")
    charge = gateway.only_payment.charge_id
    gateway.settle_movement(CHARGE, charge, eur(4200), fee=35)
    assert settle() == 0

    gateway.settle(payment.gateway_id, succeeded=False)
    look_at_payment(payment)
    gateway.settle_movement(CHARGE_FAILURE, charge, eur(-4200), fee=-35)

    assert settle() == 2
    assert books() == {}
    assert list(verify_ledger()) == []


def test_a_converted_debit_that_was_refused_leaves_what_the_rates_differed_by(gateway: ScriptedGateway) -> None:
    carried("tok_processing", money=Money(5000, "USD"))
    charge = gateway.only_payment.charge_id
    gateway.settle_movement(CHARGE, charge, eur(4600), rate=Decimal("0.92"))
    gateway.settle_movement(CHARGE_FAILURE, charge, eur(-4595), rate=Decimal("0.919"))

    assert settle() == 2
    assert books() == {("settlement", "EUR"): 5, ("conversion", "EUR"): -5}


def test_the_second_charge_of_a_payment_settles_too(paid: Payment, gateway: ScriptedGateway) -> None:
    second = gateway.charge_again(paid.gateway_id)
    gateway._show(gateway.payments[second], charge_id="second-charge")
    look_at(paid.account, Subject(SubjectKind.PAYMENT, second), source="webhook")
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200))
    gateway.settle_movement(CHARGE, "second-charge", eur(4200))

    assert settle() == 2
    assert ("clearing", "EUR") not in books()
    assert books()["settlement", "EUR"] == 8400


def test_a_list_of_several_pages_is_read_when_the_gateway_comes_back_and_ends_its_pause(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    for _ in range(5):
        gateway.settle_movement(MovementKind.FEE, "", eur(-10))
    GatewayAccount.objects.update(failures=5, paused_until="2020-01-01T00:00Z")

    assert settle() == 5
    assert GatewayAccount.objects.get().paused_until is None


def test_settlement_is_told_in_the_audit_trail(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200), fee=88)
    settle()
    seal_pending()

    assert list(verify_audit()) == []
    assert paid.audit_entries.filter(action="settlement").count() == 1


def test_what_was_settled_never_changes(paid: Payment, gateway: ScriptedGateway) -> None:
    gateway.settle_movement(CHARGE, paid.last_charge_id, eur(4200), fee=88)
    settle()

    with refused_by("payments_balancetransaction_frozen"):
        execute("UPDATE payments_balancetransaction SET net = net + 1, fee = fee - 1")
    with refused_by("payments_balancetransaction_kept"):
        execute("DELETE FROM payments_balancetransaction")
    with refused_by("payments_balancetransaction_net_is_gross_less_fee"):
        BalanceTransaction.objects.create(
            account=paid.account,
            gateway_id="M-9",
            kind="fee",
            category="fee",
            amount=1,
            fee=0,
            net=2,
            currency="EUR",
            created_at=paid.created_at,
            available_at=paid.created_at,
        )


def test_a_ledger_transaction_names_exactly_one_proof(paid: Payment) -> None:
    look_at_payment(paid)
    observation = paid.observations.latest("pk")

    with refused_by("payments_ledger_has_its_proof"):
        LedgerTransaction.objects.create(payment=paid, kind="capture")
    with refused_by("payments_ledger_has_its_proof"):
        LedgerTransaction.objects.create(payment=paid, observation=observation, kind="settlement")


@given(st.integers(50, 10**8), st.integers(1, 10**8))
def test_what_a_converted_charge_was_for_the_shopper_is_what_was_captured(amount: int, settled: int) -> None:
    payment = Payment(amount=amount, captured_amount=amount, currency="USD")
    movement = BalanceTransaction(kind=CHARGE, amount=settled, currency="EUR")

    assert presented(movement, payment) == Money(amount, "USD")
