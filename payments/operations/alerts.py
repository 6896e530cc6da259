"""Tell staff what takes too long. Age alerts and decides nothing: what is unknown stays unknown until it is proven."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat, Now

from payments.audit.sealing import newest_seal_fits
from payments.models import Discrepancy, Observation, Operation, PendingSeal
from payments.states.apply import tell_not_applied
from payments.states.discrepancies import close_discrepancy, open_discrepancy, stuck_subject

UNKNOWN_FOR = timedelta(minutes=10)
UNSEALED_FOR = timedelta(minutes=1)
BATCH = 500

UNSEALED = "audit:unsealed"


def alert_about_unknown() -> int:
    """Put every operation before staff that was sent a while ago and whose outcome is not known; returns how many."""
    unknown = Operation.objects.filter(status=Operation.Status.UNKNOWN, first_sent_at__lt=Now() - UNKNOWN_FOR)
    return _tell_stuck(
        unknown.order_by("first_sent_at"),
        lambda operation: (
            f"The outcome of {operation} has been unknown since {operation.first_sent_at:%Y-%m-%d %H:%M} UTC: "
            f"{operation.last_error or 'no answer yet'}. The gateway is asked again by itself."
        ),
    )


def alert_about_unsent() -> int:
    """Put each capture, refund and reversal before staff that failed to leave for the gateway; returns how many.

    They have no shopper who would notice, and stay to be sent for days. What only waits for an earlier operation has
    no error and is not told.
    """
    failing = Operation.objects.filter(
        status=Operation.Status.CREATED,
        kind__in=(Operation.Kind.CAPTURE, *Operation.GIVES_BACK),
        created_at__lt=Now() - UNKNOWN_FOR,
        next_check_at__isnull=False,
    ).exclude(last_error="")
    return _tell_stuck(
        failing.order_by("created_at"),
        lambda operation: (
            f"{operation} has waited to be sent since {operation.created_at:%Y-%m-%d %H:%M} UTC: "
            f"{operation.last_error}. It is tried again by itself until {operation.send_before:%Y-%m-%d %H:%M} UTC."
        ),
    )


def _tell_stuck(stuck: QuerySet[Operation], explain: Callable[[Operation], str]) -> int:
    """Put each before staff, once: its discrepancy closes itself with the operation. Returns how many there are."""
    untold = stuck.exclude(_is_told(Discrepancy.Kind.STUCK, "operation", "pk")).select_related("payment")
    for operation in untold[:BATCH]:
        open_discrepancy(Discrepancy.Kind.STUCK, stuck_subject(operation), explain(operation), operation.payment)
    return stuck.count()


def alert_about_unapplied() -> int:
    """Put every fact before staff that still cannot be applied after a while, whatever the reason; returns how many."""
    waiting = Observation.objects.filter(applied_at=None, apply_tries__gt=0, answered_at__lt=Now() - UNKNOWN_FOR)
    untold = waiting.exclude(_is_told(Discrepancy.Kind.NOT_APPLIED, "payment", "payment_id"))
    for observation in untold.select_related("payment").order_by("pk")[:BATCH]:
        tell_not_applied(observation, observation.apply_error)
    return waiting.count()


def _is_told(kind: Discrepancy.Kind, about: str, column: str) -> Exists:
    """Whether a discrepancy about the row is open, so that of many rows those are told next that were not yet."""
    subject = Concat(Value(f"{about}:"), Cast(OuterRef(column), CharField()))
    return Exists(Discrepancy.objects.filter(kind=kind, subject=subject, resolved_at=None))


def alert_about_unsealed() -> bool:
    """Put it before staff when audit entries wait too long for their seal; True while they do."""
    waiting = PendingSeal.objects.filter(written_at__lt=Now() - UNSEALED_FOR).exists()
    if waiting:
        open_discrepancy(
            Discrepancy.Kind.STUCK,
            UNSEALED,
            f"Audit entries wait for their seal for more than a minute. {_why_unsealed()}",
            None,
        )
    else:
        close_discrepancy(Discrepancy.Kind.STUCK, UNSEALED, "All entries are sealed.")
    return waiting


def _why_unsealed() -> str:
    if newest_seal_fits():
        return "Is a worker running?"
    return (
        "The newest seal does not fit AUDIT_SEAL_KEY, and nothing is sealed after it: the key is another one than the "
        "trail was sealed under, or somebody changed that seal or the one before. verify_audit names what does not fit."
    )
