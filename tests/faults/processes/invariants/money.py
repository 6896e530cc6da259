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
    disputes = [dispute for intent in intents for dispute in facts.disputes[str(intent["id"])]]
    taken, returned, withdrawn = _captured(charges), _sum(_succeeded(refunds)), _sum(_lost(disputes))
    if len(charges) > 1:
        yield f"{order.number} was charged {len(charges)} times: {[charge['id'] for charge in charges]}"
    if taken not in (0, order.total) and not (order.capture_method == "manual" and 0 < taken < order.total):
        yield f"{order.number} of {order.total} was charged {taken}"
    held = any(intent["status"] == "requires_capture" for intent in intents)
    if (order.status in PAID) != (bool(taken) or held):
        yield f"{order.number} is {order.status} ({order.payment_status}), and the gateway took {taken}, holds: {held}"
    ours = (order.captured, order.refunded, order.disputed, order.reserved, order.surplus)
    if ours != (taken, returned, withdrawn, 0, 0):
        yield f"{order}: the gateway took {taken}, gave {returned} back and withdrew {withdrawn}"
    if returned + withdrawn > taken:
        yield f"{order.number}: of {taken}, {returned} was refunded and {withdrawn} withdrawn"
    if len(_succeeded(refunds)) != order.refunds:
        yield f"{order.number} has {order.refunds} refunds here and {len(_succeeded(refunds))} at the gateway"
    if charges and order.intent != str(charges[0]["payment_intent"]):
        yield f"{order.number} names {order.intent}, and {charges[0]['payment_intent']} was charged"


def _unknown_intents(facts: Facts) -> Iterator[str]:
    known = {order.number for order in facts.orders}
    for number in facts.intents.keys() - known:
        yield f"the gateway has a payment for {number!r}, an order that does not exist"


def _broken_ledger(facts: Facts) -> Iterator[str]:
    taken = _captured(charge for charges in facts.charges.values() for charge in _succeeded(charges))
    returned = _sum(refund for refunds in facts.refunds.values() for refund in _succeeded(refunds))
    withdrawn = _sum(dispute for disputes in facts.disputes.values() for dispute in _lost(disputes))
    if sum(facts.booked.values()):
        yield f"the ledger sums to {sum(facts.booked.values())}: {facts.booked}"
    if -facts.booked.get("receivable", 0) != taken:
        yield f"the ledger has {-facts.booked.get('receivable', 0)} captured, the gateway {taken}"
    if facts.booked.get("refunds", 0) != returned:
        yield f"the ledger has {facts.booked.get('refunds', 0)} refunded, the gateway {returned}"
    if facts.booked.get("disputes", 0) != withdrawn:
        yield f"the ledger has {facts.booked.get('disputes', 0)} disputed, the gateway withdrew {withdrawn}"


def _succeeded(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["status"] == "succeeded"]


def _captured(charges: Iterable[Row]) -> int:
    """What was only held was not taken."""
    return sum(int(str(charge["amount_captured"])) for charge in charges if charge["captured"])


def _lost(disputes: Iterable[Row]) -> list[Row]:
    """The gateway gave the money of a dispute that was won back."""
    return [dispute for dispute in disputes if dispute["status"] != "won"]


def _sum(rows: Iterable[Row]) -> int:
    return sum(int(str(row["amount"])) for row in rows)
