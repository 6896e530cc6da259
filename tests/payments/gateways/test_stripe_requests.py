"""Every request that Stripe's adapter sends, as it went over the wire, against the types of Stripe's own package."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from inspect import isfunction

import pytest

from payments.gateways.base import (
    CancelPayment,
    CaptureMethod,
    CapturePayment,
    ConfirmPayment,
    Found,
    Gateway,
    OpenPayment,
    PaymentSeen,
    RefundPayment,
    Subject,
    SubjectKind,
    Succeeded,
)
from payments.gateways.settlement import Page
from payments.gateways.stripe.adapter import StripeGateway
from payments.gateways.stripe.client import API_VERSION
from payments.money import Money
from tests.payments.gateways.conftest import stripe_at
from tests.payments.gateways.recording import Sent, recording
from tests.payments.gateways.request_types import ENDPOINTS, deviations, endpoint_of
from tests.sandbox.asking import members
from tests.sandbox_process import SECRET_KEY, SandboxProcess, running_sandbox

PRICE, PART = Money(4200, "EUR"), Money(1200, "EUR")
RETURN_URL = "http://127.0.0.1/return"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WITHOUT_A_CALL = {"client_config", "chargeable", "parse_webhook"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A gateway of its own: this module needs a payout and a dispute."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture(scope="module")
def sent(sandbox: SandboxProcess) -> list[Sent]:
    """What went over the wire while each method of the adapter that calls was used."""
    with recording(sandbox.url) as wire:
        gateway = stripe_at(wire.url)
        for use in USES.values():
            use(gateway, sandbox)
        return wire.sent


def key() -> str:
    return str(uuid.uuid4())


def opened(gateway: StripeGateway, method: CaptureMethod = CaptureMethod.AUTOMATIC) -> str:
    answer = gateway.open_payment(OpenPayment(PRICE, method, key(), "Order TG-1 & more"), key())
    assert isinstance(answer, Succeeded)
    return answer.seen.gateway_id


def confirmed(
    gateway: StripeGateway, sandbox: SandboxProcess, method: CaptureMethod = CaptureMethod.AUTOMATIC
) -> PaymentSeen:
    token = sandbox.token("pm_card_bypassPending")
    answer = gateway.confirm(ConfirmPayment(opened(gateway, method), token, RETURN_URL), key())
    assert isinstance(answer, Succeeded) and isinstance(answer.seen, PaymentSeen)
    sandbox.control("clock", {"advance_s": 60})
    return answer.seen


def capture(gateway: StripeGateway, sandbox: SandboxProcess) -> None:
    held = confirmed(gateway, sandbox, CaptureMethod.MANUAL)
    assert isinstance(gateway.capture(CapturePayment(held.gateway_id, PART), key()), Succeeded)


def refunded(gateway: StripeGateway, sandbox: SandboxProcess) -> tuple[str, str]:
    """A payment and its refund."""
    payment = confirmed(gateway, sandbox).gateway_id
    answer = gateway.refund(RefundPayment(payment, PART, key(), "wrong colour"), key())
    assert isinstance(answer, Succeeded)
    return payment, answer.seen.gateway_id


def fetch(gateway: StripeGateway, sandbox: SandboxProcess) -> None:
    payment, refund = refunded(gateway, sandbox)
    charge = sandbox.get(f"/v1/payment_intents/{payment}")["latest_charge"]
    dispute = str(sandbox.control("disputes", {"charge": charge})["id"])
    subjects = {SubjectKind.PAYMENT: payment, SubjectKind.REFUND: refund, SubjectKind.DISPUTE: dispute}
    assert set(subjects) == set(SubjectKind)
    for kind, gateway_id in subjects.items():
        assert isinstance(gateway.fetch(Subject(kind, gateway_id)), Found)


def list_payouts(gateway: StripeGateway, sandbox: SandboxProcess) -> None:
    confirmed(gateway, sandbox)
    sandbox.control("payouts", {})
    assert isinstance(gateway.list_payouts(LONG_AGO, oldest(sandbox, "payouts")), Page)


def oldest(sandbox: SandboxProcess, kind: str) -> str:
    return str(members(sandbox.get(f"/v1/{kind}", limit="100"))[-1]["id"])


Use = Callable[[StripeGateway, SandboxProcess], object]
USES: dict[str, Use] = {
    "open_payment": lambda gateway, sandbox: opened(gateway),
    "confirm": confirmed,
    "capture": capture,
    "cancel": lambda gateway, sandbox: gateway.cancel(CancelPayment(opened(gateway)), key()),
    "refund": refunded,
    "retrieve_payment": lambda gateway, sandbox: gateway.retrieve_payment(opened(gateway)),
    "fetch": fetch,
    "find_by_reference": lambda gateway, sandbox: gateway.find_by_reference(key()),
    "find_refund": lambda gateway, sandbox: gateway.find_refund(refunded(gateway, sandbox)[0], key()),
    "list_events": lambda gateway, sandbox: gateway.list_events(LONG_AGO, oldest(sandbox, "events")),
    "list_balance_transactions": lambda gateway, sandbox: gateway.list_balance_transactions(
        LONG_AGO, oldest(sandbox, "balance_transactions")
    ),
    "retrieve_balance": lambda gateway, sandbox: gateway.retrieve_balance(),
    "list_payouts": list_payouts,
    "client_secret": lambda gateway, sandbox: gateway.client_secret(opened(gateway)),
}


def test_every_method_of_the_port_that_calls_is_used_here() -> None:
    methods = {name for name, member in vars(Gateway).items() if isfunction(member) and not name.startswith("_")}

    assert USES.keys() | WITHOUT_A_CALL == methods
    assert not USES.keys() & WITHOUT_A_CALL


def test_every_request_is_one_that_the_packages_types_allow(sent: list[Sent]) -> None:
    assert [(request.method, request.path, found) for request in sent for found in deviations(request)] == []


def test_every_endpoint_that_the_adapter_knows_was_asked(sent: list[Sent]) -> None:
    assert {endpoint_of(request) for request in sent} == {params for _, _, params in ENDPOINTS}


def test_every_request_pins_the_version_and_tells_nothing_beside(sent: list[Sent]) -> None:
    for request in sent:
        assert request.headers["stripe-version"] == API_VERSION
        assert request.headers["authorization"] == f"Bearer {SECRET_KEY}"
        assert "x-stripe-client-telemetry" not in request.headers


def test_every_write_and_only_a_write_carries_a_key_of_its_own(sent: list[Sent]) -> None:
    keys = [request.headers["idempotency-key"] for request in sent if request.method == "POST"]

    assert len(set(keys)) == len(keys)
    assert all("idempotency-key" not in request.headers for request in sent if request.method == "GET")


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ("amount=1&currency=eur&price=1", "price: unknown"),
        ("amount=1.5&currency=eur", "amount: '1.5' is none of"),
        ("amount=1", "currency: missing"),
        ("amount=1&currency=eur&confirm=yes", "confirm: 'yes' is none of"),
        ("amount=1&currency=eur&capture_method=later", "capture_method: 'later' is none of"),
        ("amount=1&currency=eur&payment_method_types[0]=card", "payment_method_types: unknown"),
        ("amount=1&currency=eur&allowed_payment_method_types[0]=cards", "allowed_payment_method_types.0: 'cards'"),
        ("amount=1&currency=eur&shipping[name]=A", "shipping.address: missing"),
        ("amount[a]=1&currency=eur", "amount: an object or a list"),
        ("amount=1&currency=eur&description=", "description: '' is none of"),
    ],
)
def test_the_comparison_finds_each_kind_of_deviation(form: str, found: str) -> None:
    [deviation] = deviations(Sent("POST", "/v1/payment_intents", form, {}))

    assert deviation.startswith(found)
