from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertRedirects

from catalog import stock
from catalog.models import Picture, Product, Stock, StockMovement, Variant
from catalog.stock import StockLine
from tests.catalog.factories import ProductFactory, VariantFactory
from tests.payments.people import superuser

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
CHANGE_FORM = "/admin/catalog/stockmovement/add/"


@pytest.fixture
def admin_user(db: None) -> User:
    """pytest-django's own has a password, and to hash it takes longer than most tests; nobody types one here."""
    return superuser()


def product_form(variant: Variant, **changes: object) -> dict[str, object]:
    """What the browser sends from the page of the variant's product."""
    return {
        "name": variant.product.name,
        "slug": variant.product.slug,
        "active": "on",
        "position": "0",
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "1",
        "variants-MIN_NUM_FORMS": "1",
        "variants-MAX_NUM_FORMS": "1000",
        "variants-0-id": variant.pk,
        "variants-0-product": variant.product.pk,
        "variants-0-sku": variant.sku,
        "variants-0-price": "12.30",
        "variants-0-active": "on",
        "variants-0-position": "0",
        **changes,
    }


def address(product: Product) -> str:
    return f"/admin/catalog/product/{product.pk}/change/"


def shelf_form(variant: Variant, client: Client, **changes: object) -> dict[str, object]:
    """The stock form as it was opened: with its own reference, to be filled in."""
    opened = client.get(CHANGE_FORM).content.decode()
    found = re.search(r'name="line" value="([^"]+)"', opened)
    assert found
    return {"variant": variant.pk, "reason": "received", "on_hand_change": "5", "line": found[1], "note": "", **changes}


def test_staff_see_products_with_prices_and_stock(admin_client: Client) -> None:
    variant = VariantFactory.create(name="Small", product__name="Board", price_amount=2400, on_hand=4)
    VariantFactory.create(name="Large", product=variant.product, price_amount=3800, on_hand=3)
    listed = admin_client.get("/admin/catalog/product/", {"q": "board"})
    assertContains(listed, "€24.00 – €38.00")
    assertContains(listed, '<td class="field-available">7</td>')


def test_staff_read_and_write_prices_in_major_units(admin_client: Client) -> None:
    variant = VariantFactory.create(price_amount=1230)
    assertContains(admin_client.get(address(variant.product)), 'value="12.30"')
    admin_client.post(address(variant.product), product_form(variant, **{"variants-0-price": "15.5"}))
    variant.refresh_from_db()
    assert variant.price_amount == 1550


@pytest.mark.parametrize(
    ("price", "error"),
    [
        ("12.305", "no more than 2 decimal places"),
        ("-1", "greater than or equal to 0"),
        ("twelve", "Enter a number"),
        ("", "This field is required"),
    ],
)
def test_a_price_that_cannot_be_charged_is_explained(admin_client: Client, price: str, error: str) -> None:
    variant = VariantFactory.create(price_amount=1230)
    answer = admin_client.post(address(variant.product), product_form(variant, **{"variants-0-price": price}))
    assertContains(answer, error)
    variant.refresh_from_db()
    assert variant.price_amount == 1230


def test_a_second_variant_with_the_same_sku_is_explained(admin_client: Client) -> None:
    VariantFactory.create(sku="TAKEN")
    variant = VariantFactory.create()
    answer = admin_client.post(address(variant.product), product_form(variant, **{"variants-0-sku": "TAKEN"}))
    assertContains(answer, "already exists")


def test_an_uploaded_picture_is_stored_and_shown(admin_client: Client) -> None:
    variant = VariantFactory.create()
    upload = SimpleUploadedFile("mug.png", PNG)
    admin_client.post(address(variant.product), product_form(variant, upload=upload))
    product = Product.objects.get()
    assert bytes(Picture.objects.get().content) == PNG
    assertContains(admin_client.get(address(product)), f'<img src="{product.picture_url}"')


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "no PNG, JPEG or WebP"),
        (b"<html></html>", "no PNG, JPEG or WebP"),
        (PNG + b"\0" * 1024 * 1024, "larger than"),
    ],
)
def test_a_file_that_is_no_small_picture_is_refused(admin_client: Client, content: bytes, error: str) -> None:
    variant = VariantFactory.create()
    upload = SimpleUploadedFile("mug.png", content, content_type="image/png")
    answer = admin_client.post(address(variant.product), product_form(variant, upload=upload))
    assertContains(answer, error)
    assert not Picture.objects.exists()


def test_staff_find_variants_that_run_out(admin_client: Client) -> None:
    VariantFactory.create(sku="GONE")
    VariantFactory.create(sku="SCARCE", on_hand=2)
    VariantFactory.create(sku="PLENTY", on_hand=20)
    for state, sku in (("none", "GONE"), ("few", "SCARCE"), ("many", "PLENTY")):
        listed = admin_client.get("/admin/catalog/variant/", {"availability": state}).content.decode()
        assert re.findall(r">(GONE|SCARCE|PLENTY)<", listed) == [sku]


