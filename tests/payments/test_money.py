from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.currencies import EXPONENTS
from payments.money import CurrencyMismatch, InvalidAmount, Money, UnknownCurrency

currencies = st.sampled_from(["JPY", "USD", "KWD", "ISK", "EUR"])
amounts = st.integers(-(10**12), 10**12)


@given(amounts, currencies)
def test_major_units_and_back_is_the_same_money(amount: int, currency: str) -> None:
    money = Money(amount, currency)

    assert Money.from_major(money.major, currency) == money
    assert Money.from_major(str(money.major), currency) == money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.30", "EUR", 1230), ("12", "EUR", 1200), ("500", "JPY", 500), ("1.234", "KWD", 1234), ("7", "ISK", 7)],
)
def test_an_amount_is_read_in_the_currencys_own_minor_unit(text: str, currency: str, minor: int) -> None:
    assert Money.from_major(text, currency).amount == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("0.5", "JPY"),
        ("1.001", "EUR"),
        ("1.0001", "KWD"),
        ("abc", "EUR"),
        ("", "EUR"),
        ("NaN", "EUR"),
        ("1e999", "EUR"),
        ("9" * 20, "EUR"),
    ],
)
def test_an_amount_finer_than_the_minor_unit_or_no_number_is_refused(text: str, currency: str) -> None:
    with pytest.raises(InvalidAmount):
        Money.from_major(text, currency)


@pytest.mark.parametrize("text", ["1_0", "1e2", "１２", "1,5", "+1", " 1", "1\n", ".5", "5.", "Infinity"])
def test_an_amount_that_people_would_read_otherwise_than_we_do_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount, match="digits and a point"):
        Money.from_major(text, "EUR")


@given(amounts, currencies, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_parts_of_a_split_always_sum_to_the_whole(amount: int, currency: str, weights: list[int]) -> None:
    money = Money(amount, currency)

    parts = money.split(weights)

    assert sum(part.amount for part in parts) == amount
    assert len(parts) == len(weights)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=9).filter(any))
def test_no_part_of_a_split_is_a_whole_unit_away_from_its_exact_share(amount: int, weights: list[int]) -> None:
    total = sum(weights)

    for weight, part in zip(weights, Money(amount, "EUR").split(weights), strict=True):
        assert abs(Decimal(amount) * weight / total - part.amount) < 1


def test_units_left_over_go_to_the_largest_remainders_first() -> None:
    assert [part.amount for part in Money(100, "EUR").split([1, 1, 1])] == [34, 33, 33]
    assert [part.amount for part in Money(-100, "EUR").split([1, 1, 1])] == [-34, -33, -33]
    assert [part.amount for part in Money(10, "EUR").split([4, 5, 1])] == [4, 5, 1]


def test_a_split_needs_a_positive_weight_and_no_negative_one() -> None:
    for weights in ([0, 0], [2, -1]):
        with pytest.raises(ValueError, match="weights"):
            Money(100, "EUR").split(weights)


def test_two_currencies_neither_add_nor_compare() -> None:
    euro, dollar = Money(1, "EUR"), Money(1, "USD")

    with pytest.raises(CurrencyMismatch):
        euro + dollar
    with pytest.raises(CurrencyMismatch):
        euro - dollar
    with pytest.raises(CurrencyMismatch):
        assert euro < dollar
    assert euro != dollar


def test_a_float_is_no_amount_and_a_made_up_code_no_currency() -> None:
    with pytest.raises(TypeError):
        Money(1.0, "EUR")  # type: ignore[arg-type]  # the very mistake that the type refuses at run time
    with pytest.raises(UnknownCurrency):
        Money(1, "eur")


def test_money_prints_with_the_decimals_of_its_currency() -> None:
    assert str(Money(123456789, "EUR")) == "1,234,567.89 EUR"
    assert str(Money(500, "JPY")) == "500 JPY"
    assert str(Money(-1234, "KWD")) == "-1.234 KWD"


def test_the_exponents_that_people_get_wrong_are_those_of_the_standard() -> None:
    told = {
        code: EXPONENTS[code] for code in ("JPY", "KRW", "ISK", "UGX", "HUF", "TWD", "KWD", "BHD", "TND", "CLP", "MGA")
    }

    assert told == {
        "JPY": 0,
        "KRW": 0,
        "ISK": 0,
        "UGX": 0,
        "HUF": 2,
        "TWD": 2,
        "KWD": 3,
        "BHD": 3,
        "TND": 3,
        "CLP": 0,
        "MGA": 2,
    }
