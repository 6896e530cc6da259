"""A gateway in memory that is not like Stripe: its own ids, its own tokens, and a script of what goes wrong.

It keeps the truth (`payments`, `refunds`), so that a test asks it, and not us, what was charged. A repeated key gives
the stored answer. `script("confirm", lost(), ...)` says what the next calls of a method do; without a script all goes
well. Tokens: "tok_ok", "tok_declined", "tok_action", "tok_processing".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from payments.gateways.base import (
    Answer,
    CancelPayment,
    CaptureMethod,
    CapturePayment,
    ClientConfig,
    ConfirmPayment,
    Declined,
    DefinitelyNotSent,
    DisputeSeen,
    DisputeState,
    Found,
    InvalidWebhook,
    ListedEvent,
    Lookup,
    Missing,
    NotChargeable,
    NotListed,
    OpenPayment,
    PaymentSeen,
    PaymentState,
    Processing,
    RefundPayment,
    RefundSeen,
    RefundState,
    Refusal,
    RequiresAction,
    Seen,
    Subject,
    SubjectKind,
    Succeeded,
    Unknown,
    WebhookNotice,
)
from payments.gateways.settlement import BalanceSeen, BalanceTransactionSeen, MovementKind, Page, PayoutSeen
from payments.money import Money

Hook = Callable[[], None]
SIGNATURE = "X-Scripted-Signature"
SECRET = b"scripted-secret"


@dataclass(frozen=True)
class Step:
    """One call's fate: whether the work is done, what is answered instead of its result, and hooks around it."""

    work: bool = True
    answer: Answer | Lookup | None = None
    before: Hook | None = None
    after: Hook | None = None


def normal(before: Hook | None = None, after: Hook | None = None) -> Step:
    return Step(before=before, after=after)


def lost(reason: str = "timed out after the work was done", after: Hook | None = None) -> Step:
    """The work is done, the answer never comes."""
    return Step(answer=Unknown(reason), after=after)


def unsent(reason: str = "timed out before the work") -> Step:
    """No work is done, and the caller cannot know."""
    return Step(work=False, answer=Unknown(reason))


def unreachable() -> Step:
    return Step(work=False, answer=DefinitelyNotSent("connection refused"))


def replays_an_error() -> Step:
    """A stored 500 comes back for the key: no work now, and a repeat will not help."""
    return Step(work=False, answer=Unknown("500, replayed", replayed=True))


def answers(answer: Answer | Lookup) -> Step:
    return Step(work=False, answer=answer)


@dataclass(frozen=True)
class Call:
    method: str
    key: str
    request: object


@dataclass
class _Payment:
    seen: PaymentSeen
    manual: bool
    tries: int = 0
    successes: int = 0


