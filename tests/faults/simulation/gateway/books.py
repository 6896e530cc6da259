"""The gateway's own books and rules: one object per payment, which can be charged with success once.

Rules after docs.stripe.com/payments/paymentintents/lifecycle and docs.stripe.com/api/refunds. Amounts are minor units.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from payments.gateways.base import (
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
    Refusal,
    Subject,
    SubjectKind,
)
from payments.money import Money

State = PaymentState
AUTHORIZATION_LASTS = timedelta(days=7)


class Refused(Exception):
    """The gateway says no, for good; `seen` is the object where it is shown."""

    def __init__(self, code: str, seen: PaymentSeen | None = None) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, f"the gateway says {code}", "another_card")
        self.seen = seen


@dataclass
class Charge:
    id: str
    succeeded: bool
    at: datetime


@dataclass
class Intent:
    """The gateway's payment object."""

    id: str
    reference: str
    money: Money
    manual: bool
    created: datetime
    state: PaymentState = State.REQUIRES_PAYMENT_METHOD
    captured: int = 0
    capturable: int = 0
    charges: list[Charge] = field(default_factory=list)
    refusal: Refusal | None = None

    def seen(self) -> PaymentSeen:
        currency = self.money.currency
        return PaymentSeen(
            gateway_id=self.id,
            state=self.state,
            money=self.money,
            captured=Money(self.captured, currency),
            capturable=Money(self.capturable, currency),
            live=False,
            reference=self.reference,
            charge_id=self.charges[-1].id if self.charges else "",
            refusal=self.refusal,
        )

    @property
    def successes(self) -> int:
        return sum(charge.succeeded for charge in self.charges)


@dataclass
class GivenBack:
    """The gateway's refund object."""

    id: str
    intent: Intent
    reference: str
    money: Money
    state: RefundState

    def seen(self) -> RefundSeen:
        return RefundSeen(self.id, self.intent.id, self.state, self.money, False, self.reference)


RETURNING = (RefundState.PENDING, RefundState.SUCCEEDED)


@dataclass
class Books:
    """Every object, and an event for each change, oldest first."""

    intents: dict[str, Intent] = field(default_factory=dict)
    refunds: dict[str, GivenBack] = field(default_factory=dict)
    events: list[Subject] = field(default_factory=list)
    used_tokens: set[str] = field(default_factory=set)

    def open(self, reference: str, money: Money, *, manual: bool, now: datetime) -> Intent:
        intent = Intent(f"pi_{len(self.intents) + 1}", reference, money, manual, now)
        self.intents[intent.id] = intent
        self._tell(intent)
        return intent

    def confirm(self, intent: Intent, token: str, now: datetime) -> None:
        """Tokens are "tok_<kind>_<number>", used once. Raises Refused."""
        if intent.state != State.REQUIRES_PAYMENT_METHOD:
            raise Refused("unexpected_state", intent.seen())
        if token in self.used_tokens:
            raise Refused("token_already_used")
        self.used_tokens.add(token)
        kind = token.split("_")[1]
        if kind == "action":
            intent.state, intent.refusal = State.REQUIRES_ACTION, None
        elif kind == "processing":
            intent.charges.append(self._charge(intent, succeeded=False, now=now))
            intent.state, intent.refusal = State.PROCESSING, None
        elif kind == "ok":
            self.take_money(intent, now)
        else:
            self.decline(intent, now, charged=kind == "declined")
        self._tell(intent)
        if intent.refusal is not None:
            raise Refused(intent.refusal.code, intent.seen())

    def take_money(self, intent: Intent, now: datetime) -> None:
        if intent.state == State.PROCESSING:
            intent.charges[-1].succeeded = True
        else:
            intent.charges.append(self._charge(intent, succeeded=True, now=now))
        intent.refusal = None
        if intent.manual:
            intent.state, intent.capturable = State.REQUIRES_CAPTURE, intent.money.amount
        else:
            intent.state, intent.captured = State.SUCCEEDED, intent.money.amount
        self._tell(intent)

    def decline(self, intent: Intent, now: datetime, *, charged: bool) -> None:
        """`charged`: a charge was tried and failed; without, the refusal came before any."""
        if charged and intent.state != State.PROCESSING:
            intent.charges.append(self._charge(intent, succeeded=False, now=now))
        intent.state, intent.refusal = State.REQUIRES_PAYMENT_METHOD, Refusal("card_declined", "no", "another_card")
        self._tell(intent)

    def capture(self, intent: Intent, amount: int) -> None:
        if intent.state != State.REQUIRES_CAPTURE or amount > intent.capturable:
            raise Refused("unexpected_state", intent.seen())
        intent.state, intent.captured, intent.capturable = State.SUCCEEDED, amount, 0
        self._tell(intent)

    def cancel(self, intent: Intent) -> None:
        if intent.state in (State.SUCCEEDED, State.PROCESSING, State.CANCELED):
            raise Refused("unexpected_state", intent.seen())
        intent.state, intent.capturable = State.CANCELED, 0
        self._tell(intent)

    def refund(self, intent: Intent, money: Money, reference: str, *, pends: bool) -> GivenBack:
        if self.given_back(intent) + money.amount > intent.captured:
            raise Refused("charge_already_refunded")
        state = RefundState.PENDING if pends else RefundState.SUCCEEDED
        made = GivenBack(f"re_{len(self.refunds) + 1}", intent, reference, money, state)
        self.refunds[made.id] = made
        self.events.append(Subject(SubjectKind.REFUND, made.id))
        return made

    def settle_refund(self, refund: GivenBack, state: RefundState) -> None:
        refund.state = state
        self.events.append(Subject(SubjectKind.REFUND, refund.id))

    def given_back(self, intent: Intent) -> int:
        """What is given back or on its way."""
        refunds = (r for r in self.refunds.values() if r.intent is intent and r.state in RETURNING)
        return sum(refund.money.amount for refund in refunds)

    def end_old_authorizations(self, now: datetime) -> None:
        for intent in self.intents.values():
            if intent.state == State.REQUIRES_CAPTURE and now - intent.charges[-1].at > AUTHORIZATION_LASTS:
                self.cancel(intent)

    def _charge(self, intent: Intent, *, succeeded: bool, now: datetime) -> Charge:
        return Charge(f"ch_{intent.id}_{len(intent.charges) + 1}", succeeded, now)

    def _tell(self, intent: Intent) -> None:
        self.events.append(Subject(SubjectKind.PAYMENT, intent.id))
