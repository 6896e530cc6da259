"""Orders follow their money, stock follows the orders, and each fact is told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from catalog.models import Stock
from checkout.models import CartLine, Order, OrderEmail, OrderLine
from payments.gateways.base import PaymentState
from payments.models import Refund
from tests.faults.simulation.invariants.money import intents_of
from tests.faults.simulation.world import ON_HAND, World

Status = Order.Status

_PAID = (Status.CONFIRMED, Status.NEEDS_ATTENTION, Status.FULFILLED)


def paid_exactly_with_money(world: World) -> Iterator[str]:
    for order in world.orders():
        assert order.payment is not None
        intents = intents_of(world, order.payment)
        has_money = any(i.captured or i.state == PaymentState.REQUIRES_CAPTURE for i in intents)
        if has_money != (order.status in _PAID):
            yield f"order {order.pk} is {order.status}, the gateway has {'its' if has_money else 'no'} money"


def stock_is_conserved(world: World) -> Iterator[str]:
    """Each order's pieces are reserved, sold or free again, exactly as the order stands."""
    reserved: Counter[int] = Counter()
    sold: Counter[int] = Counter()
    for order in Order.objects.prefetch_related("lines"):
        for line in order.lines.all():
            if order.status == Status.PLACED:
                reserved[line.variant_id] += line.quantity
            elif order.status in (Status.CONFIRMED, Status.FULFILLED):
                sold[line.variant_id] += line.quantity
    for variant, on_hand in zip(world.variants, ON_HAND, strict=True):
        stock = Stock.objects.get(variant=variant)
        expected = (on_hand - sold[variant.pk], reserved[variant.pk])
        if (stock.on_hand, stock.reserved) != expected:
            yield f"of {variant.sku} {stock} should be {expected}"


def each_piece_is_ordered_once(world: World) -> Iterator[str]:
    """What a shopper put in a cart is ordered or still in it, however the two met, and nothing is there twice."""
    ordered = _pieces(OrderLine, "order__email")
    left = _pieces(CartLine, "cart_id")
    for cart in world.carts:
        there = ordered[cart.email] + left[str(cart.pk)]
        if not cart.put_in <= there <= cart.tried:
            yield f"cart {cart.pk} was given {cart.put_in} pieces, of which {there} are ordered or in it"


def _pieces(lines: type[OrderLine | CartLine], owner: str) -> Counter[str]:
    rows = lines._default_manager.values_list(owner, "quantity")
    found: Counter[str] = Counter()
    for name, quantity in rows:
        found[str(name)] += quantity
    return found


def each_mail_once(world: World) -> Iterator[str]:
    """A process that died between sending and noting it may send once more; nothing else may."""
    sent = world.mails()
    surplus = 0
    for order in world.orders():
        rows = list(order.emails.all())
        if unsent := [row.kind for row in rows if row.sent_at is None]:
            yield f"order {order.pk} waits for {unsent}"
        surplus += sent[order.email] - len(rows)
        if sent[order.email] < len(rows):
            yield f"order {order.pk} was told {sent[order.email]} of {len(rows)} facts"
        yield from _missing_facts(order, rows)
    if surplus > world.kills:
        yield f"{surplus} mails were sent twice, by {world.kills} processes that died"


def _missing_facts(order: Order, rows: list[OrderEmail]) -> Iterator[str]:
    receipts = [row for row in rows if row.kind == OrderEmail.Kind.RECEIPT]
    if order.status in _PAID and not receipts:
        yield f"order {order.pk} is {order.status} and has no receipt"
    refunds = Refund.objects.filter(payment=order.payment, status=Refund.Status.SUCCEEDED)
    told = {row.fact for row in rows if row.kind in (OrderEmail.Kind.REFUND, OrderEmail.Kind.SURPLUS)}
    for refund in refunds:
        if str(refund.pk) not in told:
            yield f"order {order.pk} was not told of refund {refund.pk}"
