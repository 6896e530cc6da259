"""Orders follow their money, stock follows the orders, and each fact is told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from catalog.models import Stock, StockMovement
from checkout.models import CartLine, Order, OrderEmail, OrderLine
from payments.gateways.base import PaymentState
from payments.models import AuditEntry, Discrepancy, Refund
from tests.faults.simulation.invariants.money import intents_of
from tests.faults.simulation.world import ON_HAND, World

Status = Order.Status

_NOTHING_CAME = ("canceled", "failed")
_PAID = (Status.CONFIRMED, Status.NEEDS_ATTENTION, Status.FULFILLED)


def paid_exactly_with_money(world: World) -> Iterator[str]:
    """Only staff cancel what is paid, and only what they know of its money stays here then."""
    for order in world.orders():
        assert order.payment is not None
        intents = intents_of(world, order.payment)
        has_money = any(i.captured or i.state == PaymentState.REQUIRES_CAPTURE for i in intents)
        if has_money and order.status == Status.CANCELLED:
            yield from _cancelled_with_money(world, order, sum(world.gateway.books.left(i) for i in intents))
        elif has_money != (order.status in _PAID):
            yield f"order {order.pk} is {order.status}, the gateway has {'its' if has_money else 'no'} money"


def _cancelled_with_money(world: World, order: Order, left: int) -> Iterator[str]:
    if not _moves(order, "cancelled").exists():
        yield f"order {order.pk} is cancelled by nobody, the gateway has its money"
    if left > order.left_amount:
        yield f"order {order.pk} is cancelled, {left} of its money are here, and staff know of {order.left_amount}"
    if order.left_amount:
        lost = AuditEntry.objects.filter(payment=order.payment, object_type="dispute", after__status="lost")
        if not lost.exists():
            yield f"order {order.pk} left {order.left_amount} here, and no dispute of it was ever lost"
        if not Discrepancy.objects.filter(subject=f"left:{order.number}", resolved_at=None).exists():
            yield f"order {order.pk} left {order.left_amount} here, and nobody was told"


def _moves(order: Order, action: str) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(object_type="order", object_id=order.pk, action=action)


def what_was_sent_stays_sent(world: World) -> Iterator[str]:
    """Whatever becomes of the money; and it is sent once."""
    for order in world.orders():
        sent = _moves(order, "fulfilled").count()
        if sent > 1 or bool(sent) != (order.status == Status.FULFILLED):
            yield f"order {order.pk} was fulfilled {sent} times, and is {order.status}"


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


def stock_is_what_its_movements_say(world: World) -> Iterator[str]:
    """Each coming and going of goods is told, and none that did not happen."""
    for variant, on_hand in zip(world.variants, ON_HAND, strict=True):
        moved = StockMovement.objects.filter(variant=variant).aggregate(
            on_hand=Coalesce(Sum("on_hand_change"), 0), reserved=Coalesce(Sum("reserved_change"), 0)
        )
        stock = Stock.objects.get(variant=variant)
        if (stock.on_hand - on_hand, stock.reserved) != (moved["on_hand"], moved["reserved"]):
            yield f"of {variant.sku} {stock}, and its movements say {moved}"


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
    ended = any(row.kind == OrderEmail.Kind.ENDED for row in rows)
    unpaid = AuditEntry.objects.filter(object_type="payment", payment=order.payment, after__status__in=_NOTHING_CAME)
    if ended != unpaid.exists():
        yield f"order {order.pk} was {'' if ended else 'not '}told that it ended unpaid, which it did {'not' * ended}"
    refunds = Refund.objects.filter(payment=order.payment, status=Refund.Status.SUCCEEDED)
    told = {row.fact for row in rows if row.kind in (OrderEmail.Kind.REFUND, OrderEmail.Kind.SURPLUS)}
    for refund in refunds:
        if str(refund.pk) not in told:
            yield f"order {order.pk} was not told of refund {refund.pk}"
