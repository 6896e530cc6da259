"""Which currencies can be charged, how their amounts are written, and how much is too little or too much.

Source: docs.stripe.com/currencies (supported currencies, zero-decimal, three-decimal and special cases, minimum and
maximum charge amounts).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sandbox.errors import InvalidParameter

SUPPORTED = tuple(
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf "
    "clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils "
    "inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk "
    "mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp "
    "sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar "
    "zmw".split()
)
ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
WHOLE_UNITS_IN_HUNDREDTHS = frozenset(("isk", "ugx"))

MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
MAXIMUM_DIGITS = {"cop": 10, "huf": 10, "idr": 12, "inr": 9, "jpy": 10, "lbp": 12}
DEFAULT_MAXIMUM_DIGITS = 8

EUROS_PER_UNIT = {
    "usd": "0.92", "gbp": "1.17", "jpy": "0.0061", "chf": "1.04", "kwd": "2.99", "bhd": "2.44", "isk": "0.0067",
    "sek": "0.087", "nok": "0.085", "dkk": "0.134", "pln": "0.232", "cad": "0.67", "aud": "0.60", "krw": "0.00068",
}  # fmt: skip
NOTHING = (
    "The amount must be greater than or equal to the minimum charge amount allowed for your account and the currency "
    "set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a Payment "
    "Method for future use without an immediate payment, use a Setup Intent instead: "
    "https://docs.stripe.com/payments/setup-intents"
)
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹"}


def exponent(currency: str) -> int:
    """How many decimals an amount has in the API."""
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def written(amount: int, currency: str) -> str:
    """An amount as Stripe's messages write it: `$1,099.00` or `500 KWD`'s like."""
    decimals = exponent(currency)
    number = f"{Decimal(amount).scaleb(-decimals):,.{decimals}f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{number} {currency.upper()}"


def check_currency(code: str) -> str:
    """The code in lower case, or what Stripe says of one that it does not know."""
    currency = code.lower()
    if currency not in SUPPORTED:
        raise InvalidParameter(
            f"Invalid currency: {code}. Stripe currently supports these currencies: {', '.join(SUPPORTED)}",
            param="currency",
        )
    return currency


def check_charge(amount: int, currency: str, param: str = "amount") -> None:
    """Refuse amounts that no charge can have."""
    if amount < 1:
        raise InvalidParameter(NOTHING, code="parameter_invalid_integer", param=param)
    _check_granularity(amount, currency, param)
    _check_minimum(amount, currency, param)
    maximum = 10 ** MAXIMUM_DIGITS.get(currency, DEFAULT_MAXIMUM_DIGITS) - 1
    if amount > maximum:
        raise InvalidParameter(
            f"Amount must be no more than {written(maximum, currency)}", code="amount_too_large", param=param
        )


def _check_granularity(amount: int, currency: str, param: str) -> None:
    step = 10 if currency in THREE_DECIMAL else 100 if currency in WHOLE_UNITS_IN_HUNDREDTHS else 1
    if amount % step:
        raise InvalidParameter(
            f"Invalid amount: {amount}. Amounts in {currency} must be evenly divisible by {step}.",
            code="parameter_invalid_integer",
            param=param,
        )


def _check_minimum(amount: int, currency: str, param: str) -> None:
    minimum = MINIMUM.get(currency)
    if minimum is not None and amount < minimum:
        raise InvalidParameter(
            f"Amount must be at least {written(minimum, currency)} {currency}", code="amount_too_small", param=param
        )
    if minimum is None and convert(amount, currency, "eur") < MINIMUM["eur"]:
        raise InvalidParameter(
            f"Amount must convert to at least 50 cents. {written(amount, currency)} converts to approximately "
            f"{written(convert(amount, currency, 'eur'), 'eur')}.",
            code="amount_too_small",
            param=param,
        )


def exchange_rate(currency: str, into: str) -> Decimal:
    """Units of `into` that one unit of `currency` buys; the sandbox's rates never move."""
    return _euros(currency) / _euros(into)


def convert(amount: int, currency: str, into: str) -> int:
    """An amount in another currency's minor unit, rounded half up."""
    value = Decimal(amount).scaleb(exponent(into) - exponent(currency)) * exchange_rate(currency, into)
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def _euros(currency: str) -> Decimal:
    return Decimal(1) if currency == "eur" else Decimal(EUROS_PER_UNIT.get(currency, "0.01"))
