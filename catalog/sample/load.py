from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction

from catalog import stock
from catalog.models import Picture, Product, Variant
from catalog.models.picture import PictureFormat
from catalog.models.stock import MovementReason
from catalog.prices import decimals, to_minor
from catalog.sample.products import SAMPLE_PRODUCTS, SampleProduct, SampleVariant

_PICTURES = Path(__file__).parent / "pictures"


@transaction.atomic
def load_sample_catalog() -> int:
    """Add the sample products that the shop lacks and say how many; what is there already stays as staff left it."""
    return sum(_load(sample, position) for position, sample in enumerate(SAMPLE_PRODUCTS))


def _load(sample: SampleProduct, position: int) -> bool:
    if Product.objects.filter(slug=sample.slug).exists():
        return False
    picture = (_PICTURES / f"{sample.slug}.svg").read_bytes()
    product = Product.objects.create(
        slug=sample.slug,
        name=sample.name,
        summary=sample.summary,
        description=sample.description,
        picture=Picture.objects.store(picture, PictureFormat.SVG),
        picture_alt=sample.picture_alt,
        position=position,
    )
    for place, variant in enumerate(sample.variants):
        _add(product, variant, place)
    return True


def _add(product: Product, sample: SampleVariant, position: int) -> None:
    currency = settings.SHOP_CURRENCY
    price = round(sample.price, decimals(currency))
    variant = Variant.objects.create(
        product=product,
        sku=sample.sku,
        name=sample.name,
        price_amount=to_minor(price, currency),
        price_currency=currency,
        position=position,
    )
    if sample.on_hand:
        stock.adjust(
            variant.pk,
            sample.on_hand,
            reason=MovementReason.RECEIVED,
            reference=f"sample:{sample.sku}",
            actor="command:load_sample_catalog",
        )
