from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Now

from checkout.models import Order
from payments.models import Discrepancy
from payments.operations.expiring import WAITS_FOR_THE_SHOPPER, expire
from payments.states.discrepancies import open_discrepancy
from payments.transactions import is_passing

logger = logging.getLogger(__name__)

BATCH = 200
_SUBJECT = "expiry:"


def expire_unpaid_orders() -> int:
    """Have the payments of orders canceled that nobody paid in ORDER_EXPIRES_AFTER_MINUTES; returns how many.

    The order itself ends when the gateway confirmed it, by `checkout.receivers`.
    """
    limit = Now() - timedelta(minutes=settings.ORDER_EXPIRES_AFTER_MINUTES)
    unpaid = Order.objects.filter(
        status=Order.Status.PLACED, placed_at__lt=limit, payment__status__in=WAITS_FOR_THE_SHOPPER
    )
    idle = unpaid.exclude(payment__operations__status__in=("created", "in_flight", "unknown"))
    expired = sum(_expire(order) for order in _in_batches(idle.select_related("payment")))
    _close_what_is_over()
    return expired


def _in_batches(orders: QuerySet[Order]) -> Iterator[Order]:
    """All of them, a batch in memory at a time: those that cannot be ended keep no other from its turn."""
    last = 0
    while batch := list(orders.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _expire(order: Order) -> bool:
    """True if the order ends now or is about to. Where it cannot, staff see why, and the others end all the same."""
    assert order.payment is not None  # the query asks for its status
    try:
        expires = expire(order.payment)
    except Exception as error:  # the outermost edge: whoever listens to payments may raise anything
        logger.exception("order_not_expired", extra={"order": order.number})
        if is_passing(error):
            return False  # nothing is wrong with this order: a busy database is no person's to mend
        told = f"Order {order.number} could not be ended: {type(error).__name__}: {error}. It is tried again by itself."
        open_discrepancy(Discrepancy.Kind.NOT_APPLIED, f"{_SUBJECT}{order.number}", told, order.payment)
        return False
    if expires:
        logger.info("order_expires", extra={"order": order.number})
    return expires


def _close_what_is_over() -> None:
    """An order that ended after all, or was paid meanwhile, is nothing for staff any more."""
    told = Discrepancy.objects.filter(kind=Discrepancy.Kind.NOT_APPLIED, subject__startswith=_SUBJECT, resolved_at=None)
    over = told.exclude(payment__order__status=Order.Status.PLACED)
    over.update(resolved_at=Now(), resolution="The order ended by a later try, or was paid meanwhile.")
