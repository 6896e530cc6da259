"""Money that the gateway took beyond what was asked for: booked, put before staff, and given back.

A second object of the gateway that carries our reference may succeed as well (a lost opening that was opened anew), or
our own object may show more than its amount. Such money has really moved: it is never refused, and never "paid".
"""

from __future__ import annotations

import uuid

from django.db.models import QuerySet, Sum

from payments import queue
from payments.gateways.base import PaymentSeen
from payments.ledger.posting import post_surplus
from payments.models import Discrepancy, Operation, Payment, Refund
from payments.money import Money
from payments.states.discrepancies import open_discrepancy
from payments.states.fact import Fact
from payments.states.table import Cause
from payments.states.transition import insert
from payments.states.wish import write_operation


def surplus_refunds(payment: Payment, gateway_id: str) -> QuerySet[Refund]:
    """The reversals that were asked for of what this gateway object took too much."""
    return payment.refunds.filter(surplus_gateway_id=gateway_id).exclude(surplus_gateway_id="")


def is_second_object(payment: Payment, seen: PaymentSeen) -> bool:
    """Whether this is another object of the gateway that carries this payment's reference and has taken money."""
    return bool(payment.gateway_id and seen.gateway_id != payment.gateway_id and seen.captured) and (
        seen.reference == payment.reference and seen.money.currency == payment.currency
    )


def book_surplus(fact: Fact, seen: PaymentSeen) -> None:
    """Book what the object took beyond what is ours and already known, and have it given back. Twice is a no-op."""
    taken = seen.captured if is_second_object(fact.payment, seen) else seen.captured - fact.payment.money
    if taken.amount <= 0:
        return
    surplus = taken - _known(fact.payment, seen.gateway_id)
    if surplus.amount <= 0:
        return
    post_surplus(fact.payment, surplus, fact.observation, fact.journal)
    fact.change(surplus_amount=fact.payment.surplus_amount + surplus.amount)
    _give_back(fact, seen.gateway_id, surplus)
    open_discrepancy(
        Discrepancy.Kind.SURPLUS,
        f"surplus:{seen.gateway_id}",
        f"{surplus} was taken by {seen.gateway_id} beyond the {fact.payment.money} that was asked for. "
        "It is being given back by itself; find out how it came about.",
        fact.payment,
    )


def _known(payment: Payment, gateway_id: str) -> Money:
    booked = surplus_refunds(payment, gateway_id).aggregate(total=Sum("amount"))["total"]
    return Money(booked or 0, payment.currency)


def _give_back(fact: Fact, gateway_id: str, surplus: Money) -> None:
    payment = fact.payment
    reversal = Refund(
        payment=payment,
        account=payment.account,
        request_id=uuid.uuid4(),
        amount=surplus.amount,
        currency=surplus.currency,
        reason="charged twice",
        source=Refund.Source.SURPLUS,
        surplus_gateway_id=gateway_id,
    )
    insert(reversal, Refund.Status.REQUESTED, Cause.REQUESTED, fact.journal, source="surplus")
    operation = Operation.of(payment, Operation.Kind.REVERSE, surplus, refund=reversal)
    write_operation(operation, fact.observation.answered_at, fact.journal)
    queue.submit(operation.pk)
