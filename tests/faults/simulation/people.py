"""What is left to people: an outcome that nothing at the gateway shows, and that no repeat may end."""

from __future__ import annotations

from collections.abc import Iterator

from payments.models import Operation
from payments.operations.deciding import is_decidable, record_not_done
from tests.faults.simulation.world import World


def decide(world: World) -> None:
    """Staff look in the gateway's dashboard, find nothing, and record that it was not done."""
    for operation in list(without_trace(world)):
        world.tell(f"staff decide that {operation} was not done")
        record_not_done(operation, note="no trace in the dashboard", by=world.staff)


def without_trace(world: World) -> Iterator[Operation]:
    """The unknown operations that the gateway's own books do not show, and whose time to be repeated is over."""
    for operation in Operation.objects.filter(status=Operation.Status.UNKNOWN).select_related("refund", "payment"):
        is_over = operation.repeat_is_vain or operation.send_before < world.clock.now
        if is_decidable(operation) and is_over and not _is_shown(world, operation):
            yield operation


def _is_shown(world: World, operation: Operation) -> bool:
    books = world.gateway.books
    if operation.refund is None:
        return books.intents[operation.payment.gateway_id].captured > 0
    return any(made.reference == operation.refund.reference for made in books.refunds.values())
