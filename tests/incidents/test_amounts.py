"""Amounts are exact in every currency, on every way."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.gateways.stripe.amounts import from_stripe, to_stripe
from payments.ledger.verification import verify_ledger
from payments.models import Refund
from payments.money import CurrencyMismatch, InvalidAmount, Money
from payments.operations.refunding import NotRefundable, refund
from tests.payments.arrange import carried, carry
from tests.payments.people import staff
from tests.payments.refusals import refused_by
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
    """woocommerce-payments 4298: of a rounded coupon and its total each was right, and the order was 0.25 too dear."""
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
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(100, 10**7), currencies, st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_a_payment_given_back_in_parts_is_given_back_to_the_last_unit(
    gateway: ScriptedGateway, amount: int, currency: str, weights: list[int]
) -> None:
    paid = carried("tok_ok", money=Money(amount, currency))

    for part in paid.money.split(weights):
        refund(paid, part, reason="", by=staff(), request_id=uuid.uuid4())
        carry(paid)

    assert (paid.refunded, paid.left) == (paid.money, Money.zero(currency))
    with pytest.raises(NotRefundable, match="is left"):
        refund(paid, Money(1, currency), reason="", by=staff(), request_id=uuid.uuid4())
    assert list(verify_ledger()) == []


@pytest.mark.django_db(transaction=True)
def test_a_refund_in_another_currency_is_refused(gateway: ScriptedGateway) -> None:
    """woocommerce-payments 5215: an order paid in rupees was refunded in the shop's pounds: a hundredth of it."""
    paid = carried("tok_ok", money=Money(5000, "JPY"))

    with pytest.raises(NotRefundable, match="cannot be refunded in EUR"):
        refund(paid, Money(5000, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    with refused_by("payments_refund_currency_is_payments"):
        Refund.objects.create(
            payment=paid,
            account=paid.account,
            request_id=uuid.uuid4(),
            amount=5000,
            currency="EUR",
            source="api",
            status="requested",
            transition_cause="requested",
        )
