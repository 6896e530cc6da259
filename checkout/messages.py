"""Where a payment stands, in plain words. What a bank says of stolen or suspicious cards is never passed on."""

from __future__ import annotations

from django.utils.translation import gettext as _

from payments.operations.progress import Progress, ProgressState


def told(standing: Progress) -> str:
    """One or two sentences for the shopper."""
    if standing.state == ProgressState.DECLINED:
        return _declined(standing)
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


def _declined(standing: Progress) -> str:
    if standing.not_sent:
        return _("The payment provider could not be reached, so nothing was charged. Please try again.")
    return {
        "try_again": _("The payment did not go through. Please try again in a moment; nothing was charged."),
        "contact_bank": _("Your bank declined the payment. Ask your bank, or use another card; nothing was charged."),
        "check_details": _("The card details do not seem right. Check them and try again; nothing was charged."),
    }.get(standing.advice, _("The card was declined. Please use another card; nothing was charged."))
