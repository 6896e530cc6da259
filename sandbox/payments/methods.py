"""Make PaymentMethods: from what the hosted fields collected, or from a documented ready-made name."""

from __future__ import annotations

import hashlib

from sandbox.documents import JSON, BillingDetails, PaymentMethod
from sandbox.errors import CardError, InvalidParameter, MissingReference
from sandbox.ids import new_id
from sandbox.instruments import cards, declines
from sandbox.instruments.cards import TestCard
from sandbox.parameters import Params
from sandbox.payments.addresses import address
from sandbox.world import Sandbox

READY_MADE_EXPIRY = (12, 2034)
UNKNOWN_LIVE_CARD = (
    "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid "
    "test cards, visit: https://stripe.com/docs/testing."
)


def ready_made(sandbox: Sandbox, name: str, param: str) -> PaymentMethod:
    """A fresh PaymentMethod for a documented name such as `pm_card_visa`; 400 for an unknown one."""
    card = cards.BY_PAYMENT_METHOD.get(name)
    if card is None:
        raise MissingReference("PaymentMethod", name, param)
    month, year = READY_MADE_EXPIRY
    return _card_method(sandbox, card, month, year, Params({}))


def from_data(sandbox: Sandbox, data: Params) -> PaymentMethod:
    """A fresh PaymentMethod from `payment_method_data` with raw card details, as the browser sends them."""
    details = data.section("card")
    if details is None:
        name = data.full_name("card")
        raise InvalidParameter(f"Missing required param: {name}.", code="parameter_missing", param=name)
    month, year = details.integer("exp_month") or 0, details.integer("exp_year") or 0
    card = _test_card(details.text("number") or "")
    _check_expiry(sandbox, month, year)
    _check_cvc(card, details.text("cvc"))
    return _card_method(sandbox, card, month, year if year > 99 else 2000 + year, data)


def _test_card(number: str) -> TestCard:
    digits = "".join(character for character in number if character not in " -")
    if not digits.isdigit() or not _luhn(digits) or not 12 <= len(digits) <= 19:
        raise _wrong(declines.INCORRECT_NUMBER.message, "incorrect_number", "number")
    card = cards.BY_NUMBER.get(digits)
    if card is None:
        raise CardError(UNKNOWN_LIVE_CARD, code="card_declined", detail={"decline_code": "test_mode_live_card"})
    return card


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _check_expiry(sandbox: Sandbox, month: int, year: int) -> None:
    if not 1 <= month <= 12:
        raise _wrong("Your card's expiration month is invalid.", "invalid_expiry_month", "exp_month")
    full_year = year if year > 99 else 2000 + year
    this_month = sandbox.clock.today().replace(day=1)
    if (full_year, month) < (this_month.year, this_month.month) or full_year > this_month.year + 50:
        raise _wrong("Your card's expiration year is invalid.", "invalid_expiry_year", "exp_year")


def _check_cvc(card: TestCard, cvc: str | None) -> None:
    if cvc is None:
        return
    lengths = (3, 4) if card.brand == "amex" else (3,)
    if not cvc.isdigit() or len(cvc) not in lengths:
        raise _wrong("Your card's security code is invalid.", "invalid_cvc", "cvc")


def _wrong(message: str, code: str, param: str) -> CardError:
    return CardError(message, code=code, param=param)


def _card_method(sandbox: Sandbox, card: TestCard, month: int, year: int, data: Params) -> PaymentMethod:
    return {
        "id": new_id("pm_1"),
        "object": "payment_method",
        "allow_redisplay": data.text("allow_redisplay") or "unspecified",
        "billing_details": billing_details(data.section("billing_details")),
        "card": _card(card, month, year),
        "created": sandbox.clock.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": data.mapping("metadata"),
        "type": "card",
        "sandbox": {"instrument": card.number, "used": False},
    }


def billing_details(given: Params | None) -> BillingDetails:
    """Billing details with every field that Stripe always shows."""
    given = given or Params({})
    return {
        "address": address(given.section("address")),
        "email": given.text("email"),
        "name": given.text("name"),
        "phone": given.text("phone"),
        "tax_id": given.text("tax_id"),
    }


def _card(card: TestCard, month: int, year: int) -> dict[str, JSON]:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": card.country,
        "display_brand": _display_brand(card.brand),
        "exp_month": month,
        "exp_year": year,
        "fingerprint": fingerprint(card.number),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.behaviour.supports_authentication},
        "wallet": None,
    }


def fingerprint(number: str) -> str:
    """The same for the same number, and nothing of it to be read."""
    return hashlib.sha256(number.encode()).hexdigest()[:16]


def _display_brand(brand: str) -> str:
    return {"amex": "american_express", "diners": "diners_club", "unionpay": "union_pay"}.get(brand, brand)
