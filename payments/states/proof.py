"""What an observation proves about an operation whose outcome we do not know.

Nothing here decides by age: either the gateway's object shows the outcome, or nothing is proven.
"""

from __future__ import annotations

from payments.gateways.base import PaymentSeen, PaymentState, RefundSeen
from payments.models import Observation, Operation

Status = Operation.Status
Kind = Operation.Kind

_CONFIRM_TAKEN = (
    PaymentState.REQUIRES_ACTION,
    PaymentState.PROCESSING,
    PaymentState.REQUIRES_CAPTURE,
    PaymentState.SUCCEEDED,
)


def proven_outcome(operation: Operation, observation: Observation) -> Status | None:
    """SUCCEEDED when the gateway took the write, FAILED when it never will, None when this proves neither."""
    seen = observation.seen
    if isinstance(seen, RefundSeen):
        return _of_refund(operation, seen)
    if not isinstance(seen, PaymentSeen) or operation.gives_back:
        return None
    if operation.kind == Kind.OPEN:
        return Status.SUCCEEDED
    if seen.state == PaymentState.CANCELED:
        return Status.SUCCEEDED if operation.kind == Kind.VOID else Status.FAILED
    if operation.first_sent_at is None or observation.asked_at < operation.first_sent_at:
        return None
    if operation.is_confirm:
        return _of_confirm(operation, seen)
    if operation.kind == Kind.CAPTURE:
        return Status.SUCCEEDED if seen.captured >= operation.money else None
    return Status.FAILED if seen.state == PaymentState.SUCCEEDED else None  # money taken can no longer be voided


def _of_confirm(operation: Operation, seen: PaymentSeen) -> Status | None:
    if seen.state in _CONFIRM_TAKEN:
        return Status.SUCCEEDED
    return Status.FAILED if shows_new_charge(operation, seen) else None


def shows_new_charge(operation: Operation, seen: PaymentSeen) -> bool:
    """Whether the object's newest charge came with this confirm: an older one says nothing about it."""
    known_before = operation.attempt.charge_known_before if operation.attempt else ""
    return bool(seen.charge_id) and seen.charge_id != known_before


def _of_refund(operation: Operation, seen: RefundSeen) -> Status | None:
    if operation.gives_back and operation.refund and seen.reference == operation.refund.reference:
        return Status.SUCCEEDED
    return None
