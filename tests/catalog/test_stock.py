from __future__ import annotations

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from catalog import stock
from catalog.models import Stock, StockMovement, Variant
from catalog.models.stock import MovementReason
from catalog.stock import OutOfStock, StockLine
from tests.catalog.factories import VariantFactory

pytestmark = pytest.mark.django_db


def on_shelf(variant: Variant) -> tuple[int, int]:
    row = Stock.objects.get(pk=variant.pk)
    return row.on_hand, row.reserved


def history(reference: str) -> list[str]:
    return [movement.reason for movement in StockMovement.objects.filter(line=reference).order_by("id")]


def test_a_reservation_keeps_pieces_for_the_order_and_leaves_them_on_the_shelf() -> None:
    variant = VariantFactory.create(on_hand=5)
    stock.reserve([StockLine("line-1", variant.pk, 2)])
    assert on_shelf(variant) == (5, 2)
    assert history("line-1") == ["reserved"]


def test_reserving_the_same_line_again_moves_nothing() -> None:
    variant = VariantFactory.create(on_hand=5)
    for _ in range(2):
        stock.reserve([StockLine("line-1", variant.pk, 2)])
    assert on_shelf(variant) == (5, 2)
    assert history("line-1") == ["reserved"]


def test_two_lines_of_one_variant_are_reserved_together() -> None:
    variant = VariantFactory.create(on_hand=5)
    stock.reserve([StockLine("line-1", variant.pk, 2), StockLine("line-2", variant.pk, 3)])
    assert on_shelf(variant) == (5, 5)


def test_two_lines_of_one_variant_cannot_share_the_last_piece() -> None:
    variant = VariantFactory.create(on_hand=1)
    with pytest.raises(OutOfStock), transaction.atomic():
        stock.reserve([StockLine("line-1", variant.pk, 1), StockLine("line-2", variant.pk, 1)])
    assert on_shelf(variant) == (1, 0)


def test_an_order_is_reserved_whole_or_not_at_all() -> None:
    plenty, scarce = VariantFactory.create(on_hand=5), VariantFactory.create(on_hand=1)
    with pytest.raises(OutOfStock) as refused, transaction.atomic():
        stock.reserve([StockLine("line-1", plenty.pk, 1), StockLine("line-2", scarce.pk, 2)])
    assert refused.value.available == {scarce.pk: 1}
    assert on_shelf(plenty) == (5, 0)
    assert history("line-1") == []


def test_what_orders_hold_is_not_available_to_others() -> None:
    variant = VariantFactory.create(on_hand=5)
    stock.reserve([StockLine("line-1", variant.pk, 4)])
    with pytest.raises(OutOfStock) as refused, transaction.atomic():
        stock.reserve([StockLine("line-2", variant.pk, 2)])
    assert refused.value.available == {variant.pk: 1}


def test_a_variant_that_never_got_stock_is_sold_out() -> None:
    variant = VariantFactory.create()
    assert variant.available == 0
    with pytest.raises(OutOfStock) as refused, transaction.atomic():
        stock.reserve([StockLine("line-1", variant.pk, 1)])
    assert refused.value.available == {variant.pk: 0}


def test_a_caller_who_swallows_the_refusal_still_cannot_commit() -> None:
    variant = VariantFactory.create(on_hand=1)
    with transaction.atomic():
        with pytest.raises(OutOfStock):
            stock.reserve([StockLine("line-1", variant.pk, 2)])
        with pytest.raises(transaction.TransactionManagementError):
            Stock.objects.count()
    assert history("line-1") == []


def test_a_released_line_is_for_sale_again_and_only_once() -> None:
    variant = VariantFactory.create(on_hand=5)
    stock.reserve([StockLine("line-1", variant.pk, 2)])
    stock.release(["line-1"])
    stock.release(["line-1"])
    assert on_shelf(variant) == (5, 0)
    assert history("line-1") == ["reserved", "released"]


def test_a_sold_line_leaves_the_shelf_once() -> None:
    variant = VariantFactory.create(on_hand=5)
    stock.reserve([StockLine("line-1", variant.pk, 2)])
    stock.sell(["line-1"])
    stock.sell(["line-1"])
    assert on_shelf(variant) == (3, 0)
    assert history("line-1") == ["reserved", "sold"]


def test_a_sold_line_is_not_released_afterwards() -> None:
    variant = VariantFactory.create(on_hand=5)
    stock.reserve([StockLine("line-1", variant.pk, 2)])
    stock.sell(["line-1"])
    stock.release(["line-1"])
    assert on_shelf(variant) == (3, 0)


def test_a_released_line_is_not_sold_afterwards() -> None:
    variant = VariantFactory.create(on_hand=5)
    stock.reserve([StockLine("line-1", variant.pk, 2)])
    stock.release(["line-1"])
    stock.sell(["line-1"])
    assert on_shelf(variant) == (5, 0)


def test_releasing_what_was_never_reserved_moves_nothing() -> None:
    variant = VariantFactory.create(on_hand=5)
    stock.release(["line-1"])
    assert on_shelf(variant) == (5, 0)


def test_a_return_goes_back_on_the_shelf_once() -> None:
    variant = VariantFactory.create(on_hand=5)
    for _ in range(2):
        stock.put_back([StockLine("return-1", variant.pk, 1)], actor="user:7", note="unopened")
    assert on_shelf(variant) == (6, 0)
    returned = StockMovement.objects.get(line="return-1")
    assert (returned.reason, returned.actor, returned.note) == ("returned", "user:7", "unopened")


def test_staff_cannot_count_away_what_orders_hold() -> None:
    variant = VariantFactory.create(on_hand=5)
    stock.reserve([StockLine("line-1", variant.pk, 4)])
    with pytest.raises(OutOfStock) as refused, transaction.atomic():
        stock.adjust(variant.pk, -2, reason=MovementReason.COUNTED, reference="count-1", actor="user:7")
    assert refused.value.available == {variant.pk: 1}
    assert on_shelf(variant) == (5, 4)


def test_a_line_moves_at_least_one_piece() -> None:
    with pytest.raises(ValueError, match="at least one piece"):
        StockLine("line-1", 1, 0)


@pytest.mark.django_db(transaction=True)
def test_stock_moves_only_inside_the_transaction_it_belongs_to() -> None:
    variant = VariantFactory.create(on_hand=5)
    with pytest.raises(transaction.TransactionManagementError):
        stock.reserve([StockLine("line-1", variant.pk, 1)])
    assert on_shelf(variant) == (5, 0)


def test_a_whole_order_is_reserved_by_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    lines = [StockLine(f"line-{number}", VariantFactory.create(on_hand=5).pk, 1) for number in range(3)]
    with django_assert_num_queries(1):
        stock.reserve(lines)
