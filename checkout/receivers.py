"""What payments tells, as orders understand it. Called inside the transaction that applies it, the payment locked."""

from __future__ import annotations

from django.dispatch import receiver

from checkout.models import Order, OrderEmail
from checkout.operations.confirm import cancel, confirm, money_is_back
from checkout.operations.emails import write_email
from payments import queue
from payments.models import Dispute, Payment, Refund
from payments.signals import dispute_changed, payment_changed, refund_changed

_MONEY_IS_SURE = (Payment.Status.SUCCEEDED, Payment.Status.PARTIALLY_CAPTURED, Payment.Status.REQUIRES_CAPTURE)
_NOTHING_COMES = (Payment.Status.CANCELED, Payment.Status.FAILED)
_REMIND_AFTER_S = {Payment.Status.REQUIRES_ACTION: 60, Payment.Status.REQUIRES_PAYMENT_METHOD: 600}


@receiver(payment_changed)
def follow_payment(payment: Payment, **kwargs: object) -> None:
    order = Order.objects.select_for_update().filter(payment=payment).first()
    if order is None:
        return
    status = Payment.Status(payment.status)
    if status in _MONEY_IS_SURE:
        confirm(order)
    elif status in _NOTHING_COMES:
        cancel(order)
    elif delay_s := _REMIND_AFTER_S.get(status):
        queue.defer("checkout.remind", delay_s=delay_s, order_id=order.pk)


@receiver(refund_changed)
def follow_refund(refund: Refund, **kwargs: object) -> None:
    order = Order.objects.select_for_update().filter(payment_id=refund.payment_id).first()
    if order is None:
        return
    if refund.status == Refund.Status.SUCCEEDED:
        surplus = refund.source == Refund.Source.SURPLUS
        write_email(order, OrderEmail.Kind.SURPLUS if surplus else OrderEmail.Kind.REFUND, fact=str(refund.pk))
    elif _holds_money_again(order):
        money_is_back(order, "a refund of it failed")


@receiver(dispute_changed)
def follow_dispute(dispute: Dispute, **kwargs: object) -> None:
    order = Order.objects.select_for_update().filter(payment_id=dispute.payment_id).first()
    if order is not None and _holds_money_again(order):
        money_is_back(order, "its dispute ended otherwise")


def _holds_money_again(order: Order) -> bool:
    """Whether an order was cancelled because its money had gone back, and more of it is here now than stayed then."""
    payment = order.payment
    return order.status == Order.Status.CANCELLED and payment is not None and payment.left.amount > order.left_amount
