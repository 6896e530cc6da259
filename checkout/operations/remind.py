from __future__ import annotations

from checkout.models import Order, OrderEmail
from checkout.operations.emails import write_email
from payments.operations.progress import ProgressState, progress

_WAITS_FOR_THE_SHOPPER = (ProgressState.REQUIRES_ACTION, ProgressState.DECLINED)


def remind(order_id: int) -> None:
    """Send whoever left before the payment was finished a link to it, once for each order."""
    order = Order.objects.select_related("payment").get(pk=order_id)
    if order.payment is not None and progress(order.payment).state in _WAITS_FOR_THE_SHOPPER:
        write_email(order, OrderEmail.Kind.FINISH)
