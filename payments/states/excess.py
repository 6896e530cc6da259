"""Where more went back than came in: recorded beside the totals, so that no fact is refused, and put before staff."""

from __future__ import annotations

from payments.models import Discrepancy
from payments.money import Money
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from payments.states.fact import Fact


def tell_of_excess(fact: Fact) -> None:
    """Keep by how much what went back passes what was captured, and what went back of the surplus passes that."""
    payment = fact.payment
    excess = max(0, payment.gone_amount - payment.captured_amount)
    if excess != payment.excess_amount:
        _tell(fact, f"payment:{payment.pk}", f"the {payment.captured} that was captured", excess, payment.excess_amount)
        fact.change(excess_amount=excess)
    excess = max(0, payment.surplus_gone_amount - payment.surplus_amount)
    if excess != payment.surplus_excess_amount:
        taken = Money(payment.surplus_amount, payment.currency)
        subject = f"surplus:{payment.pk}"
        _tell(fact, subject, f"the {taken} that was taken too much", excess, payment.surplus_excess_amount)
        fact.change(surplus_excess_amount=excess)


def _tell(fact: Fact, subject: str, limit: str, excess: int, before: int) -> None:
    """Put a new or larger excess before staff; close it when there is none any more."""
    if excess > before:
        open_discrepancy(
            Discrepancy.Kind.EXCESS,
            subject,
            f"Refunds and disputes together take {Money(excess, fact.payment.currency)} more than {limit}. "
            "Was something refunded that was disputed as well? Contest the dispute.",
            fact.payment,
        )
    elif not excess:
        close_discrepancy(Discrepancy.Kind.EXCESS, subject, "No more goes back than was taken, after all.")
