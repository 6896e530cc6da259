"""What is still to be given back, and nothing gives it back by itself: staff are told."""

from __future__ import annotations

from payments.models import Discrepancy, Dispute, Payment, Refund
from payments.money import Money
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from payments.states.fact import Fact


def tell_failed(fact: Fact, refund: Refund) -> None:
    """Put a refund before staff that did not reach the shopper, unless one of them found that out."""
    if refund.surplus_gateway_id:
        tell_owed(fact)
        return
    if fact.observation.recorded_by_id is not None:
        return
    open_discrepancy(
        Discrepancy.Kind.REFUND,
        _subject(refund),
        f"The refund of {refund.money} {_how_it_ended(refund)}. If it is still owed to the shopper, who may have been "
        "told that it was done, refund it again or in another way.",
        fact.payment,
    )


def close_failed(refund: Refund) -> None:
    """A refund that had failed is under way or done after all."""
    close_discrepancy(Discrepancy.Kind.REFUND, _subject(refund), f"The refund is {refund.status} after all.")


def tell_owed(fact: Fact) -> None:
    """Put before staff what the shopper is still owed of a surplus when no reversal is under way."""
    payment = fact.payment
    subject = f"owed:{payment.pk}"
    owed = payment.surplus_amount - payment.surplus_gone_amount
    if owed <= 0 or payment.refunds.filter(status__in=Refund.RESERVING).exclude(surplus_gateway_id="").exists():
        close_discrepancy(Discrepancy.Kind.SURPLUS, subject, "Nothing of it is owed any more.")
        return
    open_discrepancy(
        Discrepancy.Kind.SURPLUS,
        subject,
        f"{Money(owed, payment.currency)} that was taken too much is owed to the shopper, and nothing gives "
        f"it back by itself any more. {_way_back(payment)}",
        payment,
    )


def _way_back(payment: Payment) -> str:
    disputed = payment.disputes.filter(status__in=Dispute.BLOCKS_REFUNDS).exclude(surplus_gateway_id="")
    if disputed.exists():
        return (
            "Its charge is disputed, and the gateway refuses refunds of that, also once the dispute is lost. Wait how "
            "it ends: if it is won, refund it in the gateway's dashboard, else pay in another way."
        )
    return "Refund it in the gateway's dashboard."


def _how_it_ended(refund: Refund) -> str:
    verb = "was canceled" if refund.status == Refund.Status.CANCELED else "failed"
    return f"{verb}: {refund.refusal_message or 'the gateway gave no reason'}"


def _subject(refund: Refund) -> str:
    return f"refund:{refund.pk}"
