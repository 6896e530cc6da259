"""What staff do with an order themselves. Locks: the payment's, then the order's, then stock rows."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from catalog.models import Stock
from catalog.stock import OutOfStock
from checkout.models import Order
from checkout.operations.confirm import attention_subject, return_goods, sell_after_all, set_status
from payments.audit.journal import Actor, Journal
from payments.models import Discrepancy, Dispute, Payment
from payments.money import Money
from payments.operations.refunding import is_refused_for_good
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from payments.transactions import retried

Status = Order.Status

_MAY_COME_BACK = Q(status__in=Dispute.UNDECIDED) | Q(status=Dispute.Status.WON, withdrawn_amount__gt=0)


class NotPossible(ValueError):
    """The order cannot be moved on like this; the message says why and what can be done."""


@retried
def keep(order: Order, *, by: AbstractBaseUser) -> None:
    """Confirm an order whose money came too late: reserve and sell its goods. Raises NotPossible."""
    try:
        with transaction.atomic():
            order = _locked(order)
            _ensure(_obstacle_of_money_to_keeping(order))
            _move(order, Status.CONFIRMED, "kept", by)
            _settled(order, "Kept: its goods were reserved and sold.")
            _leave(order, 0)
            sell_after_all(order)
    except OutOfStock as shortage:
        raise NotPossible(_missing(order, shortage.available)) from shortage


@retried
def cancel(order: Order, *, by: AbstractBaseUser) -> None:
    """Give up an order of which no money is here that could be refunded; its goods return to the shelf.

    What a lost dispute in part leaves here stays, noted with the order and put before staff: it is owed in another way.
    Raises NotPossible.
    """
    with transaction.atomic():
        order = _locked(order)
        _ensure(obstacle_to_cancelling(order))
        holds_goods = order.status == Status.CONFIRMED
        left = order.payment.left.amount if order.payment else 0
        _move(order, Status.CANCELLED, "cancelled", by, left=left)
        _settled(order, "Cancelled: nothing of its money is here that could be refunded.")
        _leave(order, left)
        if holds_goods:
            return_goods(order, note="cancelled before it was sent", actor=Actor.user(by.pk).name)


@retried
def fulfil(order: Order, *, by: AbstractBaseUser) -> None:
    """Note that the goods of a paid order were sent. Raises NotPossible."""
    with transaction.atomic():
        order = _locked(order)
        _ensure(obstacle_to_fulfilling(order))
        _move(order, Status.FULFILLED, "fulfilled", by)


def obstacle_to_keeping(order: Order) -> str:
    """Why the order cannot be kept now; empty if it can."""
    return _obstacle_of_money_to_keeping(order) or _missing(order, _free(order))


def obstacle_to_cancelling(order: Order) -> str:
    """Why the order cannot be cancelled now; empty if it can."""
    if order.status not in (Status.CONFIRMED, Status.NEEDS_ATTENTION):
        return _stands(order, "only an order that was confirmed, and that was not sent, is cancelled here")
    return _obstacle_of_money_to_cancelling(order, order.payment) if order.payment else ""


def remark_on_cancelling(order: Order) -> str:
    """What staff must know of the money before they cancel the order; empty if nothing of it is here."""
    payment = order.payment
    if payment is None or not payment.left:
        return ""
    if not is_refused_for_good(payment):
        return f"{payment.left} of its payment stays here, as when the order was cancelled before."
    return (
        f"{payment.left} of its payment stays here: a dispute of it was lost, and the gateway refuses refunds since. "
        "What of it is owed to the shopper goes back in another way; a discrepancy waits until you wrote down how."
    )


def _obstacle_of_money_to_cancelling(order: Order, payment: Payment) -> str:
    if payment.status == Payment.Status.REQUIRES_CAPTURE:
        return "Its payment is only authorized. Void it first."
    if payment.disputes.filter(_MAY_COME_BACK, surplus_gateway_id="").exists():
        return "The shopper's bank disputes its payment. Answer the dispute, or accept it, and wait how it ends."
    if payment.left.amount > order.left_amount and not is_refused_for_good(payment):
        return f"{payment.left} of its payment is still here. Refund it first."
    if payment.refund_reserved:
        return f"{payment.refund_reserved} is on its way back and has not arrived. Wait until the refund succeeded."
    return ""


def obstacle_to_fulfilling(order: Order) -> str:
    """Why the order cannot be called fulfilled now; empty if it can."""
    payment = order.payment
    if order.status != Status.CONFIRMED:
        return _stands(order, "only a confirmed order is fulfilled")
    if payment is not None and not payment.captured:
        return "Its payment is only authorized. Capture it first."
    if payment is not None and not payment.left:
        return (
            "Its money went back, is about to, or is held for a dispute. Nothing is to be sent now; once it is gone "
            "for good, cancel the order, and its goods are free again."
        )
    return ""


def _obstacle_of_money_to_keeping(order: Order) -> str:
    if order.status != Status.NEEDS_ATTENTION or order.payment is None:
        return _stands(order, "only an order that needs attention can be kept")
    if not order.payment.left:
        return "Nothing of its payment is left here. Cancel it once all of it went back."
    return ""


def _stands(order: Order, rule: str) -> str:
    return f"Its status is {order.get_status_display()}; {rule}."


def _ensure(obstacle: str) -> None:
    if obstacle:
        raise NotPossible(obstacle)


def _free(order: Order) -> dict[int, int]:
    """How many of each variant are on the shelf and promised to nobody."""
    wanted = Stock.objects.filter(variant__in=order.lines.values("variant"))
    return {stock.variant_id: stock.available for stock in wanted}


def _missing(order: Order, free: Mapping[int, int]) -> str:
    """What the shelf lacks for the order, in words; empty if nothing."""
    short = [
        f"{line.name} ({line.sku}): {line.quantity} wanted, {free.get(line.variant_id, 0)} free"
        for line in order.lines.all()
        if free.get(line.variant_id, line.quantity) < line.quantity
    ]
    return f"The goods are not there. {'; '.join(short)}. Enter what arrives as a stock movement." if short else ""


def _locked(order: Order) -> Order:
    payment = Payment.objects.lock(order.payment_id) if order.payment_id else None
    order = Order.objects.select_for_update().get(pk=order.pk)
    order.payment = payment
    return order


def _move(order: Order, status: Order.Status, action: str, by: AbstractBaseUser, *, left: int = 0) -> None:
    journal = Journal(Actor.user(by.pk, "admin"), order.payment_id)
    after: dict[str, str | int] = {"status": status.value}
    if left:
        after["left"] = left
    journal.note(action, "order", order.pk, before={"status": order.status}, after=after)
    journal.write()
    set_status(order, status)


def _leave(order: Order, amount: int) -> None:
    """Note how much of the order's money stays here though nothing is sent for it, and put that before staff, once."""
    before = order.left_amount
    if amount == before:
        return
    subject = f"left:{order.number}"
    close_discrepancy(Discrepancy.Kind.ORDER, subject, f"The order is {order.get_status_display()} anew.")
    Order.objects.filter(pk=order.pk).update(left_amount=amount)
    order.left_amount = amount
    if amount:
        open_discrepancy(Discrepancy.Kind.ORDER, subject, _left_told(order, before), order.payment)


def _left_told(order: Order, before: int) -> str:
    left, told_before = (Money(amount, order.currency) for amount in (order.left_amount, before))
    told = (
        f"Order {order.number} was cancelled, and {left} of its payment stays here: a dispute of it was lost, and the "
        "gateway refuses refunds since. If it is owed to the shopper, pay it in another way, by a bank transfer for "
        "example. Write down how it went back, or why it did not have to."
    )
    if not before:
        return told
    return f"{told} When it was cancelled before, {told_before} stayed: see what was written down then."


def _settled(order: Order, resolution: str) -> None:
    close_discrepancy(Discrepancy.Kind.ORDER, attention_subject(order), resolution)
