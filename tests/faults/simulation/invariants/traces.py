"""Nothing that reached us is forgotten, and nothing stays open but what is a person's to decide."""

from __future__ import annotations

from collections.abc import Iterator

from payments.gateways.base import DisputeState, RefundState
from payments.models import AuditEntry, Discrepancy, Observation, Operation, Payment, Refund, WebhookEvent
from tests.faults.simulation import jobs
from tests.faults.simulation.world import World

Kind = Discrepancy.Kind
_ENDED = {
    "payment": ("succeeded", "canceled", "failed"),
    "attempt": ("succeeded", "declined", "canceled", "expired"),
    "operation": ("succeeded", "failed"),
    "refund": ("succeeded", "failed", "canceled"),
}
_RUNNING = {
    "payment": ("processing", "requires_action", "requires_payment_method", "requires_capture"),
    "attempt": ("created", "submitted", "requires_action", "processing"),
    "operation": ("created", "in_flight", "unknown"),
    "refund": ("requested", "pending"),
}
AWAITS_AN_ANSWER = (DisputeState.NEEDS_RESPONSE, DisputeState.WARNING_NEEDS_RESPONSE)


def no_event_is_forgotten(world: World) -> Iterator[str]:
    rows = {event.event_id: event for event in WebhookEvent.objects.defer("body")}
    for event_id in sorted(world.accepted_events - rows.keys()):
        yield f"{event_id} was accepted and is in no row"
    for event in rows.values():
        if event.status not in (WebhookEvent.Status.PROCESSED, WebhookEvent.Status.KEPT):
            yield f"{event.event_id} is {event.status} after {event.tries} tries: {event.last_error}"
    for lost in world.gateway.books.events:
        if lost.id not in rows:
            yield f"{lost.id} never came, and was not found in the gateway's list"


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
    for operation in Operation.objects.filter(status__in=Operation.UNSETTLED):
        yield f"operation {operation.pk} stays {operation.status}: {operation} {operation.last_error}"
    for observation in Observation.objects.filter(applied_at=None):
        yield f"observation {observation.pk} is not applied: {observation.apply_error}"
    yield from (f"the job {job} is left" for job in jobs.waiting())


def nothing_goes_backwards(world: World) -> Iterator[str]:
    """What has ended does not begin again, told by the audit trail: a rule of the simulation's own."""
    for entry in AuditEntry.objects.filter(object_type__in=_ENDED):
        before, after = entry.before.get("status"), entry.after.get("status")
        if before in _ENDED[entry.object_type] and after in _RUNNING[entry.object_type]:
            yield f"{entry.object_type} {entry.object_id} went from {before} back to {after}"


def discrepancies_have_a_reason(world: World) -> Iterator[str]:
    for discrepancy in Discrepancy.objects.filter(resolved_at=None):
        if not _is_explained(world, discrepancy):
            yield f"{discrepancy}: {discrepancy.explanation}"


def _is_explained(world: World, discrepancy: Discrepancy) -> bool:
    match discrepancy.kind:
        case Kind.MISMATCH:
            return _is_an_unused_object(world, discrepancy.subject)
        case Kind.REFUND:
            return _failed_at_the_gateway(world, int(discrepancy.subject.removeprefix("refund:")))
        case Kind.CAPTURE:
            return _took_nothing(world, int(discrepancy.subject.removeprefix("capture:")))
        case Kind.SURPLUS:
            return any(intent.is_second for intent in world.gateway.books.intents.values())
        case Kind.DISPUTED:
            return world.gateway.books.claims[discrepancy.subject.removeprefix("dispute:")].state in AWAITS_AN_ANSWER
        case Kind.EXCESS:
            return bool(world.gateway.books.claims)
        case Kind.CONTRADICTION:
            return any(intent.used_outside for intent in world.gateway.books.intents.values())
        case Kind.ORDER:
            return _waits_for_staff(world, *discrepancy.subject.split(":"))
    return False


def _waits_for_staff(world: World, what: str, number: str) -> bool:
    """The order itself does, or only what stayed here of its money."""
    order = next(order for order in world.orders() if order.number == number)
    return bool(order.left_amount) if what == "left" else order.status == order.Status.NEEDS_ATTENTION


def _took_nothing(world: World, payment_id: int) -> bool:
    return not world.gateway.books.intents[Payment.objects.get(pk=payment_id).gateway_id].captured


def _failed_at_the_gateway(world: World, refund_id: int) -> bool:
    """Whether nothing of it was given back, says the gateway."""
    refund = Refund.objects.get(pk=refund_id)
    made = [given for given in world.gateway.books.refunds.values() if given.reference == refund.reference]
    return refund.status == Refund.Status.FAILED and all(given.state == RefundState.FAILED for given in made)


def _is_an_unused_object(world: World, gateway_id: str) -> bool:
    """An opening was repeated with a new key: its first object is never confirmed."""
    intent = world.gateway.books.intents.get(gateway_id)
    return intent is not None and not Payment.objects.filter(gateway_id=intent.id).exists() and not intent.charges
