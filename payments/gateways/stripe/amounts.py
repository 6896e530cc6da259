"""Stripe's amounts: where its minor units deviate from ISO 4217, and what it can charge.

Source: docs.stripe.com/currencies ("Zero-decimal currencies", "Three-decimal currencies", "Special cases", "Minimum
and maximum charge amounts").
"""

from __future__ import annotations

from payments.gateways.base import NotChargeable
from payments.money import Money

# How many of Stripe's units are one of ours: ISO has no decimals for these two, Stripe wants two, always 00.
_STRIPE_UNITS = {"ISK": 100, "UGX": 100}
# Ours for one of Stripe's: ISO counts the ariary in hundredths, Stripe in whole ones.
_ISO_UNITS = {"MGA": 100}
# Three-decimal currencies end in 0, so that they fit the card networks.
_STEPS = {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10, "MGA": 100}

# In our minor units. A currency that is not listed has the equivalent of 0.50 USD, which only Stripe can tell.
_MINIMUM = {
    "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30,
    "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200,
    "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip
_MOST_DIGITS = {"COP": 10, "HUF": 10, "IDR": 12, "INR": 9, "JPY": 10, "LBP": 12}
_MOST_DIGITS_ELSEWHERE = 8


class NotExpressible(ValueError):
    """Stripe's units are coarser than this amount."""


def to_stripe(money: Money) -> int:
    """The `amount` parameter for this money. Raises NotExpressible."""
    amount, rest = divmod(money.amount * _STRIPE_UNITS.get(money.currency, 1), _ISO_UNITS.get(money.currency, 1))
    if rest:
        raise NotExpressible(f"Stripe cannot express {money}")
    return amount


def from_stripe(amount: int, currency: str) -> Money:
    """The money that an `amount` and a lower-case `currency` mean. Raises ValueError for a fraction of our unit."""
    code = currency.upper()
    ours, rest = divmod(amount * _ISO_UNITS.get(code, 1), _STRIPE_UNITS.get(code, 1))
    if rest:
        raise ValueError(f"{amount} {code} is no whole number of minor units")
    return Money(ours, code)


def chargeable(money: Money) -> NotChargeable | None:
    """Why Stripe would refuse to charge this amount, or None."""
    minimum, maximum, step = _limits(money.currency)
    if minimum <= money.amount <= maximum and money.amount % step == 0:
        return None
    least, most = Money(minimum, money.currency), Money(maximum, money.currency)
    steps = "" if step == 1 else f", in steps of {Money(step, money.currency)}"
    reason = f"Card payments are possible from {least} to {most}{steps}; this is {money}."
    return NotChargeable(reason, minimum, maximum, step)


def _limits(currency: str) -> tuple[int, int, int]:
    """(minimum, maximum, step) in our minor units."""
    step = _STEPS.get(currency, 1)
    digits = _MOST_DIGITS.get(currency, _MOST_DIGITS_ELSEWHERE)
    largest = (10**digits - 1) * _ISO_UNITS.get(currency, 1) // _STRIPE_UNITS.get(currency, 1)
    return _MINIMUM.get(currency, step), largest - largest % step, step
