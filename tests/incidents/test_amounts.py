"""Amounts are exact in every currency, on every way."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.stripe.amounts import from_stripe, to_stripe
from payments.money import CurrencyMismatch, InvalidAmount, Money
from payments.operations.refunding import NotRefundable, refund
from tests.payments.arrange import carried
from tests.payments.people import staff
from tests.payments.scripted import ScriptedGateway

amounts = st.integers(1, 10**9)
currencies = st.sampled_from(["JPY", "KWD", "USD", "ISK"])


@given(amounts, currencies)
def test_no_amount_is_multiplied_on_its_way_to_the_gateway(amount: int, currency: str) -> None:
    """moodle-paygw_stripe 2: yen were multiplied by a hundred, as if they had cents."""
    money = Money(amount, currency)

    sent = to_stripe(money)

    assert sent == amount * (100 if currency == "ISK" else 1)  # the one special case that Stripe documents
    assert from_stripe(sent, currency.lower()) == money


@given(amounts, currencies, st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_parts_always_sum_to_the_whole(amount: int, currency: str, weights: list[int]) -> None:
    """woocommerce-payments 5215: rounded lines did not add up to the total that was charged."""
    money = Money(amount, currency)

    parts = money.split(weights)

    assert sum(parts, Money.zero(currency)) == money
    assert all(part.amount >= 0 for part in parts)


@given(amounts, currencies)
def test_what_is_written_is_read_back_exactly(amount: int, currency: str) -> None:
    money = Money(amount, currency)

    assert Money.from_major(str(money.major), currency) == money


@given(amounts, currencies, currencies)
def test_two_currencies_never_meet_in_one_sum(amount: int, one: str, other: str) -> None:
    if one == other:
        assert Money(amount, one) + Money(amount, other) == Money(2 * amount, one)
    else:
        with pytest.raises(CurrencyMismatch):
            Money(amount, one) + Money(amount, other)


@pytest.mark.parametrize("currency", ["JPY", "ISK"])
def test_a_currency_without_decimals_takes_none(currency: str) -> None:
    with pytest.raises(InvalidAmount, match="finer"):
        Money.from_major("10.5", currency)


@pytest.mark.django_db(transaction=True)
def test_a_refund_in_another_currency_is_refused(gateway: ScriptedGateway) -> None:
    """woocommerce-payments 5215 again: a refund went out in the shop's currency instead of the order's."""
    paid = carried("tok_ok", money=Money(5000, "JPY"))

    with pytest.raises(NotRefundable, match="cannot be refunded in EUR"):
        refund(paid, Money(5000, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
