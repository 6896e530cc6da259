"""What the shop's pages read."""

from __future__ import annotations

from django.db.models import F, Max, Min, OrderBy, Q, QuerySet, Sum, TextChoices, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product
from catalog.models.variant import Variant, shop_currency


class Sort(TextChoices):
    FEATURED = "featured", _("Featured")
    CHEAPEST = "price", _("Price: low to high")
    DEAREST = "-price", _("Price: high to low")
    NEWEST = "newest", _("Newest")
    NAME = "name", _("Name")


_ORDER: dict[Sort, list[str | OrderBy]] = {
    Sort.FEATURED: ["position", "name"],
    Sort.CHEAPEST: ["lowest_price", "name"],
    Sort.DEAREST: [F("highest_price").desc(), "name"],
    Sort.NEWEST: ["-created_at", "name"],
    Sort.NAME: ["name"],
}


def products_for_sale(*, words: str = "", sort: Sort = Sort.FEATURED) -> QuerySet[Product]:
    """Products with something to sell, each with `lowest_price`, `highest_price` (minor units) and `available`.

    Every one of `words` must be in the product's name, summary, description or a variant's SKU or name.
    """
    for_sale = Q(variants__active=True, variants__price_currency=shop_currency())
    on_shelf = F("variants__stock__on_hand") - F("variants__stock__reserved")
    products = Product.objects.filter(active=True).annotate(
        lowest_price=Min("variants__price_amount", filter=for_sale),
        highest_price=Max("variants__price_amount", filter=for_sale),
        available=Coalesce(Sum(on_shelf, filter=for_sale), Value(0)),
    )
    for word in words.split():
        products = products.filter(_mentions(word))
    return products.filter(lowest_price__isnull=False).order_by(*_ORDER[sort], "pk")


def variants_for_sale(product: Product) -> list[Variant]:
    return list(Variant.objects.for_sale().filter(product=product))


def _mentions(word: str) -> Q:
    in_variant = Variant.objects.for_sale().filter(Q(sku__iexact=word) | Q(name__icontains=word))
    in_words = Q(name__icontains=word) | Q(summary__icontains=word) | Q(description__icontains=word)
    return in_words | Q(pk__in=in_variant.values("product"))
