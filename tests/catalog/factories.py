"""Products and variants as staff enter them; stock comes in by a movement, as in the shop."""

from __future__ import annotations

import uuid

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from catalog import stock
from catalog.models import Product, Variant
from catalog.models.stock import MovementReason


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    slug = factory.Sequence(lambda number: f"product-{number}")
    name = factory.Sequence(lambda number: f"Product {number}")


class VariantFactory(DjangoModelFactory[Variant]):
    """`VariantFactory(on_hand=5)` has five pieces on the shelf; without it, none."""

    class Meta:
        model = Variant
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence(lambda number: f"SKU-{number}")
    price_amount = 1230
    price_currency = "EUR"

    @factory.post_generation
    def on_hand(self, create: bool, pieces: int | None, **_extra: object) -> None:
        if pieces:
            receive(self, pieces)


def receive(variant: Variant, pieces: int) -> None:
    with transaction.atomic():
        stock.adjust(variant.pk, pieces, reason=MovementReason.RECEIVED, reference=uuid.uuid4().hex, actor="test")
