"""What Stripe shows of a dispute, as the port's values."""

from __future__ import annotations

import uuid

import pytest
import stripe

from payments.gateways.base import (
    CaptureMethod,
    ConfirmPayment,
    DisputeSeen,
    DisputeState,
    Found,
    OpenPayment,
    PaymentSeen,
    Subject,
    SubjectKind,
    Succeeded,
)
from payments.gateways.stripe.adapter import StripeGateway
from payments.gateways.stripe.objects import dispute_seen
from payments.money import Money
from tests.payments.gateways.conftest import stripe_at
from tests.sandbox_process import SandboxProcess

PRICE = Money(4200, "EUR")


@pytest.fixture
def gateway(sandbox: SandboxProcess) -> StripeGateway:
    return stripe_at(sandbox.url)


@pytest.fixture
def paid(gateway: StripeGateway, sandbox: SandboxProcess) -> PaymentSeen:
    reference = str(uuid.uuid4())
    opened = gateway.open_payment(OpenPayment(PRICE, CaptureMethod.AUTOMATIC, reference, "Order TG-TEST"), reference)
    assert isinstance(opened, Succeeded)
    token = sandbox.token("pm_card_visa")
    confirmed = gateway.confirm(ConfirmPayment(opened.seen.gateway_id, token, "http://127.0.0.1/"), str(uuid.uuid4()))
    assert isinstance(confirmed, Succeeded) and isinstance(confirmed.seen, PaymentSeen)
    return confirmed.seen


def seen(gateway: StripeGateway, dispute_id: object) -> DisputeSeen:
    found = gateway.fetch(Subject(SubjectKind.DISPUTE, str(dispute_id)))
    assert isinstance(found, Found) and isinstance(found.seen, DisputeSeen)
    return found.seen


def test_a_dispute_names_its_payment_its_claim_and_until_when_to_answer(
    gateway: StripeGateway, sandbox: SandboxProcess, paid: PaymentSeen
) -> None:
    opened = sandbox.control("disputes", {"charge": paid.charge_id, "amount": 1200})

    shown = seen(gateway, opened["id"])

    assert (shown.payment_gateway_id, shown.money, shown.live) == (paid.gateway_id, Money(1200, "EUR"), False)
    assert (shown.state, shown.withdrawn, bool(shown.reason)) == (DisputeState.NEEDS_RESPONSE, Money(1200, "EUR"), True)
    assert shown.evidence_due_at is not None


@pytest.mark.parametrize(("verdict", "state", "withdrawn"), [("win", "won", False), ("lose", "lost", True)])
def test_the_banks_verdict_says_whether_the_money_stays_withdrawn(
    gateway: StripeGateway, sandbox: SandboxProcess, paid: PaymentSeen, verdict: str, state: str, withdrawn: bool
) -> None:
    opened = sandbox.control("disputes", {"charge": paid.charge_id})
    sandbox.control(f"disputes/{opened['id']}/{verdict}", {})

    shown = seen(gateway, opened["id"])

    assert (shown.state.value, shown.withdrawn) == (state, paid.money if withdrawn else Money(0, "EUR"))


@pytest.mark.parametrize(
    ("status", "moved", "withdrawn"),
    [
        ("needs_response", [-4200], 4200),
        ("lost", [-4200, 1200], 3000),  # won in part: what had been refunded comes back
        ("lost", [-4200, 4200, -4200], 4200),
        ("won", [-4620, 4590], 0),  # converted twice, at two rates
        ("lost", [-4620, 1320], 3000),
        ("warning_needs_response", [], 0),
    ],
)
def test_what_is_withdrawn_is_what_left_the_balance_and_has_not_come_back(
    status: str, moved: list[int], withdrawn: int
) -> None:
    shown = stripe.Dispute.construct_from(
        {
            "id": "dp_1",
            "amount": 4200,
            "currency": "eur",
            "status": status,
            "reason": "fraudulent",
            "payment_intent": "pi_1",
            "livemode": False,
            "evidence_details": {"due_by": None},
            "balance_transactions": [{"id": f"txn_{n}", "amount": amount} for n, amount in enumerate(moved)],
        },
        None,
    )

    assert dispute_seen(shown).withdrawn == Money(withdrawn, "EUR")
