"""The incidents that turn on how Stripe itself answers: through its own package, against the sandbox as a process."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import requests
from pytest_django.fixtures import Settings

from payments.gateways import registry
from payments.gateways.base import CaptureMethod, CapturePayment, Gateway, Unknown
from payments.ledger.verification import verify_ledger
from payments.models import Operation, Payment
from payments.money import Money
from payments.operations.capturing import capture
from payments.operations.refunding import refund
from tests.incidents.carrying import carry_all
from tests.payments.arrange import carried, carry, operation
from tests.payments.gateways.conftest import stripe_at
from tests.payments.people import staff
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db(transaction=True)

_CURRENT: list[Gateway] = []


def current_stripe() -> Gateway:
    """The factory that PAYMENT_GATEWAYS names in this module."""
    return _CURRENT[-1]


@pytest.fixture
def stripe_gateway(sandbox: SandboxProcess, settings: Settings) -> Iterator[Gateway]:
    """New payments go to the sandbox, by the adapter that production uses."""
    _CURRENT.append(stripe_at(sandbox.url))
    settings.PAYMENT_GATEWAYS = {"stripe": f"{__name__}.current_stripe"}
    settings.PAYMENT_GATEWAY = "stripe"
    registry.forget()
    yield _CURRENT[-1]
    requests.delete(f"{sandbox.url}/_control/faults", timeout=10)
    _CURRENT.pop()
    registry.forget()


def intent(sandbox: SandboxProcess, payment: Payment) -> dict[str, object]:
    return sandbox.get(f"/v1/payment_intents/{payment.gateway_id}")


def refunded_there(sandbox: SandboxProcess, payment: Payment) -> list[object]:
    """The amounts of the payment's refunds, in Stripe's units."""
    found = sandbox.get("/v1/refunds", payment_intent=payment.gateway_id)["data"]
    assert isinstance(found, list)
    return [one["amount"] for one in found]


def give_back(payment: Payment, money: Money) -> None:
    refund(payment, money, reason="", by=staff(), request_id=uuid.uuid4())


def test_a_capture_whose_error_stripe_replays_is_asked_for_and_found_done(
    stripe_gateway: Gateway, sandbox: SandboxProcess
) -> None:
    """pay-connector 3962: the capture was done, its error was stored, and every repeat brought it again."""
    payment = carried(sandbox.token("pm_card_visa"), capture=CaptureMethod.MANUAL)
    sandbox.control("faults", {"on": "payment_intents.capture", "when": "after", "status": 500})
    capture(payment, payment.money, by=staff())
    carry(payment)
    captured = operation(payment, "capture")
    assert captured.status == Operation.Status.UNKNOWN
    repeated = stripe_gateway.capture(CapturePayment(payment.gateway_id, payment.money), str(captured.idempotency_key))
    assert isinstance(repeated, Unknown)
    assert repeated.replayed  # so it goes at Stripe, for as long as the key lives

    carry_all(payment)

    assert (payment.status, payment.captured) == ("succeeded", payment.money)
    assert intent(sandbox, payment)["amount_received"] == payment.amount
    assert list(verify_ledger()) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_refund_whose_connection_broke_goes_back_once(
    stripe_gateway: Gateway, sandbox: SandboxProcess, when: str
) -> None:
    """medusa 16681 and saleor/apps 2446: nobody knew whether the refund had been made, and a new key made it again."""
    payment = carried(sandbox.token("pm_card_visa"))
    sandbox.control("faults", {"on": "refunds.create", "when": when, "drop": True})
    give_back(payment, Money(500, "EUR"))

    carry_all(payment)

    assert refunded_there(sandbox, payment) == [500]
    assert payment.refunded == Money(500, "EUR")


def test_two_equal_refunds_are_two_at_stripe(stripe_gateway: Gateway, sandbox: SandboxProcess) -> None:
    """saleor/apps 2446: and yet two wishes of the same amount are two."""
    payment = carried(sandbox.token("pm_card_visa"))
    give_back(payment, Money(500, "EUR"))
    give_back(payment, Money(500, "EUR"))

    carry_all(payment)

    assert refunded_there(sandbox, payment) == [500, 500]
    assert payment.refunded == Money(1000, "EUR")


@pytest.mark.parametrize(
    ("money", "in_stripes_units"),
    [
        (Money(10_000, "JPY"), 10_000),
        (Money(12_340, "KWD"), 12_340),
        (Money(4_217, "USD"), 4_217),
        (Money(1_500, "ISK"), 150_000),
    ],
)
def test_what_is_priced_is_what_stripe_charges_and_gives_back(
    stripe_gateway: Gateway, sandbox: SandboxProcess, money: Money, in_stripes_units: int
) -> None:
    """moodle-paygw_stripe 2: a course priced in yen was charged at a hundred times its price."""
    payment = carried(sandbox.token("pm_card_visa"), money=money)
    assert payment.captured == money
    assert intent(sandbox, payment)["amount_received"] == in_stripes_units

    give_back(payment, money)
    carry_all(payment)

    assert refunded_there(sandbox, payment) == [in_stripes_units]
    assert payment.refunded == money


def test_a_card_that_stripe_blocks_leaves_no_order_pending(stripe_gateway: Gateway, sandbox: SandboxProcess) -> None:
    """woocommerce-payments 4246: a rule against fraud blocked the charge, and its order stayed pending for good."""
    sandbox.control("faults", {"on": "payment_intents.confirm", "when": "after", "drop": True})
    payment = carried(sandbox.token("pm_card_radarBlock"))
    assert operation(payment, "sale").status == Operation.Status.UNKNOWN

    carry_all(payment)

    assert payment.status == "requires_payment_method"
    assert payment.attempts.get().status == "declined"
