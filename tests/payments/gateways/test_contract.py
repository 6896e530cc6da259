"""What every adapter owes the core, held against Stripe's (on the sandbox) and one that is nothing like it."""

from __future__ import annotations

import json
import time
import uuid
from abc import ABC, abstractmethod

import pytest
import stripe

from payments.gateways.base import (
    CancelPayment,
    CaptureMethod,
    CapturePayment,
    ConfirmPayment,
    Declined,
    Found,
    Gateway,
    InvalidWebhook,
    Missing,
    OpenPayment,
    PaymentSeen,
    PaymentState,
    RefundPayment,
    RefundSeen,
    RefundState,
    RequiresAction,
    Subject,
    SubjectKind,
    Succeeded,
)
from payments.money import Money
from tests.payments.gateways.conftest import stripe_at
from tests.payments.scripted import ScriptedGateway
from tests.sandbox_process import WEBHOOK_SECRET, SandboxProcess

PRICE = Money(4200, "EUR")
RETURN_URL = "http://127.0.0.1/return"


class Subjected(ABC):
    """An adapter under the contract, and the tokens that make its gateway do what a test needs."""

    gateway: Gateway

    @abstractmethod
    def token(self, fate: str) -> str:
        """A token that is "paid", "declined" or wants an "action"."""

    @abstractmethod
    def webhook(self, gateway_id: str) -> tuple[bytes, dict[str, str]]:
        """A signed notice about a payment: (body, headers)."""


class Scripted(Subjected):
    def __init__(self) -> None:
        self.scripted = ScriptedGateway()
        self.gateway = self.scripted

    def token(self, fate: str) -> str:
        return {"paid": "tok_ok", "declined": "tok_declined", "action": "tok_action"}[fate]

    def webhook(self, gateway_id: str) -> tuple[bytes, dict[str, str]]:
        return self.scripted.webhook(gateway_id, event_id="e-1")


class OnSandbox(Subjected):
    METHODS = {
        "paid": "pm_card_visa",
        "declined": "pm_card_visa_chargeDeclinedInsufficientFunds",
        "action": "pm_card_threeDSecure2Required",
    }

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        self.gateway = stripe_at(sandbox.url)

    def token(self, fate: str) -> str:
        return self.sandbox.token(self.METHODS[fate])

    def webhook(self, gateway_id: str) -> tuple[bytes, dict[str, str]]:
        shown = {"object": "payment_intent", "id": gateway_id}
        event = {
            "id": "evt_1",
            "type": "payment_intent.succeeded",
            "livemode": False,
            "created": int(time.time()),
            "data": {"object": shown},
        }
        body = json.dumps(event)
        signature = stripe.WebhookSignature._compute_signature(f"{int(time.time())}.{body}", WEBHOOK_SECRET)
        return body.encode(), {"Stripe-Signature": f"t={int(time.time())},v1={signature}"}


@pytest.fixture(params=["scripted", "stripe"])
def subject(request: pytest.FixtureRequest) -> Subjected:
    return Scripted() if request.param == "scripted" else OnSandbox(request.getfixturevalue("sandbox"))


@pytest.fixture
def gateway(subject: Subjected) -> Gateway:
    return subject.gateway


def key() -> str:
    return str(uuid.uuid4())


def opened(gateway: Gateway, method: CaptureMethod = CaptureMethod.AUTOMATIC, money: Money = PRICE) -> PaymentSeen:
    answer = gateway.open_payment(OpenPayment(money, method, key(), "Order TG-TEST"), key())
    assert isinstance(answer, Succeeded)
    assert isinstance(answer.seen, PaymentSeen)
    return answer.seen


def seen_of(answer: object) -> PaymentSeen:
    seen = getattr(answer, "seen", None)
    assert isinstance(seen, PaymentSeen), answer
    return seen


def paid(subject: Subjected) -> str:
    gateway_id = opened(subject.gateway).gateway_id
    answer = subject.gateway.confirm(ConfirmPayment(gateway_id, subject.token("paid"), RETURN_URL), key())
    assert isinstance(answer, Succeeded)
    return gateway_id


def authorized(subject: Subjected) -> str:
    gateway_id = opened(subject.gateway, CaptureMethod.MANUAL).gateway_id
    answer = subject.gateway.confirm(ConfirmPayment(gateway_id, subject.token("paid"), RETURN_URL), key())
    assert isinstance(answer, Succeeded)
    assert seen_of(answer).state == PaymentState.REQUIRES_CAPTURE
    return gateway_id


