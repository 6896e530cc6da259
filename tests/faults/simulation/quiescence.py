"""After a schedule: the faults end, time passes, and everything that is due is done, until nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from payments.gateways.base import PaymentState, RefundState, Subject, SubjectKind
from payments.models import Discrepancy, Observation, Operation, Refund, WebhookEvent
from tests.faults.simulation import jobs
from tests.faults.simulation.gateway.weather import Weather
from tests.faults.simulation.steps.gateway import delivery
from tests.faults.simulation.world import World

# Long enough for each look that is put off at most six hours, and for an event's last try.
FIRST_WAITS_S = (15, 61, 1000, 7 * 3600, 7 * 3600)
LATER_WAIT_S = 7 * 3600
MOST_ROUNDS = 30


def quiesce(world: World) -> None:
    """Let everything come to rest; what does not is found by the invariants."""
    _end_the_faults(world)
    for seconds in _waits():
        _settle_at_the_gateway(world)
        _deliver_events(world)
        _do_all_jobs(world)
        if seconds == LATER_WAIT_S and _nothing_is_due():
            break
        world.clock.advance(timedelta(seconds=seconds))
        world.gateway.books.end_old_authorizations(world.clock.now)
    _seal(world)


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
    for intent in list(books.intents.values()):
        if intent.state == PaymentState.PROCESSING:
            books.take_money(intent, world.clock.now)
    for refund in list(books.refunds.values()):
        if refund.state == RefundState.PENDING:
            books.settle_refund(refund, RefundState.SUCCEEDED, world.clock.now)


def _deliver_events(world: World) -> None:
    """Of the payments' events half are lost for good: what is open is asked about all the same."""
    for number, subject in enumerate(world.gateway.books.events, 1):
        if number > world.delivered_to:
            world.delivered_to = number
            if not _is_lost(world, subject) and f"evt_{number}" not in world.accepted_events:
                world.run(delivery(world, number))


def _is_lost(world: World, subject: Subject) -> bool:
    """Nothing but its event tells of an object that is not ours, of refunds and disputes made outside."""
    if subject.kind != SubjectKind.PAYMENT or world.gateway.books.intents[subject.gateway_id].is_second:
        return False
    return world.rng.random() < 0.5


def _do_all_jobs(world: World) -> None:
    while waiting := jobs.waiting():
        for job in waiting:
            jobs.take(job)
            world.run(job.run)
    for call in jobs.periodic().values():
        world.run(call)


def _nothing_is_due() -> bool:
    return not (
        jobs.waiting()
        or unsettled_and_not_with_a_person()
        or Observation.objects.filter(applied_at=None).exists()
        or WebhookEvent.objects.exclude(next_try_at=None).exists()
        or Refund.objects.exclude(next_check_at=None).exists()
    )


def unsettled_and_not_with_a_person() -> list[Operation]:
    stuck = set(
        Discrepancy.objects.filter(kind=Discrepancy.Kind.STUCK, resolved_at=None).values_list("subject", flat=True)
    )
    unsettled = Operation.objects.filter(status__in=Operation.UNSETTLED)
    return [operation for operation in unsettled if f"operation:{operation.pk}" not in stuck]


def _seal(world: World) -> None:
    world.run(jobs.periodic()["payments.seal_audit"])
