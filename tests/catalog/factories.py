"""Products and variants as staff enter them; stock comes in by a movement, as in the shop."""

from __future__ import annotations

import uuid

from django.db import transaction
from factory.declarations import Sequence, SubFactory
from factory.django import DjangoModelFactory

from catalog import stock
from catalog.models import Product, Variant
from catalog.models.stock import MovementReason


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    slug = Sequence(lambda number: f"product-{number}")
    name = Sequence(lambda number: f"Product {number}")


class VariantFactory(DjangoModelFactory[Variant]):
    """`VariantFactory.create(on_hand=5)` has five pieces on the shelf; without it, none."""

    class Meta:
        model = Variant

    product = SubFactory(ProductFactory)
    sku = Sequence(lambda number: f"SKU-{number}")
    price_amount = 1230
    price_currency = "EUR"

    @classmethod
    def _create(cls, model_class: type[Variant], *args: object, on_hand: int = 0, **fields: object) -> Variant:
        variant: Variant = super()._create(model_class, *args, **fields)
        if on_hand:
            receive(variant, on_hand)
        return variant


def shelved(on_hand: int, **fields: object) -> Variant:
    """A variant that is for sale, with this many pieces on the shelf."""
    variant: Variant = VariantFactory.create(on_hand=on_hand, **fields)
    return variant


def receive(variant: Variant, pieces: int) -> None:
    with transaction.atomic():
        stock.adjust(variant.pk, pieces, reason=MovementReason.RECEIVED, reference=uuid.uuid4().hex, actor="test")
