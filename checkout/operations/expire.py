from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from checkout.models import Order
from payments.operations.expiring import WAITS_FOR_THE_SHOPPER, expire

logger = logging.getLogger(__name__)

BATCH = 200


def expire_unpaid_orders() -> int:
    """Have the payments of orders canceled that nobody paid in ORDER_EXPIRES_AFTER_MINUTES; returns how many.

    The order itself ends when the gateway confirmed it, by `checkout.receivers`.
    """
    limit = Now() - timedelta(minutes=settings.ORDER_EXPIRES_AFTER_MINUTES)
    unpaid = Order.objects.filter(
        status=Order.Status.PLACED, placed_at__lt=limit, payment__status__in=WAITS_FOR_THE_SHOPPER
    )
    idle = unpaid.exclude(payment__operations__status__in=("created", "in_flight", "unknown"))
    expired = 0
    for order in idle.select_related("payment").order_by("placed_at")[:BATCH]:
        if order.payment is not None and expire(order.payment):
            logger.info("order_expires", extra={"order": order.number})
            expired += 1
    return expired
