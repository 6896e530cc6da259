"""The port to payment gateways: what we ask of one, and the few things that it can answer.

Everything here is a value. An adapter translates one provider into these values; no exception of the provider's SDK
leaves it, and every surprise is `Unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from payments.gateways.settlement import BalanceSeen, BalanceTransactionSeen, Page, PayoutSeen
from payments.money import Money


class CaptureMethod(StrEnum):
    """Whether confirming takes the money at once (a sale) or only holds it (an authorization)."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class PaymentState(StrEnum):
    """What the gateway says that its payment object is in."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class RefundState(StrEnum):
    """What the gateway says of a refund."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class DisputeState(StrEnum):
    """What the gateway says of a dispute. The `warning_` states are an inquiry, which takes no money."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


class SubjectKind(StrEnum):
    """The kinds of gateway object that we keep a row for."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the gateway said no. `code` is the gateway's most specific code; `message` is for staff and logs.

    `advice` is what the shopper may do next, in the words of the port: "another_card", "try_again", "contact_bank",
    "check_details" or "" (none).
    """

    code: str
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class PaymentSeen:
    """One look at the gateway's payment object.

    `money` is what it was opened for, `captured` what it has taken so far (refunds do not lower it), `capturable`
    what is held and may still be captured. `reference` is ours, given when it was opened. `charge_id` names the
    newest try to charge, `refusal` that try's error, both absent when there is none. `gateway_time` is the gateway's
    own clock, when it tells it.
    """

    gateway_id: str
    state: PaymentState
    money: Money
    captured: Money
    capturable: Money
    live: bool
    reference: str
    charge_id: str = ""
    refusal: Refusal | None = None
    gateway_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """One look at the gateway's refund object; `reference` is ours, empty for one made outside (in a dashboard)."""

    gateway_id: str
    payment_gateway_id: str
    state: RefundState
    money: Money
    live: bool
    reference: str = ""
    refusal: Refusal | None = None
    gateway_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisputeSeen:
    """One look at a dispute of a payment.

    `money` is what the shopper's bank claims, `withdrawn` how much of it the gateway holds back from us now, both in
    the payment's currency: of one that was won in part, only the other part. `evidence_due_at` is the last moment for
    an answer, None when none is awaited.
    """

    gateway_id: str
    payment_gateway_id: str
    state: DisputeState
    money: Money
    withdrawn: Money
    live: bool
    reason: str = ""
    evidence_due_at: datetime | None = None
    gateway_time: datetime | None = None


Seen = PaymentSeen | RefundSeen | DisputeSeen


# --- Answers to a write. Only Declined and DefinitelyNotSent allow another attempt or another gateway. `replayed` says
# --- that the gateway repeated the answer it has stored for this key: `seen` is the object as it stood at first.


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The write was done: opened, authorized, captured, canceled or refunded, as `seen` shows."""

    seen: Seen
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class RequiresAction:
    """The write was taken; the shopper must now prove who they are."""

    seen: PaymentSeen
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Processing:
    """The write was taken; its result comes later (a bank debit, a pending refund)."""

    seen: Seen
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    """The gateway refused this write for good and moved no money by it. `seen` is the object, when it was shown."""

    refusal: Refusal
    seen: Seen | None = None
    replayed: bool = False


LONGEST_WAIT_S = 600.0  # what a gateway asks for beyond that its next answer may ask for again


@dataclass(frozen=True, slots=True)
class DefinitelyNotSent:
    """This call never reached the gateway's code: no connection, or turned away at the door.

    `retry_after_s`, here and in `Unknown`, is for how long the gateway asks to be left alone, at most LONGEST_WAIT_S.
    """

    reason: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """No proof of either outcome: a time-out, a broken connection, a 5xx, an answer that makes no sense.

    Where it is a stored error that was `replayed`, repeating the call can never end it.
    """

    reason: str
    retry_after_s: float | None = None
    replayed: bool = False


Answer = Succeeded | RequiresAction | Processing | Declined | DefinitelyNotSent | Unknown


# --- Answers to a question


@dataclass(frozen=True, slots=True)
class Found:
    seen: Seen


@dataclass(frozen=True, slots=True)
class Missing:
    """The gateway has no such object."""

    reason: str


Lookup = Found | Missing | DefinitelyNotSent | Unknown


NotListed = DefinitelyNotSent | Unknown


# --- What we ask


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """Create the gateway's payment object; moves no money. `reference` is unique among all our payments."""

    money: Money
    capture_method: CaptureMethod
    reference: str
    description: str


