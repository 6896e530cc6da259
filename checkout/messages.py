"""What shoppers are told, in plain words. What a bank says of stolen or suspicious cards is never passed on."""

from __future__ import annotations

from django.utils.translation import gettext as _

from checkout.models import Order
from payments.operations.progress import Progress, ProgressState


def told(order: Order, standing: Progress) -> str:
    """Where the order's payment stands, in one or two sentences."""
    if is_given_up(order, standing):
        return _given_up(order, standing)
    if not order.total:
        return _("There was nothing to pay. We have sent you a receipt by e-mail.")
    if standing.state == ProgressState.DECLINED:
        return _declined(standing)
    if standing.is_ending:
        return _("This order is being ended; nothing was charged.")
    return {
        ProgressState.PENDING: _("We are processing your payment."),
        ProgressState.REQUIRES_ACTION: _("Your bank wants to be sure that it is you. Please confirm the payment."),
        ProgressState.CONFIRMING: _("We are still confirming your payment; you will not be charged twice."),
        ProgressState.PAID: _("Your payment arrived. We have sent you a receipt by e-mail."),
        ProgressState.PARTIALLY_REFUNDED: _("A part of your payment was refunded."),
        ProgressState.REFUNDED: _("Your payment was refunded in full."),
        ProgressState.EXPIRED: _("This order was not paid and has ended. Nothing was charged."),
        ProgressState.CANCELED: _("This payment was canceled. Nothing was charged."),
    }[standing.state]


def is_given_up(order: Order, standing: Progress) -> bool:
    """Whether the order was cancelled after its money had come, so that nobody is thanked for it."""
    return order.status == Order.Status.CANCELLED and standing.is_past_payment


def card_details_missing() -> str:
    return _("The card details did not arrive. Fill them in and pay again; nothing was charged.")


def shortage(name: str, left: int) -> str:
    """There is less of a thing than was wanted."""
    if left < 1:
        return _("%(variant)s is sold out.") % {"variant": name}
    return _("Only %(count)d of %(variant)s can be had.") % {"count": left, "variant": name}


def _given_up(order: Order, standing: Progress) -> str:
    if not order.total:
        return _("This order was cancelled. There was nothing to pay.")
    if standing.state == ProgressState.REFUNDED:
        return _("This order was cancelled. Your payment was refunded in full.")
    if order.left_amount:
        return _(
            "This order was cancelled. A part of your payment cannot go back the way it came; what of it is yours you "
            "get in another way. Ask us if you have not heard of it."
        )
    return _("This order was cancelled. We keep nothing of your payment.")  # refunds and what a bank took back


def _declined(standing: Progress) -> str:
    if standing.not_sent:
        return _("The payment provider could not be reached, so nothing was charged. Please try again.")
    return {
        "try_again": _("The payment did not go through. Please try again in a moment; nothing was charged."),
        "contact_bank": _("Your bank declined the payment. Ask your bank, or use another card; nothing was charged."),
        "check_details": _("The card details do not seem right. Check them and try again; nothing was charged."),
    }.get(standing.advice, _("The card was declined. Please use another card; nothing was charged."))
