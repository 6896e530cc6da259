"""What happens to an order when its money comes or goes. Locks: the payment's, then the order's, then stock rows."""

from __future__ import annotations

from django.db import transaction

from catalog.stock import OutOfStock, StockLine, put_back, release, reserve, sell
from checkout.models import Order, OrderEmail, OrderLine
from checkout.operations.emails import write_email
from payments.models import Discrepancy
from payments.states.discrepancies import open_discrepancy

Status = Order.Status


def confirm(order: Order) -> None:
    """The order is paid, authorized or free: sell what was reserved for it, and send the receipt."""
    if order.status == Status.CANCELLED:
        _revive(order)
    elif order.status == Status.PLACED:
        _set_status(order, Status.CONFIRMED)
        write_email(order, OrderEmail.Kind.RECEIPT)
        sell(_references(order))


def cancel(order: Order) -> None:
    """Nothing will be paid: tell the shopper, who may have left while that was not known; the stock is free again."""
    before = order.status
    if before not in (Status.PLACED, Status.CONFIRMED):
        return
    _set_status(order, Status.CANCELLED)
    write_email(order, OrderEmail.Kind.ENDED)
    if before == Status.PLACED:
        release(_references(order))
    else:
        put_back([_again(line, line.quantity) for line in order.lines.all()], note="authorization ended")


def _revive(order: Order) -> None:
    """Money came for an order that was given up: keep it if the stock is still there, else a person must look."""
    lines = list(order.lines.all())
    try:
        with transaction.atomic():
            reserve([_again(line, line.quantity) for line in lines])
            sell([_again(line, line.quantity).reference for line in lines])
    except OutOfStock as shortage:
        _set_status(order, Status.NEEDS_ATTENTION)
        _tell_staff(order, shortage)
    else:
        _set_status(order, Status.CONFIRMED)
    write_email(order, OrderEmail.Kind.RECEIPT)


def _tell_staff(order: Order, shortage: OutOfStock) -> None:
    open_discrepancy(
        Discrepancy.Kind.ORDER,
        f"order:{order.number}",
        f"Order {order.number} was given up, then its money came, and the goods are gone ({shortage}). "
        "Refund it, or order the goods again and fulfil it.",
        order.payment,
    )


def _again(line: OrderLine, quantity: int) -> StockLine:
    """The line's second movement: its own reference is used up."""
    return StockLine(f"{line.stock_reference}:again", line.variant_id, quantity)


def _references(order: Order) -> list[str]:
    return [line.stock_reference for line in order.lines.all()]


def _set_status(order: Order, status: Status) -> None:
    Order.objects.filter(pk=order.pk).update(status=status)
    order.status = status
