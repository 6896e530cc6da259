"""The gateway's own books and rules: one object per payment, which can be charged with success once.

Rules after docs.stripe.com/payments/paymentintents/lifecycle and docs.stripe.com/api/refunds. Amounts are minor units.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from payments.gateways.base import (
    DisputeSeen,
    DisputeState,
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
    Refusal,
    Subject,
    SubjectKind,
)
from payments.gateways.settlement import MovementKind
from payments.money import Money
from tests.faults.simulation.clock import Clock
from tests.faults.simulation.gateway.settlement import Settlement

State = PaymentState
AUTHORIZATION_LASTS = timedelta(days=7)
FEE_FIXED, FEE_PERCENT, DISPUTE_FEE = 25, 2, 1500  # minor units, percent, minor units


class Refused(Exception):
    """The gateway says no, for good; `seen` is the object where it is shown."""

    def __init__(self, code: str, seen: PaymentSeen | None = None) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, f"the gateway says {code}", "another_card")
        self.seen = seen


@dataclass(frozen=True)
class Event:
    id: str
    subject: Subject
    at: datetime


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
    is_second: bool = False  # an object that the gateway should never have charged
    used_outside: bool = False

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


@dataclass
class Claim:
    """The gateway's dispute object; `withdrawn` of its amount is held back."""

    id: str
    intent: Intent
    money: Money
    state: DisputeState
    withdrawn: int = 0

    def seen(self) -> DisputeSeen:
        withdrawn = Money(self.withdrawn, self.money.currency)
        return DisputeSeen(self.id, self.intent.id, self.state, self.money, withdrawn, False, "fraudulent")


RETURNING = (RefundState.PENDING, RefundState.SUCCEEDED)
OPEN_CLAIMS = (DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)
CHARGED_BACK = (*OPEN_CLAIMS, DisputeState.LOST)


