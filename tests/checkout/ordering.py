"""Orders by the shop's own operation, without its pages: for tests that need hundreds."""

from __future__ import annotations

from catalog.models import Variant
from checkout.carts import add
from checkout.models import Cart, Order, ShippingMethod
from checkout.operations.place_order import Wish, place_order
from checkout.pricing import quote
from tests.checkout.shopper import PERSON, payment_of
from tests.payments.arrange import carry


def filled_cart(*variants: Variant) -> Cart:
    cart = Cart.objects.create()
    for variant in variants:
        add(cart, variant, 1)
    cart.refresh_from_db()
    return cart


def wish_for(cart: Cart, token: str = "tok_ok") -> Wish:
    """What the checkout form of this cart, as it is now, would ask for."""
    method = ShippingMethod.objects.get(name="Standard")
    fingerprint = quote(cart, method).fingerprint
    return Wish(checkout_id=cart.checkout_id, shipping_method=method, fingerprint=fingerprint, token=token, **PERSON)


def placed_order(variant: Variant, token: str = "tok_ok") -> Order:
    """An order of one piece, and nothing sent."""
    cart = filled_cart(variant)
    return place_order(cart, wish_for(cart, token))


def carried_order(variant: Variant, token: str = "tok_ok") -> Order:
    """An order of one piece whose payment a worker has carried as far as it goes."""
    order = placed_order(variant, token)
    carry(payment_of(order))
    return order
