"""What a dispute does to refunds under way: the shopper gets the money from their bank, and must not get it twice."""

from __future__ import annotations

from payments.models import Dispute, Operation
from payments.states.fact import Fact
from payments.states.settling import settle


def stop_refunds(fact: Fact, dispute: Dispute) -> None:
    """Give up each refund of the disputed charge that was not sent; one that may have arrived is not repeated."""
    for operation in fact.unsettled:
        refund = operation.refund
        if operation.is_settled or refund is None or refund.surplus_gateway_id != dispute.surplus_gateway_id:
            continue
        if operation.status == Operation.Status.CREATED:
            settle(fact, operation, Operation.Status.FAILED)
        else:
            Operation.objects.filter(pk=operation.pk).update(repeat_is_vain=True)
