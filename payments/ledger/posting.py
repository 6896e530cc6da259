from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from payments.audit.journal import Journal
from payments.models import LedgerEntry, LedgerTransaction, Observation, Payment
from payments.money import Money

Account = LedgerEntry.Account
Kind = LedgerTransaction.Kind


def post_capture(payment: Payment, money: Money, proof: Observation, journal: Journal) -> None:
    """The gateway took `money` from the shopper: it holds it now, and the shopper no longer owes it."""
    _post(payment, Kind.CAPTURE, proof, {Account.CLEARING: money, Account.RECEIVABLE: -money}, journal)


def post_refund(payment: Payment, money: Money, proof: Observation, journal: Journal) -> None:
    """The gateway gave `money` back to the shopper."""
    _post(payment, Kind.REFUND, proof, {Account.REFUNDS: money, Account.CLEARING: -money}, journal)


def post_refund_failure(payment: Payment, money: Money, proof: Observation, journal: Journal) -> None:
    """A refund that had succeeded came back to the gateway."""
    _post(payment, Kind.REFUND_FAILED, proof, {Account.CLEARING: money, Account.REFUNDS: -money}, journal)


def _post(payment: Payment, kind: Kind, proof: Observation, amounts: Mapping[Account, Money], journal: Journal) -> None:
    booked = LedgerTransaction.objects.create(payment=payment, observation=proof, kind=kind)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(transaction=booked, account=account, amount=money.amount, currency=money.currency)
        for account, money in amounts.items()
    )
    _check_balance_now()
    journal.note(kind.value, "ledger", booked.pk, before={}, after={"entries": entries_told(amounts)})


def entries_told(amounts: Mapping[Account, Money]) -> list[dict[str, str | int]]:
    """The entries as the audit trail keeps them, so that its seals cover the ledger too."""
    return [{"account": a.value, "amount": m.amount, "currency": m.currency} for a, m in amounts.items()]


def _check_balance_now() -> None:
    """Fire the deferred balance check here, so that the line that posted wrongly is the one that fails."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS payments_ledger_balanced IMMEDIATE")
        cursor.execute("SET CONSTRAINTS payments_ledger_balanced DEFERRED")
