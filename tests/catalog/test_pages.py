from __future__ import annotations

import re

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains
from pytest_django.fixtures import Settings

from catalog import stock
from catalog.models import Picture
from catalog.models.picture import PictureFormat
from catalog.sample.load import load_sample_catalog
from catalog.stock import StockLine
from catalog.views import PRODUCTS_PER_PAGE
from tests.catalog.factories import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def names_on(html: str) -> list[str]:
    return re.findall(r'<h2 class="product-card__name">\s*<a [^>]*>([^<]+)</a>', html)


def test_the_list_shows_active_products_in_their_position(client: Client) -> None:
    VariantFactory.create(product__name="Second", product__position=2)
    VariantFactory.create(product__name="First", product__position=1)
    VariantFactory.create(product__name="Hidden", product__active=False)
    assert names_on(page(client, "/")) == ["First", "Second"]


def test_a_product_with_nothing_to_sell_is_not_listed(client: Client) -> None:
    ProductFactory.create(name="Empty")
    VariantFactory.create(product__name="Retired", active=False)
    VariantFactory.create(product__name="In francs", price_currency="CHF")
    assert names_on(page(client, "/")) == []


def test_an_empty_shop_says_so(client: Client) -> None:
    assert "Nothing for sale yet" in page(client, "/")


def test_the_list_shows_the_lowest_price_of_the_variants_for_sale(client: Client) -> None:
    variant = VariantFactory.create(price_amount=2400, name="Small")
    VariantFactory.create(price_amount=3800, name="Large", product=variant.product)
    VariantFactory.create(price_amount=100, name="Retired", product=variant.product, active=False)
    html = page(client, "/")
    assert "from €24.00" in html
    assert "€1.00" not in html


def test_the_list_says_what_is_sold_out_and_what_is_nearly(client: Client) -> None:
    VariantFactory.create(product__name="Gone")
    VariantFactory.create(product__name="Scarce", on_hand=1)
    VariantFactory.create(product__name="Plenty", on_hand=50)
    html = page(client, "/")
    assert html.count("Sold out") == 1
    assert html.count("Only 1 left") == 1


def test_pieces_reserved_for_orders_count_as_gone(client: Client) -> None:
    variant = VariantFactory.create(on_hand=1)
    with transaction.atomic():
        stock.reserve([StockLine("line-1", variant.pk, 1)])
    assert "Sold out" in page(client, "/")


@pytest.mark.parametrize("words", ["teapot", "TEA pot", "hand-thrown", "ochre", "tp-2"])
def test_search_finds_a_product_by_its_name_description_or_variant(client: Client, words: str) -> None:
    VariantFactory.create(
        product__name="Stoneware teapot", product__description="Hand-thrown clay.", name="Ochre", sku="TP-2"
    )
    VariantFactory.create(product__name="Notebook")
    assert names_on(page(client, f"/?q={words}")) == ["Stoneware teapot"]


def test_a_search_without_result_offers_the_way_back(client: Client) -> None:
    VariantFactory.create()
    answer = client.get("/", {"q": "<unicorn>"})
    assertContains(answer, "Nothing found for “&lt;unicorn&gt;”")
    assertContains(answer, "Show all products")


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", "\0", "a" * 5000])
def test_a_search_for_odd_characters_is_only_a_search(client: Client, words: str) -> None:
    assert client.get("/", {"q": words}).status_code == 200


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("price", ["Cheap", "Middle", "Dear"]),
        ("-price", ["Dear", "Middle", "Cheap"]),
        ("name", ["Cheap", "Dear", "Middle"]),
        ("newest", ["Cheap", "Dear", "Middle"]),
        ("featured", ["Middle", "Dear", "Cheap"]),
        ("nonsense", ["Middle", "Dear", "Cheap"]),
    ],
)
def test_the_list_is_sorted_as_asked(client: Client, sort: str, names: list[str]) -> None:
    for position, (name, amount) in enumerate([("Middle", 200), ("Dear", 300), ("Cheap", 100)]):
        VariantFactory.create(product__name=name, product__position=position, price_amount=amount)
    assert names_on(page(client, f"/?sort={sort}")) == names


def test_a_long_list_comes_in_pages_that_keep_the_search(client: Client) -> None:
    for _ in range(PRODUCTS_PER_PAGE + 1):
        VariantFactory.create(product__name="Mug")
    first = client.get("/", {"q": "mug"})
    assertContains(first, 'href="?q=mug&amp;page=2"')
    assert len(names_on(page(client, "/?q=mug&page=2"))) == 1
    assert len(names_on(page(client, "/?page=999"))) == 1


