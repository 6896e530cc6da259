"""The documented test bank accounts for delayed debits.

Sources: docs.stripe.com/payments/ach-direct-debit/accept-a-payment (test account numbers) and
docs.stripe.com/payments/sepa-debit/accept-a-payment (test IBANs).
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.instruments.behaviour import SUCCEEDS, Behaviour, Decline, DisputeCase


@dataclass(frozen=True)
class TestAccount:
    """One documented account. `settles` is False for the one that stays in processing."""

    number: str
    kind: str
    payment_methods: tuple[str, ...] = ()
    behaviour: Behaviour = SUCCEEDS
    settles: bool = True


def _failing(number: str, kind: str, code: str, message: str, *payment_methods: str) -> TestAccount:
    decline = Decline(code, code, message)
    return TestAccount(number, kind, payment_methods, Behaviour(decline=decline))


_US = "us_bank_account"
_SEPA = "sepa_debit"
ALL = (
    TestAccount("000123456789", _US, ("pm_usBankAccount_success", "pm_usBankAccount")),
    _failing("000111111113", _US, "account_closed", "The customer's bank account has been closed.",
             "pm_usBankAccount_accountClosed"),
    _failing("000111111116", _US, "no_account", "The customer's bank account could not be located.",
             "pm_usBankAccount_noAccount"),
    _failing("000222222227", _US, "insufficient_funds", "The customer's account has insufficient funds.",
             "pm_usBankAccount_insufficientFunds"),
    _failing("000333333335", _US, "debit_not_authorized", "The customer has notified their bank that the debit was "
             "not authorized.", "pm_usBankAccount_debitNotAuthorized"),
    _failing("000444444440", _US, "invalid_currency", "The bank does not accept debits in this currency.",
             "pm_usBankAccount_invalidCurrency"),
    TestAccount("000555555559", _US, ("pm_usBankAccount_dispute",),
                Behaviour(dispute=DisputeCase("insufficient_funds", "R01"))),
    TestAccount("000000000009", _US, ("pm_usBankAccount_processing",), settles=False),
    TestAccount("AT611904300234573201", _SEPA),
    TestAccount("AT321904300235473204", _SEPA),
    TestAccount("DE89370400440532013000", _SEPA),
    TestAccount("DE08370400440532013003", _SEPA),
    _failing("AT861904300235473202", _SEPA, "payment_intent_payment_attempt_failed",
             "The payment failed because the account holder name is incorrect."),
    _failing("DE62370400440532013001", _SEPA, "payment_intent_payment_attempt_failed",
             "The payment failed because the account holder name is incorrect."),
)  # fmt: skip
BY_NUMBER = {account.number: account for account in ALL}
BY_PAYMENT_METHOD = {name: account for account in ALL for name in account.payment_methods}

CHARGED_FIELDS = {
    _US: (
        "account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "mandate", "payment_reference",
        "routing_number",
    ),
    _SEPA: ("bank_code", "branch_code", "country", "fingerprint", "last4", "mandate"),
}  # fmt: skip
