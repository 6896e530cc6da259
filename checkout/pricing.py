"""What a cart costs: computed on the server from today's prices, and nothing that a browser says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from catalog.models import Variant
from checkout.models import Cart, ShippingMethod
from payments.money import Money
from payments.operations.collect import chargeable


@dataclass(frozen=True, slots=True)
class PricedLine:
    line_id: int
    variant: Variant
    quantity: int
    unit_price: Money

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity

    @property
    def is_available(self) -> bool:
        return self.variant.available >= self.quantity


@dataclass(frozen=True, slots=True)
class Quote:
    """A priced cart. `refused` says why the total cannot be charged; empty when it can."""

    lines: Sequence[PricedLine]
    shipping_method: ShippingMethod | None
    subtotal: Money
    shipping: Money
    total: Money
    refused: str

    @property
    def is_available(self) -> bool:
        return all(line.is_available for line in self.lines)

    @property
    def fingerprint(self) -> str:
        """Tells one quote from another: what is bought, at which prices, sent how. Short, and no secret."""
        bought = [f"{line.variant.pk}*{line.quantity}@{line.unit_price.amount}" for line in self.lines]
        method = self.shipping_method.pk if self.shipping_method else "-"
        text = f"{bought}|{method}|{self.shipping.amount}|{self.total}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def quote(cart: Cart | None, method: ShippingMethod | None) -> Quote:
    """Price the cart's lines that are for sale now, in two queries. An empty cart costs nothing, shipping included."""
    lines = _priced_lines(cart) if cart is not None else []
    zero = Money.zero(settings.SHOP_CURRENCY)
    subtotal = sum((line.total for line in lines), zero)
    shipping = method.price if method is not None and lines else zero
    total = subtotal + shipping
    limits = chargeable(total) if total else None
    return Quote(lines, method, subtotal, shipping, total, limits.reason if limits else "")


def _priced_lines(cart: Cart) -> list[PricedLine]:
    wanted = {variant_id: (pk, quantity) for pk, variant_id, quantity in _wanted(cart)}
    variants = Variant.objects.for_sale().in_bulk(list(wanted))
    return [
        PricedLine(pk, variants[variant_id], quantity, _price(variants[variant_id]))
        for variant_id, (pk, quantity) in wanted.items()
        if variant_id in variants
    ]


def _wanted(cart: Cart) -> list[tuple[int, int, int]]:
    return list(cart.lines.values_list("pk", "variant_id", "quantity"))


def _price(variant: Variant) -> Money:
    return Money(variant.price_amount, variant.price_currency)


def shipping_methods() -> list[ShippingMethod]:
    """What the shopper may choose from, in the shop's currency."""
    return list(ShippingMethod.objects.filter(active=True, price_currency=settings.SHOP_CURRENCY))
