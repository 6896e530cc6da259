"""Make PaymentMethods: from what the hosted fields collected, or from a documented ready-made name."""

from __future__ import annotations

import hashlib

from sandbox.documents import JSON, BillingDetails, PaymentMethod
from sandbox.errors import CardError, InvalidParameter, MissingReference
from sandbox.ids import new_id
from sandbox.instruments import accounts, cards, declines
from sandbox.instruments.accounts import TestAccount
from sandbox.instruments.cards import TestCard
from sandbox.parameters import Params
from sandbox.payments.addresses import address
from sandbox.world import Sandbox

READY_MADE_EXPIRY = (12, 2034)
NUMBERS = {
    "sepa_debit": ("iban", "invalid_bank_account_iban"),
    "us_bank_account": ("account_number", "account_number_invalid"),
}
"""For each kind of account: the field of its number, and the code of the error if it is none."""
UNKNOWN_LIVE_CARD = (
    "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid "
    "test cards, visit: https://stripe.com/docs/testing."
)


def ready_made(sandbox: Sandbox, name: str, param: str) -> PaymentMethod:
    """A fresh PaymentMethod for a documented name such as `pm_card_visa`; 400 for an unknown one."""
    if account := accounts.BY_PAYMENT_METHOD.get(name):
        return _account_method(sandbox, account, Params({}))
    card = cards.BY_PAYMENT_METHOD.get(name)
    if card is None:
        raise MissingReference("PaymentMethod", name, param)
    month, year = READY_MADE_EXPIRY
    return _card_method(sandbox, card, month, year, Params({}))


def of_token(sandbox: Sandbox, token: str, data: Params) -> PaymentMethod:
    """A fresh PaymentMethod of a test token: `tok_visa` is the card of `pm_card_visa`."""
    name = cards.FURTHER_TOKENS.get(token) or f"pm_card_{token.removeprefix('tok_')}"
    card = cards.BY_PAYMENT_METHOD.get(name)
    if card is None or not token.startswith("tok_"):
        raise MissingReference("token", token, "card[token]")
    month, year = READY_MADE_EXPIRY
    return _card_method(sandbox, card, month, year, data)


def from_data(sandbox: Sandbox, data: Params) -> PaymentMethod:
    """A fresh PaymentMethod from `payment_method_data`: raw card details, as the browser sends them, or an account."""
    if data.text("type") in accounts.KINDS:
        return _account_method(sandbox, _test_account(data), data)
    details = data.section("card")
    if details is None:
        name = data.full_name("card")
        raise InvalidParameter(f"Missing required param: {name}.", code="parameter_missing", param=name)
    month, year = details.integer("exp_month") or 0, details.integer("exp_year") or 0
    card = _test_card(details.text("number") or "")
    _check_expiry(sandbox, month, year)
    _check_cvc(card, details.text("cvc"))
    full_year = year if year > 99 else 2000 + year
    return _card_method(sandbox, card, month, full_year, data, with_cvc=details.text("cvc") is not None)


def _test_card(number: str) -> TestCard:
    digits = "".join(character for character in number if character not in " -")
    if not digits.isdigit() or not _luhn(digits) or not 12 <= len(digits) <= 19:
        raise _wrong(declines.INCORRECT_NUMBER.message, "incorrect_number", "number")
    card = cards.BY_NUMBER.get(digits)
    if card is None:
        raise CardError(UNKNOWN_LIVE_CARD, code="card_declined", detail={"decline_code": "test_mode_live_card"})
    return card


def _test_account(data: Params) -> TestAccount:
    """The account by its number. A debit's mandate names its payer, so these are asked for too."""
    kind = data.text("type") or ""
    details, billing = data.section(kind) or Params({}), data.section("billing_details") or Params({})
    for name in ("name", "email"):
        if billing.text(name) is None:
            param = f"{data.full_name('billing_details')}[{name}]"
            raise InvalidParameter(f"Missing required param: {param}.", code="parameter_missing", param=param)
    field, code = NUMBERS[kind]
    number = (details.text(field) or "").replace(" ", "").upper()
    account = accounts.BY_NUMBER.get(number)
    if account is None or account.kind != kind:
        param = f"{data.full_name(kind)}[{field}]"
        raise InvalidParameter("The bank account number provided is invalid.", code=code, param=param)
    return account


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


def _account_method(sandbox: Sandbox, account: TestAccount, data: Params) -> PaymentMethod:
    method = _method(sandbox, account.kind, account.number, data)
    if account.kind == "sepa_debit":
        method["sepa_debit"] = _iban(account)
    else:
        method["us_bank_account"] = _us_account(account)
    return method


def _card_method(
    sandbox: Sandbox, card: TestCard, month: int, year: int, data: Params, *, with_cvc: bool = True
) -> PaymentMethod:
    method = _method(sandbox, "card", card.number, data)
    address = method["billing_details"]["address"]
    given = {
        "address_line1_check": address["line1"] is not None,
        "address_postal_code_check": address["postal_code"] is not None,
        "cvc_check": with_cvc,
    }
    checks = {name: "unchecked" if sent else None for name, sent in given.items()}
    method["card"] = {**_card(card, month, year), "checks": checks}
    return method


def _method(sandbox: Sandbox, kind: str, instrument: str, data: Params) -> PaymentMethod:
    return {
        "id": new_id("pm_1"),
        "object": "payment_method",
        "allow_redisplay": data.text("allow_redisplay") or "unspecified",
        "billing_details": billing_details(data.section("billing_details")),
        "created": sandbox.clock.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": data.mapping("metadata"),
        "type": kind,
        "sandbox": {"instrument": instrument, "used": False},
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
        "country": card.country,
        "display_brand": _display_brand(card.brand),
        "exp_month": month,
        "exp_year": year,
        "fingerprint": fingerprint(card.number),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.co_brand, card.brand] if card.co_brand else [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.behaviour.supports_authentication},
        "wallet": None,
    }


def _iban(account: TestAccount) -> dict[str, JSON]:
    """Bank codes stand behind the country and its check digits: five digits in Austria, eight in Germany."""
    return {
        "bank_code": account.number[4:9] if account.country == "AT" else account.number[4:12],
        "branch_code": "",
        "country": account.country,
        "fingerprint": fingerprint(account.number),
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": account.number[-4:],
    }


def _us_account(account: TestAccount) -> dict[str, JSON]:
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": fingerprint(account.number),
        "last4": account.number[-4:],
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": "110000000",
        "status_details": {},
    }


def fingerprint(number: str) -> str:
    """The same for the same number, and nothing of it to be read."""
    return hashlib.sha256(number.encode()).hexdigest()[:16]


def _display_brand(brand: str) -> str:
    return {"amex": "american_express", "diners": "diners_club", "unionpay": "union_pay"}.get(brand, brand)
