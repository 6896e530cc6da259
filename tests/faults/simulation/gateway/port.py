"""The port over the gateway's books: each call passes through the weather, and may be overtaken or die on its way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from django.db import connection

from payments.gateways.base import (
    Answer,
    CancelPayment,
    CaptureMethod,
    CapturePayment,
    ClientConfig,
    ConfirmPayment,
    Declined,
    DefinitelyNotSent,
    Found,
    InvalidWebhook,
    ListedEvent,
    Lookup,
    Missing,
    NotChargeable,
    NotListed,
    OpenPayment,
    PaymentState,
    Processing,
    RefundPayment,
    RequiresAction,
    Seen,
    Subject,
    SubjectKind,
    Succeeded,
    Unknown,
    WebhookNotice,
)
from payments.gateways.settlement import BalanceSeen, BalanceTransactionSeen, Page, PayoutSeen
from payments.money import Money
from tests.faults.simulation.clock import Clock
from tests.faults.simulation.gateway.books import Books, Claim, Event, GivenBack, Intent, Refused
from tests.faults.simulation.gateway.keys import Keys, StoredAnswer, Work
from tests.faults.simulation.gateway.settlement import PAGE
from tests.faults.simulation.gateway.weather import Fate, Weather
from tests.faults.simulation.process import Process, boundary, current

T = TypeVar("T")
SIGNATURE = "X-Simulated-Signature"
CURRENCY = "EUR"
ON_THE_WAY_AT_MOST = timedelta(minutes=30)
_LEADS_TO: Mapping[PaymentState, Callable[..., Answer]] = {
    PaymentState.REQUIRES_ACTION: RequiresAction,
    PaymentState.PROCESSING: Processing,
}


@dataclass(frozen=True, eq=False)
class LateRequest:
    request: object
    key: str
    work: Work
    caller_started: datetime
    left_at: datetime


@dataclass
class SimulatedGateway:
    """`told` are (process, key) of every final answer that reached us; `find_lag` is how late the search index is.

    `confirmed_by` says when the process had started whose confirm of this key was worked on first.
    """

    clock: Clock
    rng: Random
    live: bool = False
    idempotency_window_s: int = 24 * 3600
    find_lag: timedelta = timedelta(0)
    books: Books = field(init=False)
    keys: Keys = field(default_factory=Keys)
    weather: Weather = field(default_factory=Weather)
    told: list[tuple[Process, str]] = field(default_factory=list)
    confirmed_by: dict[str, datetime] = field(default_factory=dict)
    misuse: list[str] = field(default_factory=list)
    on_their_way: list[LateRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.books = Books(self.clock)

    # --- writes

    def open_payment(self, request: OpenPayment, key: str) -> Answer:
        def work() -> Answer:
            manual = request.capture_method == CaptureMethod.MANUAL
            intent = self.books.open(request.reference, request.money, manual=manual)
            return Succeeded(intent.seen())

        return self._write(request, key, work)

    def confirm(self, request: ConfirmPayment, key: str) -> Answer:
        started = self._started()

        def work(intent: Intent) -> None:
            self.confirmed_by.setdefault(key, started)
            self.books.confirm(intent, request.token)

        return self._write(request, key, lambda: self._change(request.gateway_id, work))

    def capture(self, request: CapturePayment, key: str) -> Answer:
        def work(intent: Intent) -> None:
            self.books.capture(intent, request.money.amount)

        return self._write(request, key, lambda: self._change(request.gateway_id, work))

    def cancel(self, request: CancelPayment, key: str) -> Answer:
        return self._write(request, key, lambda: self._change(request.gateway_id, self.books.cancel))

    def refund(self, request: RefundPayment, key: str) -> Answer:
        def work() -> Answer:
            intent = self.books.intents[request.gateway_id]
            pends = request.reason.startswith("pend")
            made = self.books.refund(intent, request.money, request.reference, pends=pends)
            return Processing(made.seen()) if pends else Succeeded(made.seen())

        return self._write(request, key, work)

    # --- questions

    def retrieve_payment(self, gateway_id: str) -> Lookup:
        return self.fetch(Subject(SubjectKind.PAYMENT, gateway_id))

    def fetch(self, subject: Subject) -> Lookup:
        def find() -> Seen | None:
            match subject.kind:
                case SubjectKind.PAYMENT:
                    return _seen(self.books.intents.get(subject.gateway_id))
                case SubjectKind.REFUND:
                    return _seen(self.books.refunds.get(subject.gateway_id))
                case SubjectKind.DISPUTE:
                    return _seen(self.books.claims.get(subject.gateway_id))

        return self._ask(find)

    def find_by_reference(self, reference: str) -> Lookup:
        def find() -> Seen | None:
            indexed = self.clock.now - self.find_lag
            found = (i for i in self.books.intents.values() if i.reference == reference and i.created <= indexed)
            return next((intent.seen() for intent in found), None)

        return self._ask(find)

    def find_refund(self, payment_gateway_id: str, reference: str) -> Lookup:
        def find() -> Seen | None:
            found = (r for r in self.books.refunds.values() if r.reference == reference)
            return next((refund.seen() for refund in found), None)

        return self._ask(find)

    def list_events(self, since: datetime, after: str) -> Page[ListedEvent] | NotListed:
        def read() -> Page[ListedEvent]:
            newest = [event for event in reversed(self.books.events) if event.at >= since]
            start = next((number + 1 for number, event in enumerate(newest) if event.id == after), 0)
            shown = tuple(ListedEvent(_notice(event), b"{}") for event in newest[start : start + PAGE])
            return Page(shown, shown[-1].notice.event_id if newest[start + PAGE :] else "")

        return self._list(read)

    def list_balance_transactions(self, since: datetime, after: str) -> Page[BalanceTransactionSeen] | NotListed:
        return self._list(lambda: self.books.settlement.movements_page(since, after))

    def retrieve_balance(self) -> BalanceSeen | NotListed:
        return self._list(lambda: self.books.settlement.balance(CURRENCY))

    def list_payouts(self, since: datetime, after: str) -> Page[PayoutSeen] | NotListed:
        return self._list(lambda: self.books.settlement.payouts_page(since))

    def client_secret(self, gateway_id: str) -> str | None:
        return f"{gateway_id}_secret"

    def client_config(self, money: Money, capture_method: CaptureMethod) -> ClientConfig:
        return ClientConfig("simulated", "https://gateway.example/fields.js", {})

    def chargeable(self, money: Money) -> NotChargeable | None:
        return None

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNotice:
        if headers.get(SIGNATURE) != "valid":
            raise InvalidWebhook("the signature does not fit")
        name = json.loads(body)["id"]
        return _notice(next(event for event in self.books.events if event.id == name))

    # --- inside

    def _write(self, request: object, key: str, work: Work) -> Answer:
        self._witness_call(request)
        boundary("the call leaves")
        fate = self.weather.draw(self.rng)
        if fate is Fate.UNREACHABLE:
            return DefinitelyNotSent("connection refused")
        if fate is Fate.TURNED_AWAY:
            return Unknown("HTTP 429", retry_after_s=float(self.rng.choice([1, 30, 300])))
        if fate is Fate.ARRIVES_LATE:
            self.on_their_way.append(LateRequest(request, key, work, self._started(), self.clock.now))
            return Unknown("timed out while the request was on its way")
        if fate is Fate.LOST_BEFORE:
            return Unknown("timed out before the request arrived")
        if not self.keys.arrive(key, request, self.clock.now, self._started()):
            return Unknown("HTTP 409")
        try:
            answer = self._answer(request, key, work, fate)
            boundary("the answer is on its way")
        finally:
            self.keys.leave(key)
        if fate is Fate.LOST_AFTER:
            return Unknown("timed out after the work was done")
        return self._tell(key, answer)

    def let_arrive(self, late: LateRequest) -> None:
        """Work on a request whose caller has long given up; one that is too old was lost on its way."""
        self.on_their_way.remove(late)
        if self.clock.now - late.left_at > ON_THE_WAY_AT_MOST:
            return
        if self.keys.arrive(late.key, late.request, self.clock.now, late.caller_started):
            self._answer(late.request, late.key, late.work, Fate.WELL)
            self.keys.leave(late.key)

    def _answer(self, request: object, key: str, work: Work, fate: Fate) -> Answer:
        """The stored answer of the key, or the work's, or a 500 that is stored."""
        if known := self.keys.known(key, self.clock.now):
            return _replayed(known)
        answer: Answer = Unknown("HTTP 500")
        if fate is not Fate.ERROR_BEFORE:
            done = self._do(work)
            answer = answer if fate is Fate.ERROR_AFTER else done
        self.keys.store(key, request, self.clock.now, answer)
        return answer

    def _do(self, work: Work) -> Answer:
        try:
            return work()
        except Refused as refused:
            return Declined(refused.refusal, refused.seen)

    def _change(self, gateway_id: str, work: Callable[[Intent], None]) -> Answer:
        intent = self.books.intents[gateway_id]
        work(intent)
        return _LEADS_TO.get(intent.state, Succeeded)(intent.seen())

    def _tell(self, key: str, answer: Answer) -> Answer:
        process = current()
        if process is not None and not isinstance(answer, Unknown):
            self.told.append((process, key))
        return answer

    def _ask(self, find: Callable[[], Seen | None]) -> Lookup:
        def look() -> Found | Missing:
            seen = find()
            return Found(seen) if seen else Missing("no such object")

        return self._list(look)

    def _list(self, read: Callable[[], T]) -> T | DefinitelyNotSent | Unknown:
        self._witness_call("a question")
        boundary("the question leaves")
        fate = self.weather.draw(self.rng)
        if fate is Fate.UNREACHABLE:
            return DefinitelyNotSent("connection refused")
        if fate is not Fate.WELL:
            return Unknown("no answer")
        answer = read()
        boundary("the answer is on its way")
        return answer

    def _started(self) -> datetime:
        process = current()
        return process.started if process is not None else self.clock.now

    def _witness_call(self, request: object) -> None:
        if connection.in_atomic_block:
            self.misuse.append(f"{request} was sent inside a transaction")


def _notice(event: Event) -> WebhookNotice:
    return WebhookNotice(event.id, f"{event.subject.kind}.changed", False, event.at, event.subject)


def _seen(found: Intent | GivenBack | Claim | None) -> Seen | None:
    return found.seen() if found else None


def _replayed(known: StoredAnswer) -> Answer:
    return known.answer if isinstance(known.answer, DefinitelyNotSent) else replace(known.answer, replayed=True)
