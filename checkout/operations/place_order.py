"""Place an order: one transaction, one order for each checkout, whatever is clicked, reloaded or opened twice."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from catalog.stock import StockLine, reserve
from checkout.models import Address, Cart, CartLine, Order, OrderLine, ShippingMethod
from checkout.operations.confirm import confirm
from checkout.pricing import Quote, quote
from payments.gateways.base import CaptureMethod
from payments.operations.collect import collect
from payments.transactions import retried


@dataclass(frozen=True, slots=True)
class Wish:
    """What the shopper asked for, with the quote that they saw (`fingerprint`) and the gateway's single-use token."""

    checkout_id: uuid.UUID
    email: str
    name: str
    address: str
    city: str
    postal_code: str
    country: str
    shipping_method: ShippingMethod
    fingerprint: str
    token: str


class QuoteChanged(Exception):
    """Prices or the cart changed since the shopper saw them: show `quote` and ask again. Nothing was charged."""

    def __init__(self, quote: Quote) -> None:
        super().__init__("the quote changed")
        self.quote = quote


def placed_as(checkout_id: uuid.UUID) -> Order | None:
    """The order that this checkout has become, if it has."""
    return Order.objects.filter(checkout_id=checkout_id).first()


@retried
def place_order(cart: Cart, wish: Wish) -> Order:
    """Turn the cart into an order with its payment, and reserve the stock. Nothing is sent: a worker charges.

    The same checkout gives the same order. Raises QuoteChanged, AmountNotChargeable, OutOfStock.
    """
    with transaction.atomic():
        offer = quote(cart, wish.shipping_method)
        if offer.fingerprint != wish.fingerprint or not offer.lines or wish.checkout_id != cart.checkout_id:
            return _already_placed(wish, offer)
        order = _insert_order(wish, offer)
        if order is None:
            return _already_placed(wish, offer)
        lines = _insert_details(order, wish, offer)
        _empty(cart, wish, offer)
        if order.total:
            _attach_payment(order, wish)
        reserve([StockLine(line.stock_reference, line.variant_id, line.quantity) for line in lines])
        if not order.total:
            confirm(order)
    return order


def _already_placed(wish: Wish, offer: Quote) -> Order:
    if order := placed_as(wish.checkout_id):
        return order
    raise QuoteChanged(offer)


def _insert_order(wish: Wish, offer: Quote) -> Order | None:
    """Insert the order first: a second click waits here for the first, holding nothing, and then finds its order."""
    order = Order(
        checkout_id=wish.checkout_id,
        email=wish.email,
        currency=offer.total.currency,
        subtotal_amount=offer.subtotal.amount,
        shipping_amount=offer.shipping.amount,
        total_amount=offer.total.amount,
        shipping_name=wish.shipping_method.name,
    )
    Order.objects.bulk_create([order], ignore_conflicts=True)
    ours = Order.objects.filter(checkout_id=wish.checkout_id, number=order.number).values_list("pk", flat=True)
    order.pk = ours.first()
    return order if order.pk else None


def _insert_details(order: Order, wish: Wish, offer: Quote) -> list[OrderLine]:
    Address.objects.create(
        order=order,
        name=wish.name,
        address=wish.address,
        city=wish.city,
        postal_code=wish.postal_code,
        country=wish.country,
    )
    return OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            variant=line.variant,
            name=str(line.variant),
            sku=line.variant.sku,
            unit_amount=line.unit_price.amount,
            quantity=line.quantity,
            total_amount=line.total.amount,
            currency=line.total.currency,
        )
        for line in offer.lines
    )


def _empty(cart: Cart, wish: Wish, offer: Quote) -> None:
    """Empty the cart, if it is still the one that was priced; the next order from it is another checkout."""
    unchanged = Cart.objects.filter(pk=cart.pk, version=cart.version, checkout_id=wish.checkout_id)
    if not unchanged.update(version=F("version") + 1, checkout_id=uuid.uuid4()):
        raise QuoteChanged(offer)
    CartLine.objects.filter(cart=cart).delete()


def _attach_payment(order: Order, wish: Wish) -> None:
    order.payment = collect(
        order.total,
        token=wish.token,
        request_id=wish.checkout_id,
        description=f"Order {order.number}",
        return_url=return_url(order),
        capture_method=CaptureMethod(settings.CAPTURE_METHOD),
    )
    Order.objects.filter(pk=order.pk).update(payment=order.payment)


def return_url(order: Order) -> str:
    """Where the shopper's bank sends them back to."""
    return settings.SITE_URL + reverse("checkout:order-return", args=[order.public_id])