def test_opening_moves_no_money_and_carries_our_reference(gateway: Gateway) -> None:
    reference = key()
    answer = gateway.open_payment(OpenPayment(PRICE, CaptureMethod.AUTOMATIC, reference, "Order"), key())

    seen = seen_of(answer)
    assert (seen.reference, seen.money, seen.captured) == (reference, PRICE, Money(0, "EUR"))
    assert (seen.state, seen.live) == (PaymentState.REQUIRES_PAYMENT_METHOD, False)


def test_opening_again_with_the_same_key_gives_the_same_payment(gateway: Gateway) -> None:
    request, same = OpenPayment(PRICE, CaptureMethod.AUTOMATIC, key(), "Order"), key()

    first, second = gateway.open_payment(request, same), gateway.open_payment(request, same)

    assert seen_of(first).gateway_id == seen_of(second).gateway_id
    assert [answer.replayed for answer in (first, second) if isinstance(answer, Succeeded)] == [False, True]


def test_a_refusal_that_is_repeated_says_so_and_shows_what_was_then(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = opened(gateway).gateway_id
    request, same = ConfirmPayment(gateway_id, subject.token("declined"), RETURN_URL), key()
    first = gateway.confirm(request, same)
    gateway.confirm(ConfirmPayment(gateway_id, subject.token("paid"), RETURN_URL), key())

    second = gateway.confirm(request, same)

    assert [answer.replayed for answer in (first, second) if isinstance(answer, Declined)] == [False, True]
    assert seen_of(second).state == PaymentState.REQUIRES_PAYMENT_METHOD


def test_confirming_takes_the_money_once_for_one_key(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = opened(gateway).gateway_id
    request, same = ConfirmPayment(gateway_id, subject.token("paid"), RETURN_URL), key()

    first, second = gateway.confirm(request, same), gateway.confirm(request, same)

    assert isinstance(first, Succeeded)
    assert isinstance(second, Succeeded)
    assert seen_of(first).captured == PRICE
    assert seen_of(first).charge_id == seen_of(second).charge_id != ""


def test_a_decline_is_told_with_a_code_and_advice_and_the_object(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = opened(gateway).gateway_id

    answer = gateway.confirm(ConfirmPayment(gateway_id, subject.token("declined"), RETURN_URL), key())

    assert isinstance(answer, Declined)
    assert (answer.refusal.code, answer.refusal.advice) == ("insufficient_funds", "another_card")
    assert seen_of(answer).state == PaymentState.REQUIRES_PAYMENT_METHOD
    assert seen_of(answer).charge_id


def test_after_a_decline_the_same_payment_can_be_paid(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = opened(gateway).gateway_id
    gateway.confirm(ConfirmPayment(gateway_id, subject.token("declined"), RETURN_URL), key())

    answer = gateway.confirm(ConfirmPayment(gateway_id, subject.token("paid"), RETURN_URL), key())

    assert isinstance(answer, Succeeded)
    assert (seen_of(answer).captured, seen_of(answer).refusal) == (PRICE, None)


def test_a_payment_that_was_taken_cannot_be_confirmed_again(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = paid(subject)

    answer = gateway.confirm(ConfirmPayment(gateway_id, subject.token("paid"), RETURN_URL), key())

    assert isinstance(answer, Declined)
    assert seen_of(gateway.retrieve_payment(gateway_id)).captured == PRICE


def test_a_card_that_wants_an_action_says_so_and_gives_a_secret(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = opened(gateway).gateway_id

    answer = gateway.confirm(ConfirmPayment(gateway_id, subject.token("action"), RETURN_URL), key())

    assert isinstance(answer, RequiresAction)
    assert gateway.client_secret(gateway_id)


def test_an_authorization_holds_all_and_is_captured_in_part(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = authorized(subject)
    assert seen_of(gateway.retrieve_payment(gateway_id)).capturable == PRICE

    answer = gateway.capture(CapturePayment(gateway_id, Money(1500, "EUR")), key())

    assert isinstance(answer, Succeeded)
    assert seen_of(answer).captured == Money(1500, "EUR")
    assert not seen_of(answer).capturable


def test_an_authorization_is_canceled_for_good(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = authorized(subject)

    answer = gateway.cancel(CancelPayment(gateway_id), key())
    later = gateway.capture(CapturePayment(gateway_id, PRICE), key())

    assert isinstance(answer, Succeeded)
    assert seen_of(answer).state == PaymentState.CANCELED
    assert isinstance(later, Declined)


def test_canceling_what_was_taken_is_refused_and_shows_the_object(subject: Subjected, gateway: Gateway) -> None:
    answer = gateway.cancel(CancelPayment(paid(subject)), key())

    assert isinstance(answer, Declined)
    assert seen_of(answer).state == PaymentState.SUCCEEDED


def test_a_refund_is_given_once_for_one_key_and_found_by_our_reference(subject: Subjected, gateway: Gateway) -> None:
    gateway_id, reference, same = paid(subject), key(), key()
    request = RefundPayment(gateway_id, Money(1200, "EUR"), reference, "a reason")

    first, second = gateway.refund(request, same), gateway.refund(request, same)
    found = gateway.find_refund(gateway_id, reference)

    assert isinstance(first, Succeeded)
    assert isinstance(second, Succeeded)
    assert isinstance(found, Found)
    assert isinstance(found.seen, RefundSeen)
    assert found.seen.gateway_id == first.seen.gateway_id == second.seen.gateway_id
    assert (found.seen.state, found.seen.money) == (RefundState.SUCCEEDED, Money(1200, "EUR"))
    assert found.seen.payment_gateway_id == gateway_id


def test_no_more_can_be_refunded_than_was_taken(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = paid(subject)
    gateway.refund(RefundPayment(gateway_id, Money(4000, "EUR"), key()), key())

    answer = gateway.refund(RefundPayment(gateway_id, Money(201, "EUR"), key()), key())

    assert isinstance(answer, Declined)
    assert answer.refusal.message


def test_a_refund_and_a_payment_can_be_fetched_by_id(subject: Subjected, gateway: Gateway) -> None:
    gateway_id = paid(subject)
    refund = gateway.refund(RefundPayment(gateway_id, Money(100, "EUR"), key()), key())
    assert isinstance(refund, Succeeded)

    for kind, object_id in [(SubjectKind.PAYMENT, gateway_id), (SubjectKind.REFUND, refund.seen.gateway_id)]:
        found = gateway.fetch(Subject(kind, object_id))
        assert isinstance(found, Found)
        assert found.seen.gateway_id == object_id


def test_what_does_not_exist_is_missing(gateway: Gateway) -> None:
    assert isinstance(gateway.retrieve_payment("pi_none"), Missing)
    assert isinstance(gateway.fetch(Subject(SubjectKind.REFUND, "re_none")), Missing)
    assert isinstance(gateway.find_by_reference(key()), Missing)


def test_a_payment_is_found_by_our_reference(gateway: Gateway) -> None:
    seen = opened(gateway)

    found = gateway.find_by_reference(seen.reference)

    assert isinstance(found, Found)
    assert found.seen.gateway_id == seen.gateway_id


def test_what_is_too_little_is_told_before_it_is_tried_and_refused_when_it_is(gateway: Gateway) -> None:
    limits = gateway.chargeable(Money(1, "EUR"))

    assert limits is not None
    assert limits.minimum == 50
    assert gateway.chargeable(Money(limits.minimum, "EUR")) is None
    assert gateway.chargeable(Money(limits.maximum + limits.step, "EUR")) is not None


def test_a_signed_notice_names_its_payment_and_a_changed_one_is_refused(subject: Subjected, gateway: Gateway) -> None:
    body, headers = subject.webhook("P-1")

    notice = gateway.parse_webhook(body, headers)

    assert notice.subject == Subject(SubjectKind.PAYMENT, "P-1")
    assert not notice.live
    with pytest.raises(InvalidWebhook):
        gateway.parse_webhook(body + b" ", headers)
    with pytest.raises(InvalidWebhook):
        gateway.parse_webhook(body, {})


def test_the_page_is_told_which_module_and_script_mount_the_fields(gateway: Gateway) -> None:
    config = gateway.client_config(PRICE, CaptureMethod.AUTOMATIC)

    assert config.module
    assert config.script_url.endswith(".js")
    assert config.options["amount"] == 4200