@dataclass
class ScriptedGateway:
    """Implements the port; thread-safe. `calls` holds every write with its key and request, in order."""

    live: bool = False
    idempotency_window_s: int = 24 * 3600
    calls: list[Call] = field(default_factory=list)
    payments: dict[str, _Payment] = field(default_factory=dict)
    refunds: dict[str, RefundSeen] = field(default_factory=dict)
    disputes: dict[str, DisputeSeen] = field(default_factory=dict)
    movements: list[BalanceTransactionSeen] = field(default_factory=list)
    payouts: list[PayoutSeen] = field(default_factory=list)
    events: list[ListedEvent] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    find_lags: bool = False
    _scripts: dict[str, deque[Step]] = field(default_factory=lambda: defaultdict(deque))
    _stored: dict[str, Answer] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def script(self, method: str, *steps: Step) -> None:
        self._scripts[method].extend(steps)

    # --- the port: writes

    def open_payment(self, request: OpenPayment, key: str) -> Answer:
        return self._write("open_payment", request, key, lambda: self._open(request))

    def confirm(self, request: ConfirmPayment, key: str) -> Answer:
        return self._write("confirm", request, key, lambda: self._confirm(request))

    def capture(self, request: CapturePayment, key: str) -> Answer:
        return self._write("capture", request, key, lambda: self._capture(request))

    def cancel(self, request: CancelPayment, key: str) -> Answer:
        return self._write("cancel", request, key, lambda: self._cancel(request))

    def refund(self, request: RefundPayment, key: str) -> Answer:
        return self._write("refund", request, key, lambda: self._refund(request))

    # --- the port: questions

    def retrieve_payment(self, gateway_id: str) -> Lookup:
        return self._look("retrieve_payment", gateway_id, lambda: self._payment_seen(gateway_id))

    def fetch(self, subject: Subject) -> Lookup:
        if subject.kind == SubjectKind.PAYMENT:
            return self._look("fetch", subject.gateway_id, lambda: self._payment_seen(subject.gateway_id))
        kept = self.refunds if subject.kind == SubjectKind.REFUND else self.disputes
        return self._look("fetch", subject.gateway_id, lambda: kept.get(subject.gateway_id))

    def find_by_reference(self, reference: str) -> Lookup:
        def find() -> Seen | None:
            seen = [p.seen for p in self.payments.values() if p.seen.reference == reference]
            return seen[0] if seen and not self.find_lags else None

        return self._look("find_by_reference", reference, find)

    def find_refund(self, payment_gateway_id: str, reference: str) -> Lookup:
        def find() -> Seen | None:
            return next((r for r in self.refunds.values() if r.reference == reference), None)

        return self._look("find_refund", reference, find)

    def list_events(self, since: datetime, after: str) -> Page[ListedEvent] | NotListed:
        """Two to a page, so that a list has more than one."""
        newest = [event for event in reversed(self.events) if event.notice.created >= since]
        start = next((n + 1 for n, event in enumerate(newest) if event.notice.event_id == after), 0)
        shown = tuple(newest[start : start + 2])
        return Page(shown, shown[-1].notice.event_id if newest[start + 2 :] else "")

    def list_balance_transactions(self, since: datetime, after: str) -> Page[BalanceTransactionSeen] | NotListed:
        """Two to a page, so that every list has more than one."""
        newest = [seen for seen in reversed(self.movements) if seen.created_at >= since]
        start = next((n + 1 for n, seen in enumerate(newest) if seen.gateway_id == after), 0)
        shown = tuple(newest[start : start + 2])
        return Page(shown, shown[-1].gateway_id if newest[start + 2 :] else "")

    def retrieve_balance(self) -> BalanceSeen | NotListed:
        sums: dict[str, Money] = {}
        for seen in self.movements:
            sums[seen.net.currency] = sums.get(seen.net.currency, Money.zero(seen.net.currency)) + seen.net
        return BalanceSeen(tuple(sums.values()))

    def list_payouts(self, since: datetime, after: str) -> Page[PayoutSeen] | NotListed:
        return Page(tuple(seen for seen in reversed(self.payouts) if seen.created_at >= since))

    def client_secret(self, gateway_id: str) -> str | None:
        with self._lock:
            step = self._next("client_secret")
        if step.before:
            step.before()
        return f"{gateway_id}-secret"

    def client_config(self, money: Money, capture_method: CaptureMethod) -> ClientConfig:
        return ClientConfig("scripted", "https://scripted.example/fields.js", {"amount": money.amount})

    def chargeable(self, money: Money) -> NotChargeable | None:
        if 50 <= money.amount <= 99_999_999:
            return None
        return NotChargeable("Between 50 and 99,999,999 minor units can be charged.", 50, 99_999_999, 1)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNotice:
        if not hmac.compare_digest(headers.get(SIGNATURE, ""), _sign(body)):
            raise InvalidWebhook("the signature does not fit")
        event = json.loads(body)
        kind = SubjectKind(event["kind"]) if event["kind"] in list(SubjectKind) else None
        subject = Subject(kind, event["object"]) if kind else None
        return WebhookNotice(event["id"], event["type"], self.live, datetime.now(UTC), subject)

    # --- what a test does behind our back, and asks

    def complete_action(self, gateway_id: str, *, passed: bool = True) -> None:
        """The shopper proves who they are, or fails to."""
        with self._lock:
            held = self.payments[gateway_id]
            if passed:
                self._take_money(held)
            else:
                refusal = Refusal("authentication_failed", "the shopper was not recognized", "another_card")
                self._show(held, state=PaymentState.REQUIRES_PAYMENT_METHOD, refusal=refusal)

    def settle(self, gateway_id: str, *, succeeded: bool = True) -> None:
        """A payment or refund that was processing comes to its end."""
        with self._lock:
            if gateway_id in self.refunds:
                state = RefundState.SUCCEEDED if succeeded else RefundState.FAILED
                self.refunds[gateway_id] = replace(self.refunds[gateway_id], state=state)
            elif succeeded:
                self._take_money(self.payments[gateway_id])
            else:
                self._decline(self.payments[gateway_id])

    def refund_outside(self, gateway_id: str, money: Money) -> str:
        """A refund made in the gateway's dashboard; returns its id."""
        with self._lock:
            refund_id = f"R-{len(self.refunds) + 1}"
            self.refunds[refund_id] = RefundSeen(refund_id, gateway_id, RefundState.SUCCEEDED, money, self.live)
            return refund_id

    def dispute(self, gateway_id: str, money: Money, *, state: DisputeState = DisputeState.NEEDS_RESPONSE) -> str:
        """The shopper's bank claims money back, and the gateway withdraws it unless it is an inquiry; its id."""
        with self._lock:
            dispute_id = f"D-{len(self.disputes) + 1}"
            withdrawn = Money.zero(money.currency) if state.value.startswith("warning") else money
            self.disputes[dispute_id] = DisputeSeen(
                dispute_id, gateway_id, state, money, withdrawn, self.live, "fraudulent", datetime.now(UTC)
            )
            return dispute_id

    def close_dispute(self, dispute_id: str, state: DisputeState) -> None:
        """The shopper's bank decides; what was withdrawn comes back if we won."""
        with self._lock:
            dispute = self.disputes[dispute_id]
            withdrawn = dispute.money if state == DisputeState.LOST else Money.zero(dispute.money.currency)
            self.disputes[dispute_id] = replace(dispute, state=state, withdrawn=withdrawn)

    def charge_again(self, gateway_id: str, *, reference: str = "") -> str:
        """A second payment object with the same reference, or another system's, takes the same money; its id."""
        with self._lock:
            first = self.payments[gateway_id].seen
            second = replace(first, gateway_id=f"P-{len(self.payments) + 1}", captured=first.money)
            second = replace(second, state=PaymentState.SUCCEEDED, reference=reference or first.reference)
            self.payments[second.gateway_id] = _Payment(second, manual=False, successes=1)
            return second.gateway_id

    def settle_movement(
        self, kind: MovementKind, source_id: str, amount: Money, fee: int = 0, rate: Decimal | None = None
    ) -> None:
        """The gateway settles something: its balance moves by `amount` less `fee`, in the settlement currency."""
        now = datetime.now(UTC)
        seen = BalanceTransactionSeen(
            gateway_id=f"M-{len(self.movements) + 1}",
            kind=kind,
            category=kind.value,
            source_id=source_id,
            amount=amount,
            fee=Money(fee, amount.currency),
            net=amount - Money(fee, amount.currency),
            exchange_rate=rate,
            created_at=now,
            available_at=now,
        )
        self.movements.append(seen)

    def expire(self, gateway_id: str) -> None:
        """The gateway ends the payment by itself."""
        with self._lock:
            self._show(self.payments[gateway_id], state=PaymentState.CANCELED)

    def webhook(self, subject_id: str, *, event_id: str, kind: str = "payment") -> tuple[bytes, dict[str, str]]:
        """A signed notice: (body, headers). Made and never delivered, it is one that got lost: the list shows it."""
        event = {"id": event_id, "type": f"{kind}.changed", "kind": kind, "object": subject_id}
        body = json.dumps(event).encode()
        headers = {SIGNATURE: _sign(body)}
        if all(known.notice.event_id != event_id for known in self.events):
            self.events.append(ListedEvent(self.parse_webhook(body, headers), body))
        return body, headers

    @property
    def successful_charges(self) -> int:
        """How often money was taken or held, over all payments."""
        return sum(held.successes for held in self.payments.values())

    @property
    def only_payment(self) -> PaymentSeen:
        (held,) = self.payments.values()
        return held.seen

    def keys(self, method: str) -> list[str]:
        return [call.key for call in self.calls if call.method == method]

    # --- inside

    def _write(self, method: str, request: object, key: str, work: Callable[[], Answer]) -> Answer:
        with self._lock:
            self.calls.append(Call(method, key, request))
            step = self._next(method)
        if step.before:
            step.before()
        with self._lock:
            answer = step.answer
            if step.work:
                replayed = key in self._stored
                if not replayed:
                    self._stored[key] = work()
                answer = answer or _repeated(self._stored[key], replayed)
        if step.after:
            step.after()
        assert answer is not None and not isinstance(answer, (Found, Missing))
        return answer

    def _look(self, method: str, asked: str, find: Callable[[], Seen | None]) -> Lookup:
        with self._lock:
            self.looks.append(asked)
            step = self._next(method)
        if step.before:
            step.before()
        with self._lock:
            seen = find()
        if step.after:
            step.after()
        if step.answer is not None:
            assert isinstance(step.answer, (Found, Missing, DefinitelyNotSent, Unknown))
            return step.answer
        return Found(seen) if seen else Missing(f"no object {asked}")

    def _next(self, method: str) -> Step:
        script = self._scripts[method]
        return script.popleft() if script else normal()

    def _payment_seen(self, gateway_id: str) -> PaymentSeen | None:
        held = self.payments.get(gateway_id)
        return held.seen if held else None

    def _open(self, request: OpenPayment) -> Answer:
        gateway_id = f"P-{len(self.payments) + 1}"
        zero = Money.zero(request.money.currency)
        seen = PaymentSeen(
            gateway_id, PaymentState.REQUIRES_PAYMENT_METHOD, request.money, zero, zero, self.live, request.reference
        )
        self.payments[gateway_id] = _Payment(seen, manual=request.capture_method == CaptureMethod.MANUAL)
        return Succeeded(seen)

    def _confirm(self, request: ConfirmPayment) -> Answer:
        held = self.payments[request.gateway_id]
        if held.seen.state != PaymentState.REQUIRES_PAYMENT_METHOD:
            return Declined(Refusal("wrong_state", f"the payment is {held.seen.state}"), held.seen)
        if request.token == "tok_declined":
            self._decline(held)
            assert held.seen.refusal
            return Declined(held.seen.refusal, held.seen)
        if request.token == "tok_action":
            self._show(held, state=PaymentState.REQUIRES_ACTION, refusal=None)
            return RequiresAction(held.seen)
        if request.token == "tok_processing":
            self._show(held, state=PaymentState.PROCESSING, refusal=None, charge_id=self._next_charge(held))
            return Processing(held.seen)
        self._take_money(held)
        return Succeeded(held.seen)

    def _capture(self, request: CapturePayment) -> Answer:
        held = self.payments[request.gateway_id]
        if held.seen.state != PaymentState.REQUIRES_CAPTURE:
            return Declined(Refusal("wrong_state", f"the payment is {held.seen.state}"), held.seen)
        zero = Money.zero(request.money.currency)
        self._show(held, state=PaymentState.SUCCEEDED, captured=request.money, capturable=zero)
        return Succeeded(held.seen)

    def _cancel(self, request: CancelPayment) -> Answer:
        held = self.payments[request.gateway_id]
        if held.seen.state in (PaymentState.SUCCEEDED, PaymentState.PROCESSING, PaymentState.CANCELED):
            return Declined(Refusal("wrong_state", f"the payment is {held.seen.state}"), held.seen)
        self._show(held, state=PaymentState.CANCELED, capturable=Money.zero(held.seen.money.currency))
        return Succeeded(held.seen)

    def _refund(self, request: RefundPayment) -> Answer:
        given = sum(
            r.money.amount
            for r in self.refunds.values()
            if r.payment_gateway_id == request.gateway_id and r.state in (RefundState.PENDING, RefundState.SUCCEEDED)
        )
        if given + request.money.amount > self.payments[request.gateway_id].seen.captured.amount:
            return Declined(Refusal("too_much", "more than what is left"))
        refund_id = f"R-{len(self.refunds) + 1}"
        pends = request.reason == "pend"
        state = RefundState.PENDING if pends else RefundState.SUCCEEDED
        seen = RefundSeen(refund_id, request.gateway_id, state, request.money, self.live, request.reference)
        self.refunds[refund_id] = seen
        return Processing(seen) if pends else Succeeded(seen)

    def _take_money(self, held: _Payment) -> None:
        held.successes += 1
        zero = Money.zero(held.seen.money.currency)
        state = PaymentState.REQUIRES_CAPTURE if held.manual else PaymentState.SUCCEEDED
        captured, capturable = (zero, held.seen.money) if held.manual else (held.seen.money, zero)
        charge_id = self._next_charge(held)
        self._show(held, state=state, captured=captured, capturable=capturable, charge_id=charge_id, refusal=None)

    def _decline(self, held: _Payment) -> None:
        refusal = Refusal("insufficient_funds", "the bank said no", "another_card")
        charge_id = self._next_charge(held)
        self._show(held, state=PaymentState.REQUIRES_PAYMENT_METHOD, charge_id=charge_id, refusal=refusal)

    def _next_charge(self, held: _Payment) -> str:
        held.tries += 1
        return f"{held.seen.gateway_id}-try-{held.tries}"

    def _show(self, held: _Payment, **changes: object) -> None:
        held.seen = replace(held.seen, **changes)  # type: ignore[arg-type]  # replace() is typed by its fields


def _repeated(stored: Answer, replayed: bool) -> Answer:
    return stored if isinstance(stored, DefinitelyNotSent) else replace(stored, replayed=replayed)


def _sign(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()
