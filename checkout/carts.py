"""Change carts. Every change locks the cart's row by raising its version, so two tabs never lose each other's."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from catalog.models import Variant
from checkout.models import Cart, CartLine
from checkout.models.cart import MOST_OF_ONE

COOKIE = "cart"
COOKIE_AGE_S = 90 * 24 * 3600
_SALT = "checkout.cart"


def cart_of(request: HttpRequest) -> Cart | None:
    """The cart that the browser's signed cookie names; None for no cookie, a forged one, or a cart that is gone."""
    public_id = request.get_signed_cookie(COOKIE, default=None, salt=_SALT, max_age=COOKIE_AGE_S)
    return Cart.objects.filter(public_id=uuid.UUID(public_id)).first() if public_id else None


def remember(response: HttpResponse, cart: Cart, *, secure: bool) -> None:
    """Give the browser the cart's cookie."""
    response.set_signed_cookie(
        COOKIE, str(cart.public_id), salt=_SALT, max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=secure
    )


def add(cart: Cart, variant: Variant, quantity: int) -> int:
    """Add pieces of a variant, up to what is available and sensible; returns how many the cart now holds of it."""
    with transaction.atomic():
        _change(cart)
        already = cart.lines.filter(variant=variant).values_list("quantity", flat=True).first() or 0
        held = max(1, min(already + quantity, variant.available, MOST_OF_ONE))
        CartLine.objects.update_or_create(cart=cart, variant=variant, defaults={"quantity": held})
    return held


def set_quantity(cart: Cart, line_id: int, quantity: int) -> None:
    """Change a line's quantity; zero or less removes it. A line that is gone stays gone."""
    with transaction.atomic():
        _change(cart)
        line = cart.lines.filter(pk=line_id)
        if quantity < 1:
            line.delete()
        else:
            line.update(quantity=min(quantity, MOST_OF_ONE))


def count(cart: Cart) -> int:
    return sum(cart.lines.values_list("quantity", flat=True))


def _change(cart: Cart) -> None:
    Cart.objects.filter(pk=cart.pk).update(version=F("version") + 1)
