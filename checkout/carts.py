"""Change carts. Every change locks the cart's row by raising its version, so two tabs never lose each other's."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Sum
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


@dataclass(frozen=True, slots=True)
class Held:
    """How many pieces of a variant a cart holds now; `is_cut`, that these are fewer than were wanted."""

    quantity: int
    is_cut: bool


def add(cart: Cart, variant: Variant, quantity: int) -> Held:
    """Add pieces of a variant, up to what is available and sensible."""
    with transaction.atomic():
        _change(cart)
        wanted = _held(cart, variant) + quantity
        held = _hold(cart, variant, wanted)
    return Held(held, is_cut=held < wanted)


def raise_to(cart: Cart, variant: Variant, quantity: int) -> int:
    """Have the cart hold this many pieces, up to what is available, if it held fewer; returns how many it holds now."""
    with transaction.atomic():
        _change(cart)
        return _hold(cart, variant, max(_held(cart, variant), quantity))


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
    """How many pieces the cart shows: those that are for sale."""
    shown = cart.lines.filter(variant__in=Variant.objects.for_sale())
    pieces: int = shown.aggregate(pieces=Sum("quantity", default=0))["pieces"]
    return pieces


def _held(cart: Cart, variant: Variant) -> int:
    return cart.lines.filter(variant=variant).values_list("quantity", flat=True).first() or 0


def _hold(cart: Cart, variant: Variant, wanted: int) -> int:
    held = max(1, min(wanted, variant.available, MOST_OF_ONE))
    CartLine.objects.update_or_create(cart=cart, variant=variant, defaults={"quantity": held})
    return held


def _change(cart: Cart) -> None:
    Cart.objects.filter(pk=cart.pk).update(version=F("version") + 1)
