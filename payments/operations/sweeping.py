"""Jobs are hints; these periodic looks at the rows themselves bring back whatever a lost job left behind."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from payments import queue
from payments.gateways.base import DefinitelyNotSent, Lookup, Missing, Unknown
from payments.models import Discrepancy, Dispute, Observation, Operation, Payment, Refund
from payments.operations.looking import NotOurs, look_at_dispute, look_at_payment, look_at_refund
from payments.states.apply import apply_or_park
from payments.states.discrepancies import open_discrepancy
from payments.states.schedule import check_interval
from payments.transactions import retried

logger = logging.getLogger(__name__)

Asked = Payment | Refund | Dispute

BATCH = 500
SWEPT_AGAIN_AFTER = timedelta(seconds=30)


@retried
def sweep_operations() -> int:
    """Enqueue every unsettled operation whose time has come and that nobody holds; returns how many."""
    with transaction.atomic():
        due = Operation.objects.filter(next_check_at__lte=Now(), status__in=Operation.UNSETTLED).exclude(
            leased_until__gt=Now()
        )
        ids = list(
            due.order_by("next_check_at").select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH]
        )
        Operation.objects.filter(pk__in=ids).update(next_check_at=Now() + SWEPT_AGAIN_AFTER)
        for operation_id in ids:
            queue.submit(operation_id)
    return len(ids)


def sweep_observations() -> int:
    """Try again to apply what is stored and not applied; returns how many were."""
    due = Observation.objects.filter(applied_at=None, next_try_at__lte=Now()).order_by("next_try_at")
    return sum(apply_or_park(pk) for pk in due.values_list("pk", flat=True)[:BATCH])


def ask_about_open_payments() -> int:
    """Ask the gateway about every open payment whose time has come; returns how many were asked about."""
    due = Payment.objects.filter(next_check_at__lte=Now()).exclude(gateway_id="").select_related("account")
    asked = 0
    for payment in due.order_by("next_check_at")[:BATCH]:
        if _take_turn(payment):
            _ask(payment)
            asked += 1
    return asked


def ask_about_pending_refunds() -> int:
    """Ask the gateway about every pending refund whose time has come; returns how many were asked about."""
    due = Refund.objects.filter(next_check_at__lte=Now()).exclude(gateway_id="").select_related("account")
    asked = 0
    for refund in due.order_by("next_check_at")[:BATCH]:
        if _take_turn(refund):
            _ask(refund)
            asked += 1
    return asked


def ask_about_open_disputes() -> int:
    """Ask the gateway about every open dispute whose time has come; returns how many were asked about."""
    due = Dispute.objects.filter(next_check_at__lte=Now()).select_related("account", "payment")
    asked = 0
    for dispute in due.order_by("next_check_at")[:BATCH]:
        if _take_turn(dispute):
            _ask(dispute)
            asked += 1
    return asked


def _take_turn(row: Asked) -> bool:
    """Put the row's next look off before looking, so that of several workers one asks, and a bad row blocks nobody."""
    still_due = type(row)._default_manager.filter(Q(pk=row.pk), next_check_at__lte=Now())
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
