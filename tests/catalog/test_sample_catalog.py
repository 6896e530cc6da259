from __future__ import annotations

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from catalog.models import Picture, Product, Stock, StockMovement, Variant
from catalog.sample.products import SAMPLE_PRODUCTS

pytestmark = pytest.mark.django_db


def test_the_sample_catalog_is_a_dozen_products_with_pictures_and_stock() -> None:
    call_command("load_sample_catalog", verbosity=0)
    assert Product.objects.exclude(picture=None).exclude(picture_alt="").count() == 12
    assert Picture.objects.count() == 12
    available = [sum(variant.on_hand for variant in product.variants) for product in SAMPLE_PRODUCTS]
    assert available.count(0) == 1
    assert available.count(1) == 1
    assert Variant.objects.get(sku="MUG-SAGE").price_amount == 1650
    assert Stock.objects.get(variant__sku="LAMP-BRASS").available == 1


def test_loading_twice_adds_nothing_and_keeps_what_staff_changed() -> None:
    call_command("load_sample_catalog", verbosity=0)
    Product.objects.filter(slug="stoneware-mug").update(name="Our own mug")
    counts = [model.objects.count() for model in (Product, Variant, Picture, StockMovement)]
    call_command("load_sample_catalog", verbosity=0)
    assert [model.objects.count() for model in (Product, Variant, Picture, StockMovement)] == counts
    assert Product.objects.get(slug="stoneware-mug").name == "Our own mug"
    assert Stock.objects.get(variant__sku="MUG-SAGE").on_hand == 40


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 16), ("KWD", 16500)])
def test_the_sample_prices_follow_the_currency_of_the_shop(settings: Settings, currency: str, amount: int) -> None:
    settings.SHOP_CURRENCY = currency
    call_command("load_sample_catalog", verbosity=0)
    mug = Variant.objects.get(sku="MUG-SAGE")
    assert (mug.price_amount, mug.price_currency) == (amount, currency)
