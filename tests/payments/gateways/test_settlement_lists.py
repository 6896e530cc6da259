"""What every adapter owes the core about settlement, held against Stripe's adapter on the sandbox."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from payments.gateways.base import CaptureMethod, ConfirmPayment, Found, OpenPayment, PaymentSeen, Succeeded, Unknown
from payments.gateways.settlement import BalanceSeen, BalanceTransactionSeen, MovementKind, Page
from payments.gateways.stripe import settlement
from payments.gateways.stripe.adapter import StripeGateway
from payments.money import Money
from tests.payments.gateways.conftest import stripe_at
from tests.sandbox_process import SandboxProcess

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def gateway(sandbox: SandboxProcess) -> StripeGateway:
    return stripe_at(sandbox.url)


def key() -> str:
    return str(uuid.uuid4())


def paid(gateway: StripeGateway, sandbox: SandboxProcess, money: Money) -> PaymentSeen:
    """A payment by card whose charge has settled: that comes a moment after the answer."""
    opened = gateway.open_payment(OpenPayment(money, CaptureMethod.AUTOMATIC, key(), "Order TG-TEST"), key())
    assert isinstance(opened, Succeeded)
    token = sandbox.token("pm_card_visa")
    gateway.confirm(ConfirmPayment(opened.seen.gateway_id, token, "http://127.0.0.1/return"), key())
    sandbox.control("clock", {"advance_s": 60})
    found = gateway.retrieve_payment(opened.seen.gateway_id)
    assert isinstance(found, Found) and isinstance(found.seen, PaymentSeen)
    return found.seen


def movements(gateway: StripeGateway) -> list[BalanceTransactionSeen]:
    """Every page of the list, newest first."""
    listed: list[BalanceTransactionSeen] = []
    after = ""
    while True:
        page = gateway.list_balance_transactions(LONG_AGO, after)
        assert isinstance(page, Page)
        listed += page.items
        if not page.next:
            return listed
        after = page.next


def movement_of(gateway: StripeGateway, source_id: str) -> BalanceTransactionSeen:
    (movement,) = [seen for seen in movements(gateway) if seen.source_id == source_id]
    return movement


def test_a_charge_settles_gross_less_fee(gateway: StripeGateway, sandbox: SandboxProcess) -> None:
    seen = paid(gateway, sandbox, Money(4200, "EUR"))

    movement = movement_of(gateway, seen.charge_id)

    assert (movement.kind, movement.amount, movement.exchange_rate) == (MovementKind.CHARGE, Money(4200, "EUR"), None)
    assert movement.fee.amount > 0
    assert movement.net == movement.amount - movement.fee
    assert movement.created_at <= movement.available_at


def test_a_charge_in_another_currency_settles_converted_and_tells_its_rate(
    gateway: StripeGateway, sandbox: SandboxProcess
) -> None:
    seen = paid(gateway, sandbox, Money(4200, "GBP"))

    movement = movement_of(gateway, seen.charge_id)

    assert movement.amount.currency == "EUR"
    assert movement.exchange_rate is not None
    assert abs(movement.amount.amount - 4200 * movement.exchange_rate) < 1


def test_a_debit_that_the_bank_refuses_is_taken_back_from_its_own_charge(
    gateway: StripeGateway, sandbox: SandboxProcess
) -> None:
    """The adapter opens payments by card only; an account may allow debits."""
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "sepa_debit", "confirm": "true"}
    mandate = {"mandate_data[customer_acceptance][type]": "offline"}
    intent = sandbox.post("/v1/payment_intents", payment_method="pm_success_de", **form, **mandate)
    sandbox.control(f"payment_intents/{intent['id']}/fail", {})

    listed = [seen for seen in movements(gateway) if seen.source_id == intent["latest_charge"]]

    assert [seen.kind for seen in listed] == [MovementKind.CHARGE_FAILURE, MovementKind.CHARGE]
    assert listed[0].net == -listed[1].net


def test_every_page_is_listed_once(
    gateway: StripeGateway, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "PAGE", 2)
    charges = [paid(gateway, sandbox, Money(4200, "EUR")).charge_id for _ in range(3)]

    listed = movements(gateway)

    assert len(listed) == len({seen.gateway_id for seen in listed})
    assert set(charges) <= {seen.source_id for seen in listed}


def test_what_is_available_counts_only_what_could_be_paid_out(gateway: StripeGateway, sandbox: SandboxProcess) -> None:
    def available() -> Money:
        balance = gateway.retrieve_balance()
        assert isinstance(balance, BalanceSeen)
        return balance.available("EUR")

    before = available()
    movement = movement_of(gateway, paid(gateway, sandbox, Money(4200, "EUR")).charge_id)
    assert available() == before

    sandbox.control("clock", {"advance_s": 14 * 24 * 3600})

    assert available() >= before + movement.net


def test_a_list_that_cannot_be_had_says_why() -> None:
    answer = stripe_at("http://127.0.0.1:9").list_payouts(LONG_AGO, "")

    assert not isinstance(answer, (Page, Unknown))
    assert answer.reason
