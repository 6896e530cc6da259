from __future__ import annotations

from django.http import HttpRequest

from checkout.carts import cart_of, count


def cart_count(request: HttpRequest) -> dict[str, int]:
    """How many pieces are in the cart, for the header; asks nothing of the database where there is no cookie."""
    cart = cart_of(request)
    return {"cart_count": count(cart) if cart is not None else 0}
