"""Hold the ledger against what the gateway settled, per settlement currency, and name each difference."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, Sum

from payments.gateways.settlement import BalanceSeen
from payments.models import BalanceTransaction, GatewayAccount, LedgerEntry
from payments.money import Money
from payments.operations.breaker import may_call, record
from payments.operations.clock import database_now
from payments.operations.differences import Difference, Topic, put_before_staff
from payments.operations.served import served_accounts
from payments.operations.settlement import ListUnavailable, book_settlement, import_settlement

logger = logging.getLogger(__name__)

KNOWN_WITHIN = timedelta(hours=1)
SETTLED_WITHIN = timedelta(days=7)  # card payments settle within a few business days

_STILL_CLEARING = """
SELECT t.payment_id, p.public_id::text, p.description, e.currency, sum(e.amount)
FROM payments_ledgerentry e
JOIN payments_ledgertransaction t ON t.id = e.transaction_id
JOIN payments_payment p ON p.id = t.payment_id
WHERE e.account = 'clearing' AND p.account_id = %(account)s
GROUP BY t.payment_id, p.public_id, p.description, e.currency
HAVING sum(e.amount) <> 0 AND max(t.booked_at) < %(before)s
ORDER BY t.payment_id
"""


@dataclass(frozen=True, slots=True)
class CurrencyBalance:
    """One settlement currency, in what is available to date: what moved at the gateway, by kind, and three sums.

    `movements` sums the gateway's movements, `ledger` our entries for them, `gateway` is the balance that it tells;
    None where it could not be asked.
    """

    currency: str
    by_kind: Sequence[tuple[str, Money]]
    fees: Money
    movements: Money
    ledger: Money
    gateway: Money | None


@dataclass(frozen=True, slots=True)
class SettlementReport:
    balances: Sequence[CurrencyBalance]
    differences: Sequence[Difference]


def compare_all() -> list[SettlementReport]:
    """Compare every account whose keys we have; one that gives no list is left to the next time."""
    reports = []
    for account in served_accounts():
        try:
            reports.append(compare_settlement(account))
        except ListUnavailable as error:
            logger.warning("settlement_not_compared", extra={"account": str(account), "reason": str(error)})
    return reports


def compare_settlement(account: GatewayAccount) -> SettlementReport:
    """Bring in and book what was settled, compare, put each difference before staff, and close those that are gone.

    Raises ListUnavailable when the gateway does not give its lists.
    """
    asked_at = database_now()
    balance = _ask_balance(account)
    import_settlement(account)
    book_settlement()
    balances = [_balance(account, currency, balance, asked_at) for currency in _currencies(account)]
    differences = [*_unknown(account), *_still_clearing(account), *_of_ledger(balances), *_of_balance(balances)]
    compared = set(Topic) if balance else set(Topic) - {Topic.BALANCE}
    put_before_staff(account, differences, compared)
    return SettlementReport(balances, differences)


def _ask_balance(account: GatewayAccount) -> BalanceSeen | None:
    if not may_call(account, database_now()):
        raise ListUnavailable("the gateway is paused")
    balance = account.adapter.retrieve_balance()
    record(account, balance)
    return balance if isinstance(balance, BalanceSeen) else None


def _currencies(account: GatewayAccount) -> list[str]:
    return sorted(set(BalanceTransaction.objects.filter(account=account).values_list("currency", flat=True)))


def _balance(account: GatewayAccount, currency: str, seen: BalanceSeen | None, asked_at: datetime) -> CurrencyBalance:
    available = Q(account=account, currency=currency, available_at__lte=asked_at, created_at__lte=asked_at)
    movements = BalanceTransaction.objects.filter(available)
    kinds = movements.order_by("kind").values_list("kind").annotate(total=Sum("amount"))
    totals = movements.aggregate(net=Sum("net"), fee=Sum("fee"))
    ledger = LedgerEntry.objects.filter(
        account=LedgerEntry.Account.SETTLEMENT,
        currency=currency,
        transaction__balance_transaction__in=movements,
    )
    return CurrencyBalance(
        currency=currency,
        by_kind=[(kind, Money(total, currency)) for kind, total in kinds],
        fees=Money(totals["fee"] or 0, currency),
        movements=Money(totals["net"] or 0, currency),
        ledger=Money(ledger.aggregate(total=Sum("amount"))["total"] or 0, currency),
        gateway=seen.available(currency) if seen else None,
    )


def _unknown(account: GatewayAccount) -> Iterator[Difference]:
    """Movements of something that no row here knows."""
    waiting = BalanceTransaction.objects.filter(account=account, booked_at=None)
    for movement in waiting.filter(seen_at__lt=database_now() - KNOWN_WITHIN).order_by("pk"):
        yield Difference(
            Topic.MOVEMENT,
            movement.gateway_id,
            movement.amount,
            f"{movement.gateway_id} moved our balance by {movement.money} for {movement.category} "
            f"{movement.source_id}, which no payment here knows. Was it made outside the shop?",
        )


def _still_clearing(account: GatewayAccount) -> Iterator[Difference]:
    """Money that the gateway took or gave back long ago and has not settled, or settled as another amount."""
    with connection.cursor() as cursor:
        cursor.execute(_STILL_CLEARING, {"account": account.pk, "before": database_now() - SETTLED_WITHIN})
        rows: list[tuple[int, str, str, str, int]] = cursor.fetchall()
    for payment_id, public_id, description, currency, amount in rows:
        yield Difference(
            Topic.CLEARING,
            f"{payment_id}:{currency}",
            int(amount),
            f"{description} ({public_id}): {Money(int(amount), currency)} is not settled after "
            f"{SETTLED_WITHIN.days} days, or was settled as another amount. Compare it in the gateway's dashboard.",
        )


def _of_ledger(balances: Sequence[CurrencyBalance]) -> Iterator[Difference]:
    for balance in balances:
        if balance.ledger != balance.movements:
            yield Difference(
                Topic.LEDGER,
                balance.currency,
                (balance.ledger - balance.movements).amount,
                f"Our balance in {balance.currency} that is available to date: the ledger has {balance.ledger}, "
                f"the gateway's movements sum to {balance.movements}.",
            )


def _of_balance(balances: Sequence[CurrencyBalance]) -> Iterator[Difference]:
    for balance in balances:
        if balance.gateway is not None and balance.gateway != balance.movements:
            yield Difference(
                Topic.BALANCE,
                balance.currency,
                (balance.gateway - balance.movements).amount,
                f"Our balance in {balance.currency} that is available to date: the gateway tells {balance.gateway}, "
                f"its movements sum to {balance.movements}.",
            )
