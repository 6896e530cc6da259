"""The last gate before the log: what must never be written is not written, whoever tried."""

from __future__ import annotations

import re

CARD_NUMBER = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
SECRETS = (
    re.compile(r"\b((?:sk|rk)_(?:live|test)_)\w+"),
    re.compile(r"\b(whsec_)[\w+/=-]+"),
    re.compile(r"\b((?:pi|seti|ctoken|cs)_\w+?_secret_)\w+"),
    re.compile(r"\b(ctoken_)\w+"),
    re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)"),
)


def redact(text: str) -> str:
    """`text` without card numbers, gateway secrets, single-use tokens and passwords in addresses."""
    for secret in SECRETS:
        text = secret.sub(r"\1[redacted]", text)
    return CARD_NUMBER.sub(_redacted_card_number, text)


def _redacted_card_number(match: re.Match[str]) -> str:
    digits = [int(character) for character in match.group() if character.isdigit()]
    return "[redacted card number]" if _passes_luhn(digits) else match.group()


def _passes_luhn(digits: list[int]) -> bool:
    """The check digit of ISO/IEC 7812-1, which tells a card number from any other long number nine times in ten."""
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
