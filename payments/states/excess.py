"""Where refunds and disputes together took more than was captured: recorded, and put before staff."""

from __future__ import annotations

from payments.models import Discrepancy
from payments.money import Money
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from payments.states.fact import Fact


def tell_of_excess(fact: Fact) -> None:
    """Keep the excess beside the totals, so that no fact about money is refused; a new one is put before staff."""
    payment = fact.payment
    excess = max(0, payment.gone_amount - payment.captured_amount)
    subject = f"payment:{payment.pk}"
    if excess > payment.excess_amount:
        open_discrepancy(
            Discrepancy.Kind.EXCESS,
            subject,
            f"Refunds and disputes together take {Money(excess, payment.currency)} more than the {payment.captured} "
            "that was captured. Was a payment refunded that was disputed as well? Contest the dispute.",
            payment,
        )
    elif not excess and payment.excess_amount:
        close_discrepancy(Discrepancy.Kind.EXCESS, subject, "No more goes back than was captured, after all.")
    if excess != payment.excess_amount:
        fact.change(excess_amount=excess)
