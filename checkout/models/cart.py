from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from catalog.models import Variant

MOST_OF_ONE = 99


class Cart(models.Model):
    """What a shopper means to buy. The browser knows it by `public_id`, in a signed cookie.

    `checkout_id` is the one order that this cart can become; placing it draws a new one. `version` grows with every
    change, so that an order is never made of a cart that changed while it was being placed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    checkout_id = models.UUIDField(default=uuid.uuid4, editable=False)
    version = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"cart {self.public_id}"


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="checkout_cartline_variant_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MOST_OF_ONE), name="checkout_cartline_quantity_sensible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant}"
