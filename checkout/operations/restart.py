from __future__ import annotations

from catalog.models import Variant
from checkout.carts import add
from checkout.models import Cart, Order


def restart(order: Order, cart: Cart | None) -> Cart:
    """Put what a cancelled order held back into a cart, as far as it is still for sale; other orders change nothing."""
    cart = cart or Cart.objects.create()
    if order.status == Order.Status.CANCELLED:
        wanted = dict(order.lines.values_list("variant_id", "quantity"))
        for variant in Variant.objects.for_sale().filter(pk__in=wanted):
            if variant.available:
                add(cart, variant, wanted[variant.pk])
    return cart
