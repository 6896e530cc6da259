"""The documented test bank accounts for delayed debits: numbers, what becomes of a debit, and the ready-made names.

Sources: docs.stripe.com/payments/ach-direct-debit/accept-a-payment (test account numbers) and
docs.stripe.com/payments/sepa-debit/accept-a-payment (test IBANs, of which Austria's and Germany's are here).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.instruments.behaviour import Behaviour, Decline, DisputeCase, RefundFate

SOON_S, DELAYED_S = 2.0, 180.0
_US = "us_bank_account"
_SEPA = "sepa_debit"


@dataclass(frozen=True)
class TestAccount:
    """One documented account. `answers_after_s` is None for the one whose debits stay in processing."""

    number: str
    kind: str
    payment_methods: tuple[str, ...]
    behaviour: Behaviour
    answers_after_s: float | None = SOON_S

    @property
    def country(self) -> str:
        return self.number[:2] if self.kind == _SEPA else "US"


def _refusing(code: str, message: str) -> Behaviour:
    return Behaviour(decline=Decline(code, "", message))


_TAKING = Behaviour(refund=RefundFate.PENDS_THEN_SUCCEEDS)
_NOT_PROCESSED = _refusing("generic_could_not_process", "The payment could not be processed.")
_CLOSED = _refusing("account_closed", "The customer's bank account has been closed.")
_UNKNOWN = _refusing("no_account", "The customer's bank account could not be located.")
_EMPTY = _refusing("insufficient_funds", "The customer's account has insufficient funds to cover this payment.")
_FORBIDDEN = _refusing(
    "debit_not_authorized", "The customer has notified their bank that this payment was unauthorized."
)
_WRONG_CURRENCY = _refusing("invalid_currency", "The bank does not accept debits in this currency.")
_WEEKLY_VOLUME = _refusing("charge_exceeds_source_limit", "The payment exceeds the account's weekly volume limit.")
_WEEKLY_COUNT = _refusing("charge_exceeds_weekly_limit", "The payment exceeds the account's weekly transaction limit.")


def _disputing(reason: str, code: str = "") -> Behaviour:
    """A debit's dispute cannot be answered (support.stripe.com/questions/sepa-direct-debit-payment-disputes)."""
    return Behaviour(dispute=DisputeCase(reason, code, final=True))


_SEPA_CASES: tuple[tuple[str, Behaviour, float, str, str], ...] = (
    ("success", _TAKING, SOON_S, "AT611904300234573201", "DE89370400440532013000"),
    ("successDelayed", _TAKING, DELAYED_S, "AT321904300235473204", "DE08370400440532013003"),
    ("failed", _NOT_PROCESSED, SOON_S, "AT861904300235473202", "DE62370400440532013001"),
    ("failedDelayed", _NOT_PROCESSED, DELAYED_S, "AT051904300235473205", "DE78370400440532013004"),
    ("disputed", _disputing("debit_not_authorized"), SOON_S, "AT591904300235473203", "DE35370400440532013002"),
    ("exceedsWeeklyVolumeLimit", _WEEKLY_VOLUME, SOON_S, "AT981904300000343434", "DE65370400440000343434"),
    ("exceedsWeeklyTransactionLimit", _WEEKLY_COUNT, SOON_S, "AT601904300000121212", "DE27370400440000121212"),
    ("insufficientFunds", _EMPTY, SOON_S, "AT981904300002222227", "DE65370400440002222227"),
)


def _sepa() -> Iterator[TestAccount]:
    for name, behaviour, after_s, *ibans in _SEPA_CASES:
        for iban in ibans:
            yield TestAccount(iban, _SEPA, (f"pm_{name}_{iban[:2].lower()}",), behaviour, after_s)


ALL = (
    TestAccount("000123456789", _US, ("pm_usBankAccount_success", "pm_usBankAccount"), _TAKING),
    TestAccount("000111111113", _US, ("pm_usBankAccount_accountClosed",), _CLOSED),
    TestAccount("000111111116", _US, ("pm_usBankAccount_noAccount",), _UNKNOWN),
    TestAccount("000222222227", _US, ("pm_usBankAccount_insufficientFunds",), _EMPTY),
    TestAccount("000333333335", _US, ("pm_usBankAccount_debitNotAuthorized",), _FORBIDDEN),
    TestAccount("000444444440", _US, ("pm_usBankAccount_invalidCurrency",), _WRONG_CURRENCY),
    TestAccount("000555555559", _US, ("pm_usBankAccount_dispute",), _disputing("insufficient_funds", "R01")),
    TestAccount("000000000009", _US, ("pm_usBankAccount_processing",), _TAKING, None),
    *_sepa(),
)
BY_NUMBER = {account.number: account for account in ALL}
BY_PAYMENT_METHOD = {name: account for account in ALL for name in account.payment_methods}
KINDS = (_SEPA, _US)
CHARGED_FIELDS = {
    _US: ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number"),
    _SEPA: ("bank_code", "branch_code", "country", "fingerprint", "last4"),
}
