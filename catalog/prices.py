"""Prices between minor units, as stored, and the words people read and write.

How many decimals a currency has comes from `settings.CURRENCY_DECIMALS` (ISO 4217 code to decimals), so that the
catalog needs no table of its own and does not know who keeps it.
"""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import pgettext

_SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}


def decimals(currency: str) -> int:
    """Decimals of the currency's major unit: EUR 2, JPY 0, KWD 3."""
    return settings.CURRENCY_DECIMALS[currency]


def to_major(amount: int, currency: str) -> Decimal:
    """Minor units in major units, exact: 1230 EUR are `Decimal("12.30")`."""
    return Decimal(amount).scaleb(-decimals(currency))


def to_minor(price: Decimal, currency: str) -> int:
    """Major units in minor units. Raises ValueError for a price finer than the currency's minor unit."""
    minor = price.scaleb(decimals(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{price} is finer than {currency} allows")
    return int(minor)


def display(amount: int, currency: str) -> str:
    """The price as a shopper reads it in the current language: `€1,230.50`."""
    number = number_format(to_major(amount, currency), decimals(currency), force_grouping=True)
    if symbol := _SYMBOLS.get(currency):
        # Translators: where the currency's symbol stands, such as "%(number)s\u00a0%(symbol)s" in German.
        return pgettext("price", "%(symbol)s%(number)s") % {"symbol": symbol, "number": number}
    # Translators: a price in a currency shown by its code, such as CHF.
    return pgettext("price", "%(code)s\u00a0%(number)s") % {"code": currency, "number": number}
