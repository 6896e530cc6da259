from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.currencies import EXPONENTS
from payments.gateways.stripe.amounts import NotExpressible, chargeable, from_stripe, to_stripe
from payments.money import Money

every_currency = st.sampled_from(sorted(EXPONENTS))


@given(st.integers(1, 10**9), every_currency)
def test_what_stripe_is_told_comes_back_as_the_same_money(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    try:
        told = to_stripe(money)
    except NotExpressible:
        assert currency == "MGA"
        return

    assert from_stripe(told, currency.lower()) == money


@given(st.integers(1, 10**9), every_currency)
def test_whatever_is_called_chargeable_can_be_told_to_stripe_in_digits_that_it_takes(
    amount: int, currency: str
) -> None:
    money = Money(amount, currency)
    if chargeable(money) is None:
        assert len(str(to_stripe(money))) <= 12
        assert to_stripe(money) > 0


@pytest.mark.parametrize(
    ("money", "told"),
    [
        (Money(500, "JPY"), 500),
        (Money(1000, "EUR"), 1000),
        (Money(5, "ISK"), 500),
        (Money(5, "UGX"), 500),
        (Money(5120, "KWD"), 5120),
        (Money(500, "MGA"), 5),
    ],
)
def test_the_special_cases_of_stripes_currencies(money: Money, told: int) -> None:
    assert to_stripe(money) == told


@pytest.mark.parametrize("money", [Money(5124, "KWD"), Money(49, "EUR"), Money(100_000_000, "EUR"), Money(1, "MGA")])
def test_what_stripe_would_refuse_is_not_chargeable_and_says_what_is(money: Money) -> None:
    limits = chargeable(money)

    assert limits is not None
    assert str(money) in limits.reason
    assert chargeable(Money(max(limits.minimum, limits.step), money.currency)) is None


def test_a_fraction_of_our_minor_unit_is_refused_when_read() -> None:
    with pytest.raises(ValueError, match="no whole number"):
        from_stripe(501, "isk")
