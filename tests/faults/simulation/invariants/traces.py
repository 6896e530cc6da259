"""Nothing that reached us is forgotten, and nothing stays open but what is a person's to decide."""

from __future__ import annotations

from collections.abc import Iterator

from payments.gateways.base import DisputeState
from payments.models import Discrepancy, Observation, Operation, Payment, WebhookEvent
from tests.faults.simulation import jobs
from tests.faults.simulation.quiescence import unsettled_and_not_with_a_person
from tests.faults.simulation.world import World

Kind = Discrepancy.Kind
AWAITS_AN_ANSWER = (DisputeState.NEEDS_RESPONSE, DisputeState.WARNING_NEEDS_RESPONSE)


def no_event_is_forgotten(world: World) -> Iterator[str]:
    rows = {event.event_id: event for event in WebhookEvent.objects.defer("body")}
    for event_id in sorted(world.accepted_events - rows.keys()):
        yield f"{event_id} was accepted and is in no row"
    for event in rows.values():
        if event.status in WebhookEvent.WAITING and event.next_try_at is None:
            parked = Discrepancy.objects.filter(kind=Kind.UNMATCHED, subject=event.subject_id)
            if not parked.exists():
                yield f"{event.event_id} is {event.status}, nobody looks again and no person was told"
        elif event.next_try_at is not None:
            yield f"{event.event_id} still waits: {event.last_error}"


def no_answer_is_forgotten(world: World) -> Iterator[str]:
    """Every final answer that a living process got is stored as it came, whatever happened when it was applied."""
    stored = set(
        Observation.objects.filter(source=Observation.Source.RESPONSE).values_list(
            "operation__idempotency_key", flat=True
        )
    )
    kept = {str(key) for key in stored}
    for process, key in world.gateway.told:
        if not process.dead and key not in kept:
            yield f"the answer to {key} reached us and was not stored"


def nothing_stays_open(world: World) -> Iterator[str]:
    for operation in unsettled_and_not_with_a_person():
        yield f"operation {operation.pk} stays {operation.status}: {operation} {operation.last_error}"
    for observation in Observation.objects.filter(applied_at=None):
        yield f"observation {observation.pk} is not applied: {observation.apply_error}"
    yield from (f"the job {job} is left" for job in jobs.waiting())


def discrepancies_have_a_reason(world: World) -> Iterator[str]:
    for discrepancy in Discrepancy.objects.filter(resolved_at=None):
        if not _is_explained(world, discrepancy):
            yield f"{discrepancy}: {discrepancy.explanation}"


def _is_explained(world: World, discrepancy: Discrepancy) -> bool:
    match discrepancy.kind:
        case Kind.STUCK:
            return _is_without_trace(world, discrepancy)
        case Kind.MISMATCH:
            return _is_an_unused_object(world, discrepancy.subject)
        case Kind.SETTLEMENT:
            return True  # told while our row was still on its way; `settlement_compares` says that all agrees now
        case Kind.SURPLUS:
            return any(intent.is_second for intent in world.gateway.books.intents.values())
        case Kind.DISPUTED:
            return world.gateway.books.claims[discrepancy.subject.removeprefix("dispute:")].state in AWAITS_AN_ANSWER
        case Kind.EXCESS:
            return bool(world.gateway.books.claims)
    return False


def _is_an_unused_object(world: World, gateway_id: str) -> bool:
    """An opening was repeated with a new key: its first object is never confirmed."""
    intent = world.gateway.books.intents.get(gateway_id)
    return intent is not None and not Payment.objects.filter(gateway_id=intent.id).exists() and not intent.charges


def _is_without_trace(world: World, discrepancy: Discrepancy) -> bool:
    """A capture or refund whose answers were all lost and which the gateway does not show."""
    operation = Operation.objects.get(pk=int(discrepancy.subject.removeprefix("operation:")))
    books = world.gateway.books
    if operation.kind == Operation.Kind.CAPTURE:
        return books.intents[operation.payment.gateway_id].captured == 0
    if operation.refund is not None:
        return not any(made.reference == operation.refund.reference for made in books.refunds.values())
    return False