def test_the_list_asks_the_database_twice_however_long_it_is(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    load_sample_catalog()
    client.get("/")
    with django_assert_num_queries(2):
        html = page(client, "/")
    assert len(names_on(html)) == 12


def test_the_list_with_its_pictures_and_styles_stays_small(client: Client, settings: Settings) -> None:
    load_sample_catalog()
    html = page(client, "/")
    pictures = sum(len(picture.content) for picture in Picture.objects.all())
    styles = sum(path.stat().st_size for path in (settings.BASE_DIR / "static" / "css").glob("*.css"))
    assert len(html.encode()) + pictures + styles < 150_000


def test_no_page_carries_inline_script_or_style(client: Client) -> None:
    load_sample_catalog()
    for address in ("/", "/products/stoneware-mug/", "/nowhere/"):
        html = client.get(address).content.decode()
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son\w+=", html), address


def test_the_product_page_preselects_the_first_variant_in_stock(client: Client) -> None:
    gone = VariantFactory.create(name="Sage", product__slug="mug")
    here = VariantFactory.create(name="Ochre", product=gone.product, position=1, on_hand=2)
    html = page(client, "/products/mug/")
    assert re.search(rf'value="{here.pk}"\s+required\s+checked', html)
    assert re.search(rf'value="{gone.pk}"\s+required\s+disabled', html)
    assert html.count("checked") == 1


def test_the_product_page_shows_each_variant_with_its_price(client: Client) -> None:
    variant = VariantFactory.create(name="Small", price_amount=2400, product__slug="board", on_hand=5)
    VariantFactory.create(name="Large", price_amount=3800, product=variant.product, on_hand=2)
    html = page(client, "/products/board/")
    assert "€24.00" in html
    assert "€38.00" in html
    assert "In stock" in html
    assert "Only 2 left" in html


def test_add_to_cart_sends_the_variant_and_a_quantity_to_the_cart(client: Client) -> None:
    variant = VariantFactory.create(product__slug="kettle", on_hand=7)
    html = page(client, "/products/kettle/")
    assert re.search(r'<form[^>]+method="post"[^>]+action="/cart/add/"', html)
    assert re.search(rf'name="variant" value="{variant.pk}"', html)
    assert re.search(r'name="quantity"\s+value="1"\s+min="1"\s+max="7"', html)
    assert "Add to cart" in html


def test_a_sold_out_product_says_why_it_cannot_be_bought(client: Client) -> None:
    VariantFactory.create(product__slug="dripper")
    html = page(client, "/products/dripper/")
    assert re.search(r"<button[^>]+disabled[^>]*>\s*Add to cart", html)
    assert "This product is sold out" in html


def test_a_product_without_variants_cannot_be_bought(client: Client) -> None:
    ProductFactory.create(slug="idea")
    answer = client.get("/products/idea/")
    assertContains(answer, "cannot be bought at the moment")
    assertNotContains(answer, "Add to cart")


def test_hidden_and_unknown_products_are_not_found(client: Client) -> None:
    ProductFactory.create(slug="hidden", active=False)
    for address in ("/products/hidden/", "/products/unknown/"):
        assertContains(client.get(address), "Page not found", status_code=404)


def test_what_staff_write_is_shown_as_text(client: Client) -> None:
    VariantFactory.create(product__slug="mug", product__name="<b>Mug</b>", product__summary="<script>alert()")
    html = page(client, "/products/mug/")
    assert "<b>Mug" not in html
    assert "<script>alert" not in html


def test_the_product_page_asks_the_database_twice(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    load_sample_catalog()
    client.get("/products/stoneware-mug/")
    with django_assert_num_queries(2):
        page(client, "/products/stoneware-mug/")


def test_a_picture_is_served_to_be_kept_for_ever_and_without_power(client: Client) -> None:
    picture = Picture.objects.store(b"<svg/>", PictureFormat.SVG)
    product = ProductFactory.create(picture=picture)
    answer = client.get(product.picture_url)
    assert answer.content == b"<svg/>"
    assert answer["Content-Type"] == "image/svg+xml"
    assert "immutable" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = client.get(product.picture_url, headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("digest", ["0" * 64, "0123", "%00", "0" * 63 + "G", "0" * 64 + "%0A"])
def test_an_unknown_picture_is_not_found(client: Client, digest: str) -> None:
    assert client.get(f"/pictures/{digest}").status_code == 404
