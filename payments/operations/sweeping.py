"""Jobs are hints; these periodic looks at the rows themselves bring back whatever a lost job left behind."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from payments import queue
from payments.gateways.base import DefinitelyNotSent, Lookup, Missing, Unknown
from payments.models import Discrepancy, Dispute, Observation, Operation, Payment, Refund
from payments.operations.breaker import asked_for_now
from payments.operations.looking import NotOurs, look_at_dispute, look_at_payment, look_at_refund
from payments.states.apply import apply_or_park
from payments.states.discrepancies import open_discrepancy
from payments.states.schedule import check_interval
from payments.transactions import retried

logger = logging.getLogger(__name__)

Asked = Payment | Refund | Dispute

BATCH = 500
SWEPT_AGAIN_AFTER = timedelta(seconds=30)
ASKING_FOR_S = 30.0


@retried
def sweep_operations() -> int:
    """Enqueue every unsettled operation whose time has come and that nobody holds; returns how many."""
    with transaction.atomic():
        ids = list(_due_operations().values_list("pk", flat=True)[:BATCH])
        Operation.objects.filter(pk__in=ids).update(next_check_at=Now() + SWEPT_AGAIN_AFTER)
        if ids:
            queue.submit(*ids)
    return len(ids)


def _due_operations() -> QuerySet[Operation]:
    """Those of a paused gateway wait for the end of its pause, unless they were never sent and it is too late now."""
    too_late = Q(status=Operation.Status.CREATED, send_before__lt=Now())
    due = Operation.objects.filter(asked_for_now("payment__account") | too_late)
    due = due.filter(next_check_at__lte=Now(), status__in=Operation.UNSETTLED).exclude(leased_until__gt=Now())
    return due.order_by("next_check_at", "pk").select_for_update(skip_locked=True, of=("self",))


def sweep_observations() -> int:
    """Try again to apply what is stored and not applied; returns how many were."""
    due = Observation.objects.filter(applied_at=None, next_try_at__lte=Now()).order_by("next_try_at", "pk")
    return sum(apply_or_park(pk) for pk in due.values_list("pk", flat=True)[:BATCH])


def ask_about_open_payments() -> int:
    """Ask the gateway about every open payment whose time has come; returns how many were asked about."""
    return _ask_about(Payment.objects.exclude(gateway_id="").select_related("account"))


def ask_about_pending_refunds() -> int:
    """Ask the gateway about every pending refund whose time has come; returns how many were asked about."""
    return _ask_about(Refund.objects.exclude(gateway_id="").select_related("account"))


def ask_about_open_disputes() -> int:
    """Ask the gateway about every open dispute whose time has come; returns how many were asked about."""
    return _ask_about(Dispute.objects.select_related("account", "payment"))


def _ask_about(rows: QuerySet[Payment] | QuerySet[Refund] | QuerySet[Dispute]) -> int:
    """One by one, those of a paused gateway not at all; what is left when the time is over is for the next time."""
    due = rows.filter(asked_for_now("account"), next_check_at__lte=Now()).order_by("next_check_at", "pk")[:BATCH]
    asked, end = 0, time.monotonic() + ASKING_FOR_S
    for row in due:
        if time.monotonic() > end:
            break
        if _take_turn(row):
            _ask(row)
            asked += 1
    return asked


def _take_turn(row: Asked) -> bool:
    """Put the row's next look off before looking, so that of several workers one asks, and a bad row blocks nobody."""
    still_due = type(row)._default_manager.filter(asked_for_now("account"), pk=row.pk, next_check_at__lte=Now())
    return bool(still_due.update(next_check_at=Now() + check_interval(row.checks), checks=F("checks") + 1))


def _ask(row: Asked) -> None:
    try:
        answer = _look(row)
    except NotOurs as error:
        _report(row, str(error))
        return
    match answer:
        case Missing(reason):
            _report(row, f"the gateway has no object {row.gateway_id}: {reason}")
        case Unknown() | DefinitelyNotSent():
            logger.warning("gateway_not_reached", extra={"gateway_id": row.gateway_id, "reason": answer.reason})


def _look(row: Asked) -> Lookup | Observation:
    match row:
        case Payment():
            return look_at_payment(row)
        case Refund():
            return look_at_refund(row)
        case Dispute():
            return look_at_dispute(row)


def _report(row: Asked, trouble: str) -> None:
    payment = row if isinstance(row, Payment) else row.payment
    open_discrepancy(Discrepancy.Kind.MISMATCH, row.gateway_id, trouble, payment)
