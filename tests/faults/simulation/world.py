"""What a schedule plays in: a clean shop, its gateway, its clock, and what was promised to whom."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail

from catalog.models import Variant
from catalog.stock import OutOfStock
from checkout.models import Order
from checkout.operations.attend import NotPossible
from checkout.operations.place_order import QuoteChanged
from payments.gateways import registry
from payments.models import Payment
from payments.operations.capturing import NotCapturable, NotVoidable
from payments.operations.collect import AmountNotChargeable, AttemptStillOpen, PaymentClosed
from payments.operations.refunding import NotRefundable
from payments.signals import payment_changed
from tests.faults.simulation.clock import Clock
from tests.faults.simulation.gateway.port import SimulatedGateway
from tests.faults.simulation.gateway.weather import Weather
from tests.faults.simulation.interleaving import Interleaving
from tests.faults.simulation.process import Process, live

Call = Callable[[], object]

ON_HAND = (2, 30)  # of each variant: one that is soon gone, and one of which there is enough

POLITE = (
    QuoteChanged,
    OutOfStock,
    AmountNotChargeable,
    AttemptStillOpen,
    PaymentClosed,
    NotRefundable,
    NotCapturable,
    NotVoidable,
    NotPossible,
)


class ReceiverTrouble(Exception):
    """A receiver of the shop fails, for a while."""


@dataclass
class FilledCart:
    """A cart and how many pieces were surely put in it, and at most: a process may die before it could say so."""

    pk: int
    put_in: int = 0
    tried: int = 0

    @property
    def email(self) -> str:
        return f"shopper{self.pk}@example.com"


@dataclass
class World:
    rng: Random
    clock: Clock
    gateway: SimulatedGateway
    variants: Sequence[Variant]
    staff: User
    story: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    accepted_events: set[str] = field(default_factory=set)
    delivered_to: int = 0
    refund_wishes: dict[uuid.UUID, int] = field(default_factory=dict)
    carts: list[FilledCart] = field(default_factory=list)
    runs: int = 0
    kills: int = 0
    mails_cut_short: int = 0
    receiver_troubles: int = 0
    tokens: int = 0
    calm: bool = False

    def token(self, kind: str) -> str:
        self.tokens += 1
        return f"tok_{kind}_{self.tokens}"

    def orders(self) -> list[Order]:
        return list(Order.objects.order_by("pk").select_related("payment__account"))

    def payment(self) -> Payment | None:
        """Any payment of the schedule."""
        payments = list(Payment.objects.order_by("pk"))
        return self.rng.choice(payments) if payments else None

    def tell(self, what: str) -> None:
        self.story.append(what)

    def run(self, *calls: Call, may_crash: bool = True) -> None:
        """Run the calls as processes of their own: one by itself, several interleaved; some die on the way."""
        self.runs += 1
        processes = [self._process(may_crash) for _ in calls]
        if len(calls) == 1:
            troubles: list[BaseException | None] = [self._alone(calls[0], processes[0])]
        else:
            stage = Interleaving(self.rng, self._meanwhile)
            troubles = stage.play(list(zip(calls, processes, strict=True)))
        for process, trouble in zip(processes, troubles, strict=True):
            self._note_end(process, trouble)

    def _alone(self, call: Call, process: Process) -> BaseException | None:
        try:
            live(process, call)
        except Exception as error:  # judged by the caller, like those of interleaved processes
            return error
        return None

    def _note_end(self, process: Process, trouble: BaseException | None) -> None:
        if process.dead:
            self.kills += 1
            self.tell(f"  killed at boundary {process.passed}")
        elif isinstance(trouble, POLITE):
            self.tell(f"  refused: {type(trouble).__name__}: {trouble}")
        elif trouble is not None:
            self.violations.append(f"an operation failed with {type(trouble).__name__}: {trouble}")

    def _process(self, may_crash: bool) -> Process:
        dies = may_crash and not self.calm and self.rng.random() < 0.25
        return Process(self.clock.now, dies_at=self.rng.randint(1, self.rng.choice([10, 40, 120])) if dies else None)

    def _meanwhile(self) -> None:
        if not self.calm and self.rng.random() < 0.01:
            self.clock.advance(timedelta(seconds=self.rng.choice([5, 61, 61, 1000])))

    def mails(self) -> Counter[str]:
        return Counter(address for message in mail.outbox for address in message.to)


_CURRENT: list[World] = []


def current_gateway() -> SimulatedGateway:
    """The factory that PAYMENT_GATEWAYS names."""
    return _CURRENT[-1].gateway


def fail_as_told(**_: object) -> None:
    """A receiver of the shop that fails as often as the schedule says."""
    if _CURRENT[-1].receiver_troubles:
        _CURRENT[-1].receiver_troubles -= 1
        raise ReceiverTrouble("a receiver failed")


def enter(seed: int, variants: Sequence[Variant], staff: User) -> World:
    """A world for this seed. The database must be clean."""
    rng = Random(seed)
    clock = Clock()
    gateway = SimulatedGateway(clock, rng, weather=Weather(rng.choice([0.0, 0.1, 0.3, 0.6])))
    gateway.find_lag = timedelta(seconds=rng.choice([0, 0, 60, 3600]))
    settings.CAPTURE_METHOD = rng.choice(["automatic", "automatic", "manual"])
    mail.outbox = []
    world = World(rng, clock, gateway, variants, staff)
    _CURRENT[:] = [world]
    registry.forget()
    payment_changed.connect(fail_as_told, dispatch_uid="simulation")
    return world
