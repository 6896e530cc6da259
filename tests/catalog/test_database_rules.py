"""What the database itself refuses, by raw SQL past the application, each by the name of its constraint."""

from __future__ import annotations

import pytest

from catalog.models import Stock, StockMovement
from tests.catalog.factories import ProductFactory, VariantFactory
from tests.payments.refusals import execute, refused_by

pytestmark = pytest.mark.django_db(transaction=True)

INSERT_MOVEMENT = """
INSERT INTO catalog_stockmovement (variant_id, line, reason, on_hand_change, reserved_change, actor, note)
VALUES (%s, %s, %s, %s, %s, 'test', '')
"""


def test_two_products_never_share_an_address() -> None:
    ProductFactory.create(slug="teapot")
    other = ProductFactory.create()
    with refused_by("catalog_product_unique_slug"):
        execute("UPDATE catalog_product SET slug = 'teapot' WHERE id = %s", other.pk)


def test_two_variants_never_share_a_sku() -> None:
    VariantFactory.create(sku="MUG-1")
    other = VariantFactory.create()
    with refused_by("catalog_variant_unique_sku"):
        execute("UPDATE catalog_variant SET sku = 'MUG-1' WHERE id = %s", other.pk)


def test_two_variants_of_a_product_never_share_a_name() -> None:
    variant = VariantFactory.create(name="Sage")
    other = VariantFactory.create(name="Ink", product=variant.product)
    with refused_by("catalog_variant_unique_name"):
        execute("UPDATE catalog_variant SET name = 'Sage' WHERE id = %s", other.pk)


def test_a_price_is_never_negative() -> None:
    variant = VariantFactory.create()
    with refused_by("catalog_variant_price_not_negative"):
        execute("UPDATE catalog_variant SET price_amount = -1 WHERE id = %s", variant.pk)


@pytest.mark.parametrize("code", ["eur", "EU", "E1R"])
def test_a_currency_is_three_capital_letters(code: str) -> None:
    variant = VariantFactory.create()
    with refused_by("catalog_variant_currency_is_a_code"):
        execute("UPDATE catalog_variant SET price_currency = %s WHERE id = %s", code, variant.pk)


def test_a_picture_has_a_format_that_browsers_show() -> None:
    with refused_by("catalog_picture_known_format"):
        execute("INSERT INTO catalog_picture (digest, media_type, content) VALUES ('0', 'text/html', '')")


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "UPDATE catalog_stock SET on_hand = -1, reserved = -1 WHERE variant_id = %s",
            "catalog_stock_on_hand_not_negative",
        ),
        ("UPDATE catalog_stock SET reserved = -1 WHERE variant_id = %s", "catalog_stock_reserved_not_negative"),
        ("UPDATE catalog_stock SET reserved = 6 WHERE variant_id = %s", "catalog_stock_reserved_within_on_hand"),
    ],
)
def test_stock_is_never_negative_nor_promised_beyond_what_is_there(statement: str, constraint: str) -> None:
    variant = VariantFactory.create(on_hand=5)
    with refused_by(constraint):
        execute(statement, variant.pk)


def test_a_line_moves_stock_once_for_a_reason() -> None:
    variant = VariantFactory.create()
    execute(INSERT_MOVEMENT, variant.pk, "line-1", "reserved", 0, 1)
    with refused_by("catalog_stockmovement_once_per_line_and_reason"):
        execute(INSERT_MOVEMENT, variant.pk, "line-1", "reserved", 0, 1)


def test_a_reservation_is_either_sold_or_released() -> None:
    variant = VariantFactory.create()
    execute(INSERT_MOVEMENT, variant.pk, "line-1", "sold", -1, -1)
    with refused_by("catalog_stockmovement_reservation_ends_once"):
        execute(INSERT_MOVEMENT, variant.pk, "line-1", "released", 0, -1)


@pytest.mark.parametrize(
    ("reason", "on_hand", "reserved"),
    [
        ("reserved", 0, 0),
        ("reserved", -1, 1),
        ("released", 0, 1),
        ("released", 1, -1),
        ("sold", -1, 0),
        ("sold", 1, 1),
        ("returned", -1, 0),
        ("returned", 1, 1),
        ("received", 0, 0),
        ("counted", 0, 0),
        ("counted", 1, 1),
        ("lost", 1, 0),
        ("stolen", -1, 0),
    ],
)
def test_a_movement_changes_what_its_reason_says(reason: str, on_hand: int, reserved: int) -> None:
    variant = VariantFactory.create()
    with refused_by("catalog_stockmovement_changes_fit_reason"):
        execute(INSERT_MOVEMENT, variant.pk, "line-1", reason, on_hand, reserved)


@pytest.mark.parametrize(
    "statement", ["UPDATE catalog_stockmovement SET note = 'x'", "DELETE FROM catalog_stockmovement"]
)
def test_a_movement_is_never_changed_nor_deleted(statement: str) -> None:
    VariantFactory.create(on_hand=5)
    with refused_by("catalog_stockmovement_append_only"):
        execute(statement)
    assert StockMovement.objects.get().note == ""


def test_a_variant_has_one_row_of_stock() -> None:
    variant = VariantFactory.create(on_hand=5)
    with refused_by("catalog_stock_pkey"):
        execute("INSERT INTO catalog_stock (variant_id, on_hand, reserved) VALUES (%s, 1, 0)", variant.pk)
    assert Stock.objects.get().on_hand == 5
