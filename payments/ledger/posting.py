from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

from payments.audit.journal import Journal
from payments.models import LedgerEntry, LedgerTransaction, Observation, Payment
from payments.money import Money
from payments.statements import insert_rows

Account = LedgerEntry.Account
Kind = LedgerTransaction.Kind
Entries = Sequence[tuple[LedgerEntry.Account, Money]]


def post_capture(payment: Payment, money: Money, proof: Observation, journal: Journal) -> None:
    """The gateway took `money` from the shopper: it holds it now, and the shopper no longer owes it."""
    _post(payment, Kind.CAPTURE, proof, {Account.CLEARING: money, Account.RECEIVABLE: -money}, journal)


def post_refund(payment: Payment, money: Money, proof: Observation, journal: Journal) -> None:
    """The gateway gave `money` back to the shopper."""
    _post(payment, Kind.REFUND, proof, {Account.REFUNDS: money, Account.CLEARING: -money}, journal)


def post_refund_failure(payment: Payment, money: Money, proof: Observation, journal: Journal) -> None:
    """A refund that had succeeded came back to the gateway."""
    _post(payment, Kind.REFUND_FAILED, proof, {Account.CLEARING: money, Account.REFUNDS: -money}, journal)


def post_dispute(payment: Payment, money: Money, proof: Observation, journal: Journal, *, of_surplus: bool) -> None:
    """The gateway withdrew `money` for a dispute; of a surplus, it so reached the shopper whom we owed it."""
    went_to = Account.SURPLUS if of_surplus else Account.DISPUTES
    _post(payment, Kind.DISPUTE_WITHDRAWN, proof, {went_to: money, Account.CLEARING: -money}, journal)


def post_dispute_reinstated(
    payment: Payment, money: Money, proof: Observation, journal: Journal, *, of_surplus: bool
) -> None:
    """The gateway gave `money` back that it had withdrawn for a dispute; of a surplus, we owe it again."""
    came_from = Account.SURPLUS if of_surplus else Account.DISPUTES
    _post(payment, Kind.DISPUTE_REINSTATED, proof, {Account.CLEARING: money, came_from: -money}, journal)


def post_surplus(payment: Payment, money: Money, proof: Observation, journal: Journal) -> None:
    """The gateway took `money` beyond what was asked for: we owe it to the shopper."""
    _post(payment, Kind.SURPLUS, proof, {Account.CLEARING: money, Account.SURPLUS: -money}, journal)


def post_reversal(payment: Payment, money: Money, proof: Observation, journal: Journal) -> None:
    """The gateway gave `money` of a surplus back to the shopper."""
    _post(payment, Kind.SURPLUS_REVERSED, proof, {Account.SURPLUS: money, Account.CLEARING: -money}, journal)


def post_reversal_failure(payment: Payment, money: Money, proof: Observation, journal: Journal) -> None:
    """The reversal of a surplus came back to the gateway: we owe it again."""
    _post(payment, Kind.REVERSAL_FAILED, proof, {Account.CLEARING: money, Account.SURPLUS: -money}, journal)


def _post(payment: Payment, kind: Kind, proof: Observation, amounts: Mapping[Account, Money], journal: Journal) -> None:
    write(LedgerTransaction(payment=payment, observation=proof, kind=kind), list(amounts.items()), journal)


def write(booked: LedgerTransaction, entries: Entries, journal: Journal) -> None:
    """Insert a transaction with all its entries at once, and tell the audit trail, whose seals so cover the ledger."""
    insert_rows([booked])
    insert_rows(
        [
            LedgerEntry(transaction=booked, account=account, amount=money.amount, currency=money.currency)
            for account, money in entries
        ]
    )
    _check_balance_now()
    proof = booked.balance_transaction_id or booked.observation_id
    told: list[dict[str, str | int]] = [
        {"account": a.value, "amount": m.amount, "currency": m.currency} for a, m in entries
    ]
    after = {"entries": told, "proof": proof, "booked_at": booked.booked_at.isoformat(timespec="microseconds")}
    journal.note(booked.kind, "ledger", booked.pk, before={}, after=after)


def _check_balance_now() -> None:
    """Fire the deferred balance check here, so that the line that posted wrongly is the one that fails."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS payments_ledger_balanced IMMEDIATE; SET CONSTRAINTS payments_ledger_balanced DEFERRED"
        )
