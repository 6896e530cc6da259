"""What happens to an order when its money comes or goes. Locks: the payment's, then the order's, then stock rows."""

from __future__ import annotations

import secrets

from django.db import transaction

from catalog.stock import OutOfStock, StockLine, put_back, release, reserve, sell
from checkout.models import Order, OrderEmail
from checkout.operations.emails import write_email
from payments.models import Discrepancy
from payments.states.discrepancies import open_discrepancy

Status = Order.Status


def confirm(order: Order) -> None:
    """The order is paid, authorized or free: sell what was reserved for it, and send the receipt."""
    if order.status == Status.CANCELLED:
        _revive(order)
    elif order.status == Status.PLACED:
        set_status(order, Status.CONFIRMED)
        write_email(order, OrderEmail.Kind.RECEIPT)
        sell(_references(order))


def cancel(order: Order) -> None:
    """Nothing will be paid: tell the shopper, who may have left while that was not known; the stock is free again."""
    before = order.status
    if before not in (Status.PLACED, Status.CONFIRMED):
        return
    set_status(order, Status.CANCELLED)
    write_email(order, OrderEmail.Kind.ENDED)
    if before == Status.PLACED:
        release(_references(order))
    else:
        return_goods(order, note="authorization ended")


def money_is_back(order: Order, why: str) -> None:
    """Money that had gone back to the shopper of a cancelled order is here again: a person must look."""
    set_status(order, Status.NEEDS_ATTENTION)
    _tell_staff(order, f"Order {order.number} was cancelled, then {why}: its money is here again.")


def sell_after_all(order: Order) -> None:
    """Reserve and sell the goods of an order whose own reservation was given back. Raises OutOfStock."""
    lines = _under_new_references(order)
    reserve(lines)
    sell([line.reference for line in lines])


def return_goods(order: Order, *, note: str, actor: str = "") -> None:
    """Put what was sold to the order, and never sent, on the shelf again."""
    put_back(_under_new_references(order), actor=actor, note=note)


def attention_subject(order: Order) -> str:
    """What the discrepancy about an order that waits for a person is filed under."""
    return f"order:{order.number}"


def set_status(order: Order, status: Order.Status) -> None:
    """Write the order's status, here and in the database; the order is locked."""
    Order.objects.filter(pk=order.pk).update(status=status)
    order.status = status


def _revive(order: Order) -> None:
    """Money came for an order that was given up: keep it if the stock is still there, else a person must look."""
    try:
        with transaction.atomic():
            sell_after_all(order)
    except OutOfStock as shortage:
        set_status(order, Status.NEEDS_ATTENTION)
        _tell_staff(
            order, f"Order {order.number} was given up, then its money came, and the goods are gone ({shortage})."
        )
    else:
        set_status(order, Status.CONFIRMED)
    write_email(order, OrderEmail.Kind.RECEIPT)


def _tell_staff(order: Order, what: str) -> None:
    told = f"{what} On the order's page, keep it once the goods are there; or refund its payment, then cancel it."
    open_discrepancy(Discrepancy.Kind.ORDER, attention_subject(order), told, order.payment)


def _under_new_references(order: Order) -> list[StockLine]:
    """The order's pieces once more: a reference moves stock once for a reason, and an order may come and go again.

    That each coming and going moves them once is held by the order's status, changed under its lock.
    """
    return [
        StockLine(f"{line.stock_reference}:{secrets.token_hex(4)}", line.variant_id, line.quantity)
        for line in order.lines.all()
    ]


def _references(order: Order) -> list[str]:
    return [line.stock_reference for line in order.lines.all()]