@dataclass
class Books:
    """Every object, and an event for each change, oldest first."""

    clock: Clock
    intents: dict[str, Intent] = field(default_factory=dict)
    refunds: dict[str, GivenBack] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    settlement: Settlement = field(init=False)
    events: list[Event] = field(default_factory=list)
    used_tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.settlement = Settlement(self.clock)

    def open(self, reference: str, money: Money, *, manual: bool) -> Intent:
        intent = Intent(f"pi_{len(self.intents) + 1}", reference, money, manual, self.clock.now)
        self.intents[intent.id] = intent
        self._tell(intent)
        return intent

    def confirm(self, intent: Intent, token: str) -> None:
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
            intent.charges.append(self._charge(intent, succeeded=False))
            intent.state, intent.refusal = State.PROCESSING, None
        elif kind == "ok":
            self.take_money(intent)
        else:
            self.decline(intent, charged=kind == "declined")
        self._tell(intent)
        if intent.refusal is not None:
            raise Refused(intent.refusal.code, intent.seen())

    def take_money(self, intent: Intent) -> None:
        if intent.state == State.PROCESSING:
            intent.charges[-1].succeeded = True
        else:
            intent.charges.append(self._charge(intent, succeeded=True))
        intent.refusal = None
        if intent.manual:
            intent.state, intent.capturable = State.REQUIRES_CAPTURE, intent.money.amount
        else:
            self._collect(intent, intent.money)
        self._tell(intent)

    def decline(self, intent: Intent, *, charged: bool) -> None:
        """`charged`: a charge was tried and failed; without, the refusal came before any."""
        if charged and intent.state != State.PROCESSING:
            intent.charges.append(self._charge(intent, succeeded=False))
        intent.state, intent.refusal = State.REQUIRES_PAYMENT_METHOD, Refusal("card_declined", "no", "another_card")
        self._tell(intent)

    def use_outside(self, intent: Intent) -> None:
        """Somebody confirms our object outside the shop; it waits for 3-D Secure."""
        intent.state, intent.refusal, intent.used_outside = State.REQUIRES_ACTION, None, True
        self._tell(intent)

    def charge_again(self, intent: Intent) -> Intent:
        """What must never happen: a second object with the same reference takes the money too."""
        second = self.open(intent.reference, intent.money, manual=False)
        second.is_second = True
        self.take_money(second)
        return second

    def capture(self, intent: Intent, amount: int) -> None:
        if intent.state != State.REQUIRES_CAPTURE or amount > intent.capturable:
            raise Refused("unexpected_state", intent.seen())
        self._collect(intent, Money(amount, intent.money.currency))
        self._tell(intent)

    def cancel(self, intent: Intent) -> None:
        if intent.state in (State.SUCCEEDED, State.PROCESSING, State.CANCELED):
            raise Refused("unexpected_state", intent.seen())
        intent.state, intent.capturable = State.CANCELED, 0
        self._tell(intent)

    def refund(self, intent: Intent, money: Money, reference: str, *, pends: bool) -> GivenBack:
        if self.is_charged_back(intent):
            raise Refused("charge_disputed")
        if self.given_back(intent) + money.amount > intent.captured:
            raise Refused("charge_already_refunded")
        made = GivenBack(f"re_{len(self.refunds) + 1}", intent, reference, money, RefundState.PENDING)
        self.refunds[made.id] = made
        if pends:
            self._add_event(SubjectKind.REFUND, made.id)
        else:
            self.settle_refund(made, RefundState.SUCCEEDED)
        return made

    def settle_refund(self, refund: GivenBack, state: RefundState) -> None:
        """A pending refund succeeds or fails; one that succeeded may fail later."""
        if state == RefundState.SUCCEEDED:
            self.settlement.move(MovementKind.REFUND, refund.id, -refund.money)
        elif refund.state == RefundState.SUCCEEDED:
            self.settlement.move(MovementKind.REFUND_FAILURE, refund.id, refund.money)
        refund.state = state
        self._add_event(SubjectKind.REFUND, refund.id)

    def dispute(self, intent: Intent, money: Money, state: DisputeState) -> Claim:
        """The shopper's bank claims money back, which is withdrawn unless it only inquires."""
        claim = Claim(f"dp_{len(self.claims) + 1}", intent, money, state)
        self.claims[claim.id] = claim
        self._hold_back(claim, money.amount if state in OPEN_CLAIMS else 0)
        return claim

    def settle_claim(self, claim: Claim, state: DisputeState, *, returned: int = 0) -> None:
        """The bank decides. Of a claim that is lost, `returned` comes back all the same: what was refunded before.

        support.stripe.com/questions/dispute-for-full-charge-amount-after-a-partial-refund-was-issued
        """
        claim.state = state
        self._hold_back(claim, claim.money.amount - returned if state in CHARGED_BACK else 0)

    def _hold_back(self, claim: Claim, amount: int) -> None:
        moved = Money(claim.withdrawn - amount, claim.money.currency)
        if moved.amount < 0:
            self.settlement.move(MovementKind.DISPUTE, claim.id, moved, fee=DISPUTE_FEE)
        elif moved.amount > 0:
            self.settlement.move(MovementKind.DISPUTE_REVERSAL, claim.id, moved)
        claim.withdrawn = amount
        self._add_event(SubjectKind.DISPUTE, claim.id)

    def is_charged_back(self, intent: Intent) -> bool:
        """Whether no refund of it is made: a dispute that took money is not won (`is_charge_refundable`)."""
        return any(claim.intent is intent and claim.state in CHARGED_BACK for claim in self.claims.values())

    def left(self, intent: Intent) -> int:
        """What was taken and is neither given back, on its way back, nor held back for a dispute."""
        held_back = sum(claim.withdrawn for claim in self.claims.values() if claim.intent is intent)
        return max(0, intent.captured - self.given_back(intent) - held_back)

    def given_back(self, intent: Intent) -> int:
        """What is given back or on its way."""
        refunds = (r for r in self.refunds.values() if r.intent is intent and r.state in RETURNING)
        return sum(refund.money.amount for refund in refunds)

    def end_old_authorizations(self) -> None:
        for intent in self.intents.values():
            if intent.state == State.REQUIRES_CAPTURE and self.clock.now - intent.charges[-1].at > AUTHORIZATION_LASTS:
                self.cancel(intent)

    def _collect(self, intent: Intent, money: Money) -> None:
        intent.state, intent.captured, intent.capturable = State.SUCCEEDED, money.amount, 0
        fee = FEE_FIXED + money.amount * FEE_PERCENT // 100
        self.settlement.move(MovementKind.CHARGE, intent.charges[-1].id, money, fee=fee)

    def _charge(self, intent: Intent, *, succeeded: bool) -> Charge:
        return Charge(f"ch_{intent.id}_{len(intent.charges) + 1}", succeeded, self.clock.now)

    def _add_event(self, kind: SubjectKind, subject_id: str) -> None:
        self.events.append(Event(f"evt_{len(self.events) + 1}", Subject(kind, subject_id), self.clock.now))

    def _tell(self, intent: Intent) -> None:
        self._add_event(SubjectKind.PAYMENT, intent.id)
