"""After a schedule: the faults end, time passes, and everything that is due is done, until nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from payments.gateways.base import PaymentState, RefundState
from payments.models import Observation, Operation, Refund, WebhookEvent
from tests.faults.simulation import jobs
from tests.faults.simulation.gateway.weather import Weather
from tests.faults.simulation.invariants import broken_meanwhile
from tests.faults.simulation.people import decide
from tests.faults.simulation.steps.gateway import delivery
from tests.faults.simulation.world import World

# Long enough for each look that is put off at most six hours, and for an event's last try.
FIRST_WAITS_S = (61, 1000, 8 * 3600)
LATER_WAIT_S = 7 * 3600
MOST_ROUNDS = 30
LEFT_TO_THE_END = {"payments.compare_settlement"}  # an invariant of its own


def quiesce(world: World) -> None:
    """Let everything come to rest; what does not is found by the invariants."""
    _end_the_faults(world)
    for seconds in _waits():
        _settle_at_the_gateway(world)
        _deliver_events(world)
        _do_all_jobs(world)
        world.violations += broken_meanwhile(world)
        if seconds == LATER_WAIT_S:
            decide(world)
            if _nothing_is_due(world):
                break
        world.clock.advance(timedelta(seconds=seconds))
        world.gateway.books.end_old_authorizations()
    for name in ("payments.seal_audit", "payments.alert"):
        world.run(jobs.periodic()[name])


def _waits() -> Iterator[int]:
    yield from FIRST_WAITS_S
    yield from [LATER_WAIT_S] * MOST_ROUNDS


def _end_the_faults(world: World) -> None:
    world.tell("the faults end")
    world.calm = True
    world.receiver_troubles = 0
    world.gateway.weather = Weather()
    world.gateway.find_lag = timedelta(0)


def _settle_at_the_gateway(world: World) -> None:
    books = world.gateway.books
    for late in list(world.gateway.on_their_way):
        world.gateway.let_arrive(late)
    for intent in list(books.intents.values()):
        if intent.state == PaymentState.PROCESSING:
            books.take_money(intent)
    for refund in list(books.refunds.values()):
        if refund.state == RefundState.PENDING:
            books.settle_refund(refund, RefundState.SUCCEEDED)


def _deliver_events(world: World) -> None:
    """Half of what was never delivered is lost for good: the gateway's list of events tells of it."""
    for event in world.gateway.books.events[world.delivered_to :]:
        if event.id not in world.accepted_events and world.rng.random() < 0.5:
            world.run(delivery(world, event))
    world.delivered_to = len(world.gateway.books.events)


def _do_all_jobs(world: World) -> None:
    _do_waiting_jobs(world)
    for name, call in jobs.periodic().items():
        if name not in LEFT_TO_THE_END:
            world.run(call)
    _do_waiting_jobs(world)


def _do_waiting_jobs(world: World) -> None:
    while waiting := jobs.waiting():
        for job in waiting:
            jobs.take(job)
            world.run(job.run)


def _nothing_is_due(world: World) -> bool:
    return not (
        jobs.waiting()
        or Operation.objects.filter(status__in=Operation.UNSETTLED).exists()
        or Observation.objects.filter(applied_at=None).exists()
        or WebhookEvent.objects.exclude(next_try_at=None).exists()
        or WebhookEvent.objects.count() < len(world.gateway.books.events)
        or Refund.objects.exclude(next_check_at=None).exists()
    )
