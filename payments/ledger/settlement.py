"""Book what the gateway settled: from clearing, in the shopper's currency, to our balance and the gateway's fees."""

from __future__ import annotations

from collections import defaultdict

from payments.audit.journal import Journal
from payments.gateways.settlement import MovementKind
from payments.ledger.posting import Entries, write
from payments.models import BalanceTransaction, LedgerEntry, LedgerTransaction, Payment
from payments.money import Money

Account = LedgerEntry.Account

_COUNTERPART = {
    MovementKind.PAYOUT: Account.PAYOUTS,
    MovementKind.PAYOUT_REVERSAL: Account.PAYOUTS,
    MovementKind.FEE: Account.FEES,
}


def post_settlement(
    movement: BalanceTransaction, payment: Payment | None, presented: Money | None, journal: Journal
) -> None:
    """Book a movement of our balance; `presented` is its signed amount in the currency that the shopper saw.

    Without a payment it moved for a payout, a fee, or something that is no payment of ours.
    """
    entries: dict[tuple[Account, str], int] = defaultdict(int)
    currency = movement.currency
    entries[Account.SETTLEMENT, currency] += movement.net
    entries[Account.FEES, currency] += movement.fee
    if presented is None:
        counterpart = _COUNTERPART.get(MovementKind(movement.kind), Account.OTHER)
        entries[counterpart, currency] -= movement.amount
    else:
        entries[Account.CLEARING, presented.currency] -= presented.amount
        entries[Account.CONVERSION, presented.currency] += presented.amount
        entries[Account.CONVERSION, currency] -= movement.amount
    moved: Entries = [(account, Money(amount, code)) for (account, code), amount in entries.items() if amount]
    if not moved:
        return  # a movement of nothing, such as a waived fee
    booked = LedgerTransaction(payment=payment, balance_transaction=movement, kind=LedgerTransaction.Kind.SETTLEMENT)
    write(booked, moved, journal)
