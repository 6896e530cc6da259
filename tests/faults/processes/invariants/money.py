"""No shopper is charged twice, no paid order is lost, and both sides agree on every cent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.faults.processes.gateway import Row
from tests.faults.processes.invariants.facts import Facts, OrderRow

PAID = frozenset({"confirmed", "fulfilled", "needs_attention"})


def broken_money(facts: Facts) -> Iterator[str]:
    for order in facts.orders:
        yield from _broken_order(order, facts)
    yield from _unknown_intents(facts)
    yield from _broken_ledger(facts)


def _broken_order(order: OrderRow, facts: Facts) -> Iterator[str]:
    intents = facts.intents[order.number]
    charges = [charge for intent in intents for charge in _succeeded(facts.charges[str(intent["id"])])]
    refunds = [refund for intent in intents for refund in facts.refunds[str(intent["id"])]]
    taken, returned = _sum(charges), _sum(_succeeded(refunds))
    if len(charges) > 1:
        yield f"{order.number} was charged {len(charges)} times: {[charge['id'] for charge in charges]}"
    if taken not in (0, order.total):
        yield f"{order.number} of {order.total} was charged {taken}"
    if (order.status in PAID) != bool(taken):
        yield f"{order.number} is {order.status} ({order.payment_status}), and the gateway took {taken}"
    if (order.captured, order.refunded, order.reserved, order.surplus) != (taken, returned, 0, 0):
        yield f"{order}: the gateway took {taken} and gave {returned} back"
    if returned > taken:
        yield f"{order.number}: {returned} was refunded of {taken}"
    if len(refunds) != order.refunds:
        yield f"{order.number} has {order.refunds} refunds here and {len(refunds)} at the gateway"
    if charges and order.intent != str(charges[0]["payment_intent"]):
        yield f"{order.number} names {order.intent}, and {charges[0]['payment_intent']} was charged"


def _unknown_intents(facts: Facts) -> Iterator[str]:
    known = {order.number for order in facts.orders}
    for number in facts.intents.keys() - known:
        yield f"the gateway has a payment for {number!r}, an order that does not exist"


def _broken_ledger(facts: Facts) -> Iterator[str]:
    taken = _sum(charge for charges in facts.charges.values() for charge in _succeeded(charges))
    returned = _sum(refund for refunds in facts.refunds.values() for refund in _succeeded(refunds))
    if sum(facts.booked.values()):
        yield f"the ledger sums to {sum(facts.booked.values())}: {facts.booked}"
    if -facts.booked.get("receivable", 0) != taken:
        yield f"the ledger has {-facts.booked.get('receivable', 0)} captured, the gateway {taken}"
    if facts.booked.get("refunds", 0) != returned:
        yield f"the ledger has {facts.booked.get('refunds', 0)} refunded, the gateway {returned}"


def _succeeded(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["status"] == "succeeded"]


def _sum(rows: Iterable[Row]) -> int:
    return sum(int(str(row["amount"])) for row in rows)
