"""What a dispute about a surplus changes: the shopper gets the money from their bank, and must not get it twice."""

from __future__ import annotations

from payments.models import Discrepancy, Operation, Refund
from payments.money import Money
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from payments.states.fact import Fact
from payments.states.settling import settle


def stop_reversals(fact: Fact, gateway_id: str) -> None:
    """Give up each reversal of this object that was not sent; one that may have arrived is not repeated any more."""
    for operation in fact.unsettled:
        if operation.is_settled or operation.refund is None or operation.refund.surplus_gateway_id != gateway_id:
            continue
        if operation.status == Operation.Status.CREATED:
            settle(fact, operation, Operation.Status.FAILED)
        else:
            Operation.objects.filter(pk=operation.pk).update(repeat_is_vain=True)


def tell_owed(fact: Fact) -> None:
    """Put before staff what the shopper is still owed when no reversal is under way."""
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
        "it back by itself after a dispute about it. Refund it in the gateway's dashboard.",
        payment,
    )
