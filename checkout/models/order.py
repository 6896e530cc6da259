from __future__ import annotations

import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from catalog.models import Variant
from payments.models import Payment
from payments.money import Money

_UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def order_number() -> str:
    """A number for people: random, so that it tells nothing of how many orders there are, and easy to read out."""
    first, second = ("".join(secrets.choice(_UNAMBIGUOUS) for _ in range(4)) for _ in range(2))
    return f"TG-{first}-{second}"


class Order(models.Model):
    """An immutable, priced snapshot of what a shopper bought. Amounts are minor units of `currency`.

    Its own status is apart from that of its payment, which is derived from the payment's sums. An order of zero has
    no payment and is confirmed at once. `left_amount` of its payment stayed here when staff cancelled it, since the
    gateway refuses to refund a charge of which a dispute was lost.
    """

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        CONFIRMED = "confirmed", _("confirmed")
        NEEDS_ATTENTION = "needs_attention", _("needs attention")
        CANCELLED = "cancelled", _("cancelled")
        FULFILLED = "fulfilled", _("fulfilled")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=12, unique=True, default=order_number, editable=False)
    checkout_id = models.UUIDField(unique=True, editable=False)
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.PLACED)
    email = models.EmailField(_("e-mail"), max_length=254)
    currency = models.CharField(_("currency"), max_length=3)
    subtotal_amount = models.BigIntegerField()
    shipping_amount = models.BigIntegerField()
    total_amount = models.BigIntegerField()
    left_amount = models.BigIntegerField(default=0, editable=False)
    shipping_name = models.CharField(_("shipping method"), max_length=80)
    payment = models.OneToOneField(Payment, null=True, on_delete=models.PROTECT, related_name="order")
    placed_at = models.DateTimeField(_("placed"), db_default=Now())

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at"]
        permissions = [
            ("keep_order", "Can keep an order that needs attention"),
            ("cancel_order", "Can cancel an order whose money went back"),
            ("fulfil_order", "Can mark an order as fulfilled"),
        ]
        indexes = [models.Index(fields=["-placed_at"], name="checkout_order_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["placed", "confirmed", "needs_attention", "cancelled", "fulfilled"]),
                name="checkout_order_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(total_amount=F("subtotal_amount") + F("shipping_amount")),
                name="checkout_order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(subtotal_amount__gte=0, shipping_amount__gte=0), name="checkout_order_amounts_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(left_amount__gte=0, left_amount__lte=F("total_amount")),
                name="checkout_order_left_within_total",
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="checkout_order_currency_is_iso"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("checkout:order", args=[self.public_id])

    @property
    def subtotal(self) -> Money:
        return Money(self.subtotal_amount, self.currency)

    @property
    def shipping(self) -> Money:
        return Money(self.shipping_amount, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_amount, self.currency)


class OrderLine(models.Model):
    """One variant of an order, as it was called and priced then. `public_id` names the line to the stock."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    sku = models.CharField(max_length=64)
    unit_amount = models.BigIntegerField()
    quantity = models.PositiveIntegerField()
    total_amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "variant"], name="checkout_orderline_variant_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="checkout_orderline_quantity_positive"),
            models.CheckConstraint(
                condition=Q(total_amount=F("unit_amount") * F("quantity")), name="checkout_orderline_total_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"

    @property
    def unit_price(self) -> Money:
        return Money(self.unit_amount, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_amount, self.currency)

    @property
    def stock_reference(self) -> str:
        return str(self.public_id)


class Address(models.Model):
    """Where an order goes. Apart from the order, so that it can be erased while the order stays."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="address")
    name = models.CharField(_("full name"), max_length=120)
    address = models.CharField(_("address"), max_length=200)
    city = models.CharField(_("city"), max_length=100)
    postal_code = models.CharField(_("postal code"), max_length=20)
    country = CountryField(_("country"))

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"
