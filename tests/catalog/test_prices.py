from __future__ import annotations

from decimal import Decimal

import pytest
from django.template import Context, Template

from catalog import prices


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (1230, "EUR", "€12.30"),
        (123050, "USD", "$1,230.50"),
        (0, "EUR", "€0.00"),
        (1230, "JPY", "¥1,230"),
        (1230, "KWD", "KWD\u00a01.230"),
        (990, "CHF", "CHF\u00a09.90"),
    ],
)
def test_a_price_is_shown_with_the_decimals_of_its_currency(amount: int, currency: str, words: str) -> None:
    assert prices.display(amount, currency) == words


def test_a_template_shows_a_price_by_its_filter() -> None:
    page = Template("{% load prices %}{{ amount|price:currency }}").render(Context({"amount": 1650, "currency": "EUR"}))
    assert page == "€16.50"


@pytest.mark.parametrize(("amount", "currency"), [(1230, "EUR"), (1230, "JPY"), (1230, "KWD")])
def test_what_is_read_in_major_units_is_what_was_stored_in_minor_units(amount: int, currency: str) -> None:
    assert prices.to_minor(prices.to_major(amount, currency), currency) == amount


def test_a_price_finer_than_the_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="finer than EUR"):
        prices.to_minor(Decimal("12.305"), "EUR")
