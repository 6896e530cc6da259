"""Where only a person can tell what became of a write: they look in the gateway's dashboard and record what they found.

What they record is an observation like any other: it is stored, it names them, and it proves the outcome.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from payments.gateways.base import DefinitelyNotSent, Found, Missing, RefundSeen, Refusal, Subject, SubjectKind, Unknown
from payments.models import Observation, Operation, Refund
from payments.operations.clock import database_now
from payments.operations.lease import may_repeat
from payments.operations.looking import keep
from payments.states.apply import apply_or_park

Kind = Operation.Kind
DECIDABLE = (Kind.CAPTURE, Kind.REFUND, Kind.REVERSE)


class NotDecidable(ValueError):
    """The operation needs no person, or what was recorded does not fit it; the message says why."""


def is_decidable(operation: Operation) -> bool:
    """Whether a person may record its outcome: a capture, refund or reversal without one, which nobody repeats."""
    return not _obstacle(operation)


def record_not_done(operation: Operation, *, note: str, by: AbstractBaseUser) -> None:
    """Record that the gateway never did it: the operation fails, and what it reserved is free. Raises NotDecidable."""
    _ensure_decidable(operation)
    _record(operation, by, Observation.Verdict.DECLINED, None, Refusal("not_done", note), asked_at=database_now())


def record_done(operation: Operation, gateway_id: str, *, note: str, by: AbstractBaseUser) -> None:
    """Record that this refund at the gateway is what the operation did; it is fetched and compared first.

    Raises NotDecidable.
    """
    _ensure_decidable(operation)
    refund = operation.refund
    if refund is None:
        raise NotDecidable("A capture that was done shows in the payment itself: it is asked about by itself.")
    asked_at = database_now()
    seen = _refund_at_the_gateway(operation, refund, gateway_id)
    _record(operation, by, Observation.Verdict.SUCCEEDED, seen, Refusal("found", note), asked_at=asked_at)


def _refund_at_the_gateway(operation: Operation, refund: Refund, gateway_id: str) -> RefundSeen:
    account = operation.payment.account
    if not account.is_served:
        raise NotDecidable(f"The keys are of another mode than {account}: {gateway_id} cannot be asked about.")
    answer = account.adapter.fetch(Subject(SubjectKind.REFUND, gateway_id))
    match answer:
        case Found(RefundSeen() as seen):
            return _fitting(refund, seen)
        case Missing(reason):
            raise NotDecidable(f"The gateway has no refund {gateway_id}: {reason}")
        case Unknown() | DefinitelyNotSent():
            raise NotDecidable(f"The gateway cannot be asked about {gateway_id} now ({answer.reason}). Try again soon.")
    raise NotDecidable(f"{gateway_id} is no refund.")


def _fitting(refund: Refund, seen: RefundSeen) -> RefundSeen:
    if Refund.objects.filter(account=refund.account, gateway_id=seen.gateway_id).exclude(pk=refund.pk).exists():
        raise NotDecidable(f"{seen.gateway_id} is a refund of its own already: record this one as not done.")
    if seen.payment_gateway_id != refund.charged_as or seen.money != refund.money:
        raise NotDecidable(
            f"{seen.gateway_id} gives {seen.money} of {seen.payment_gateway_id} back; this is about {refund.money} of "
            f"{refund.charged_as}."
        )
    return seen


def _ensure_decidable(operation: Operation) -> None:
    if obstacle := _obstacle(Operation.objects.select_related("payment__account").get(pk=operation.pk)):
        raise NotDecidable(obstacle)


def _obstacle(operation: Operation) -> str:
    """Why nobody may record its outcome now; empty if somebody may. Once it may not be repeated, it never is again."""
    if operation.kind not in DECIDABLE or operation.status != Operation.Status.UNKNOWN:
        return f"This {operation.kind} is {operation.status}; there is nothing to decide."
    now = database_now()
    if operation.is_leased_at(now):
        return "The gateway is just being asked about it. Look again in a minute."
    if may_repeat(operation, now):
        return f"It may be repeated by itself until {operation.send_before:%Y-%m-%d %H:%M} UTC. Decide after that."
    return ""


def _record(
    operation: Operation,
    by: AbstractBaseUser,
    verdict: Observation.Verdict,
    seen: RefundSeen | None,
    told: Refusal,
    *,
    asked_at: datetime,
) -> None:
    observation = Observation.of(
        seen,
        payment=operation.payment,
        operation=operation,
        source=Observation.Source.PERSON,
        asked_at=asked_at,
        verdict=verdict,
        refusal=told,
    )
    observation.recorded_by_id = by.pk
    keep(observation)
    apply_or_park(observation.pk)