def test_received_goods_are_recorded_with_who_and_why(admin_client: Client, admin_user: User) -> None:
    variant = VariantFactory.create()
    form = shelf_form(variant, admin_client, on_hand_change="12", note="delivery 881")
    assertRedirects(admin_client.post(CHANGE_FORM, form), "/admin/catalog/stockmovement/")
    assert Stock.objects.get(pk=variant.pk).on_hand == 12
    movement = StockMovement.objects.get()
    assert (movement.reason, movement.actor, movement.note) == ("received", f"user:{admin_user.pk}", "delivery 881")
    assertContains(
        admin_client.get("/admin/catalog/stockmovement/"), f'<td class="field-by">{admin_user.username}</td>'
    )


def test_the_same_stock_form_sent_twice_moves_stock_once(admin_client: Client) -> None:
    variant = VariantFactory.create()
    form = shelf_form(variant, admin_client)
    for _ in range(2):
        admin_client.post(CHANGE_FORM, form)
    assert Stock.objects.get(pk=variant.pk).on_hand == 5


@pytest.mark.parametrize(
    ("reason", "change", "error"),
    [
        ("received", "-3", "enter a positive number"),
        ("lost", "3", "enter a negative number"),
        ("counted", "0", "changes nothing"),
        ("sold", "-3", "Select a valid choice"),
        ("received", "2147483647", "less than or equal to 1000000"),
        ("counted", "-2147483648", "greater than or equal to -1000000"),
    ],
)
def test_a_stock_change_that_does_not_fit_its_reason_is_explained(
    admin_client: Client, reason: str, change: str, error: str
) -> None:
    variant = VariantFactory.create(on_hand=10)
    form = shelf_form(variant, admin_client, reason=reason, on_hand_change=change)
    assertContains(admin_client.post(CHANGE_FORM, form), error)
    assert Stock.objects.get(pk=variant.pk).on_hand == 10


def test_staff_cannot_take_away_what_is_reserved(admin_client: Client) -> None:
    variant = VariantFactory.create(on_hand=5)
    with transaction.atomic():
        stock.reserve([StockLine("line-1", variant.pk, 4)])
    form = shelf_form(variant, admin_client, reason="lost", on_hand_change="-2")
    answer = admin_client.post(CHANGE_FORM, form, follow=True)
    assertContains(answer, "1 on the shelf are not reserved for an order")
    assert Stock.objects.get(pk=variant.pk).on_hand == 5


def test_a_shelf_that_would_hold_more_than_can_be_counted_is_explained(admin_client: Client) -> None:
    variant = VariantFactory.create(on_hand=5)
    form = shelf_form(variant, admin_client, on_hand_change="1000000")
    Stock.objects.filter(pk=variant.pk).update(on_hand=2_147_000_000)
    answer = admin_client.post(CHANGE_FORM, form, follow=True)
    assertContains(answer, "Nothing was changed: the shelf would hold more pieces than can be counted.")
    assert Stock.objects.get(pk=variant.pk).on_hand == 2_147_000_000


def test_nobody_changes_or_deletes_a_movement(admin_client: Client) -> None:
    VariantFactory.create(on_hand=5)
    movement = StockMovement.objects.get()
    for action in ("change", "delete"):
        answer = admin_client.post(f"/admin/catalog/stockmovement/{movement.pk}/{action}/", {"post": "yes"})
        assert answer.status_code == 403
    assertContains(admin_client.get(f"/admin/catalog/stockmovement/{movement.pk}/change/"), movement.line)


def test_a_product_whose_stock_has_moved_is_kept(admin_client: Client) -> None:
    variant = VariantFactory.create(on_hand=5)
    answer = admin_client.post(f"/admin/catalog/product/{variant.product.pk}/delete/", {"post": "yes"})
    assert answer.status_code in (200, 403)
    assert Product.objects.filter(pk=variant.product.pk).exists()


def test_staff_without_the_permission_cannot_move_stock(client: Client) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_stockmovement"))
    client.force_login(clerk)
    assert client.get("/admin/catalog/stockmovement/").status_code == 200
    assert client.post(CHANGE_FORM, {}).status_code == 403


def test_the_admin_lists_ask_no_more_for_more_rows(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        VariantFactory.create(on_hand=2)
    ProductFactory.create()
    for listed in ("product", "variant", "stockmovement"):
        admin_client.get(f"/admin/catalog/{listed}/")
        with django_assert_max_num_queries(9):
            admin_client.get(f"/admin/catalog/{listed}/")