@dataclass(frozen=True, slots=True)
class ConfirmPayment:
    """Charge, or hold, with the single-use `token`; the bank sends the shopper back to `return_url`."""

    gateway_id: str
    token: str = field(repr=False)
    return_url: str


@dataclass(frozen=True, slots=True)
class CapturePayment:
    """Take `money` of what is held and release the rest."""

    gateway_id: str
    money: Money


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """End the payment object for good: nothing can be charged with it afterwards."""

    gateway_id: str


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """Give `money` back; `reference` is ours, unique for each refund wish."""

    gateway_id: str
    money: Money
    reference: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """The gateway object that an event is about."""

    kind: SubjectKind
    gateway_id: str


@dataclass(frozen=True, slots=True)
class WebhookNotice:
    """A verified webhook. `subject` is None where its type concerns nothing that we keep; it is kept all the same."""

    event_id: str
    event_type: str
    live: bool
    created: datetime
    subject: Subject | None


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An event as the gateway's list shows it; `body` is that event as JSON, which no signature covers."""

    notice: WebhookNotice
    body: bytes


class InvalidWebhook(ValueError):
    """The signature does not fit, its time is out of tolerance, or the verified body is not an event."""


@dataclass(frozen=True, slots=True)
class NotChargeable:
    """Why the gateway would refuse this amount, in words for the shopper, with the nearest limits in minor units."""

    reason: str
    minimum: int
    maximum: int
    step: int


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """What the checkout page needs to mount the hosted fields.

    `module` names the file under static/js/gateways/ that drives them; `script_url` is the gateway's own script;
    `options` go to that module as JSON and hold no secret.
    """

    module: str
    script_url: str
    options: Mapping[str, str | int | list[str]]


class Gateway(Protocol):
    """One account at one gateway. Every write carries the operation's idempotency `key`; all calls have time-outs.

    `live` is False for the gateway's test mode. A write's stored answer is replayed for `idempotency_window_s` seconds.
    """

    @property
    def live(self) -> bool: ...

    @property
    def idempotency_window_s(self) -> int: ...

    def open_payment(self, request: OpenPayment, key: str) -> Answer: ...

    def confirm(self, request: ConfirmPayment, key: str) -> Answer: ...

    def capture(self, request: CapturePayment, key: str) -> Answer: ...

    def cancel(self, request: CancelPayment, key: str) -> Answer: ...

    def refund(self, request: RefundPayment, key: str) -> Answer: ...

    def retrieve_payment(self, gateway_id: str) -> Lookup: ...

    def fetch(self, subject: Subject) -> Lookup:
        """Ask for the current state of any object that an event or one of our rows names."""

    def find_by_reference(self, reference: str) -> Lookup:
        """Look for a payment whose opening answer was lost. `Missing` is no proof that there is none."""

    def find_refund(self, payment_gateway_id: str, reference: str) -> Lookup:
        """Look for a refund whose answer was lost among the refunds of its payment."""

    def list_events(self, since: datetime, after: str) -> Page[ListedEvent] | NotListed:
        """Everything that happened from `since` on, page by page; gateways forget after some weeks."""

    def list_balance_transactions(self, since: datetime, after: str) -> Page[BalanceTransactionSeen] | NotListed:
        """What moved the account's balance from `since` on, page by page; `after` is the page before's `next`."""

    def retrieve_balance(self) -> BalanceSeen | NotListed:
        """What the account could pay out now."""

    def list_payouts(self, since: datetime, after: str) -> Page[PayoutSeen] | NotListed:
        """What was sent from `since` on to the merchant's bank, page by page."""

    def client_secret(self, gateway_id: str) -> str | None:
        """What the shopper's browser needs for the next action; None when there is none or it cannot be asked."""

    def client_config(self, money: Money, capture_method: CaptureMethod) -> ClientConfig: ...

    def chargeable(self, money: Money) -> NotChargeable | None: ...

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNotice:
        """Verify the signature over the raw body, then read it. Raises InvalidWebhook."""
