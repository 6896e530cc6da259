"""Money: a whole number of minor units and an ISO 4217 code, never a float."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from payments.currencies import EXPONENTS

_MOST_DIGITS = 14  # before the decimal point: far above any payment, far below what a 64-bit column holds
_EXACT = Context(prec=60)
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")  # Decimal alone would read 1_0, 1e2 and the digits of other scripts


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum or comparison."""


class UnknownCurrency(ValueError):
    """The code is no ISO 4217 currency with a minor unit."""


class InvalidAmount(ValueError):
    """The text is no amount of the currency, or is finer than its minor unit."""


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` minor units (cents, yen, fils) of `currency`, an upper-case ISO 4217 code.

    Raises UnknownCurrency for a code outside ISO 4217.
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"an amount is a whole number of minor units, not {self.amount!r}")
        if self.currency not in EXPONENTS:
            raise UnknownCurrency(f"{self.currency!r} is not an ISO 4217 currency code such as EUR or JPY")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def from_major(cls, text: str | Decimal, currency: str) -> Money:
        """Read an amount in major units: `("12.30", "EUR")` is 1230 cents. Raises InvalidAmount, UnknownCurrency."""
        if not _PLAIN.fullmatch(str(text)):
            raise InvalidAmount(f"“{text}” is not an amount; write digits and a point, such as 12.30")
        major = Decimal(text)
        if major.adjusted() > _MOST_DIGITS:
            raise InvalidAmount(f"{text} is larger than any amount of money")
        exponent = cls(0, currency).exponent
        if _decimals(major) > exponent:
            raise InvalidAmount(f"{text} is finer than {currency} allows ({exponent} decimals)")
        return cls(int(major * 10**exponent), currency)

    @property
    def exponent(self) -> int:
        """Decimals of the major unit: JPY 0, EUR 2, KWD 3."""
        return EXPONENTS[self.currency]

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact, with all its decimals: 1230 cents are `Decimal("12.30")`."""
        return Decimal(self.amount).scaleb(-self.exponent)

    def __str__(self) -> str:
        return f"{self.major:,.{self.exponent}f} {self.currency}"

    def __bool__(self) -> bool:
        return self.amount != 0

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.amount * count, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other).amount

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other).amount

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other).amount

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Share the amount by non-negative `weights`; the parts always sum to the whole.

        Largest remainder: each part gets its floor, then the units left over go to the largest remainders, earlier
        parts first. Raises ValueError when no weight is positive.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights are non-negative and at least one is positive")
        shares = [divmod(abs(self.amount) * weight, total) for weight in weights]
        left = abs(self.amount) - sum(floor for floor, _ in shares)
        first_served = sorted(range(len(shares)), key=lambda i: -shares[i][1])[:left]
        sign = -1 if self.amount < 0 else 1
        return [Money(sign * (floor + (i in first_served)), self.currency) for i, (floor, _) in enumerate(shares)]

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be added or compared")
        return other


def _decimals(number: Decimal) -> int:
    """How many decimals the number really has: 1.50 has one."""
    exponent = number.normalize(_EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
