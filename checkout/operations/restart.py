from __future__ import annotations

from dataclasses import dataclass

from catalog.models import Variant
from checkout.carts import raise_to
from checkout.models import Cart, Order


@dataclass(frozen=True, slots=True)
class Restarted:
    """The cart, where there is one, and how many it holds of each thing that there is less of than was ordered."""

    cart: Cart | None
    short: dict[str, int]


def restart(order: Order, cart: Cart | None) -> Restarted | None:
    """Have a cart hold again what a cancelled order held, as far as it is for sale; once, however often it is asked.

    None for an order that was not cancelled.
    """
    if order.status != Order.Status.CANCELLED:
        return None
    lines = list(order.lines.all())
    variants = Variant.objects.for_sale().in_bulk([line.variant_id for line in lines])
    short = {}
    for line in lines:
        held, variant = 0, variants.get(line.variant_id)
        if variant is not None and variant.available:
            cart = cart or Cart.objects.create()
            held = raise_to(cart, variant, line.quantity)
        if held < line.quantity:
            short[line.name] = held
    return Restarted(cart, short)
