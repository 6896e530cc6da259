"""What a dispute about a surplus changes: the shopper gets the money from their bank, and must not get it twice."""

from __future__ import annotations

from payments.models import Operation
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
