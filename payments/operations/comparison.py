"""Hold the ledger against what the gateway settled, per settlement currency, and name each difference."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from payments.gateways.settlement import BalanceSeen, MovementKind
from payments.models import BalanceTransaction, GatewayAccount, LedgerEntry
from payments.money import Money
from payments.operations.booking import book_settlement, is_known, waits_for_the_bank
from payments.operations.breaker import may_call, record
from payments.operations.clock import database_now
from payments.operations.differences import Difference, Topic, put_before_staff
from payments.operations.served import served_accounts
from payments.operations.settlement import ListUnavailable, import_settlement

logger = logging.getLogger(__name__)

COMPARED = {Topic.MOVEMENT, Topic.CLEARING, Topic.LEDGER, Topic.BALANCE}
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
    """One settlement currency, in what is available to date: what moved at the gateway, by kind, and four sums.

    `movements` sums the gateway's movements, `ledger` our entries for them, and `in_transit` those movements that have
    no entries yet and need none yet. `gateway` is the balance that it tells; None where it could not be asked.
    """

    currency: str
    by_kind: Sequence[tuple[str, Money]]
    fees: Money
    movements: Money
    ledger: Money
    in_transit: Money
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
    unbooked = list(BalanceTransaction.objects.filter(account=account, booked_at=None).order_by("pk"))
    in_transit = {movement for movement in unbooked if _is_in_transit(movement, asked_at)}
    currencies = _currencies(account, balance)
    balances = [_balance(account, currency, balance, asked_at, in_transit) for currency in currencies]
    differences = [
        *_unknown(movement for movement in unbooked if movement not in in_transit),
        *_still_clearing(account),
        *_of_ledger(balances),
        *_of_balance(balances),
        *_unread(balance),
    ]
    put_before_staff(account, differences, COMPARED if balance else COMPARED - {Topic.BALANCE})
    return SettlementReport(balances, differences)


def _ask_balance(account: GatewayAccount) -> BalanceSeen | None:
    if not may_call(account, database_now()):
        raise ListUnavailable("the gateway is paused")
    balance = account.adapter.retrieve_balance()
    record(account, balance)
    return balance if isinstance(balance, BalanceSeen) else None


def _currencies(account: GatewayAccount, seen: BalanceSeen | None) -> list[str]:
    """Those in which something moved, and those in which the gateway says that it holds something."""
    moved = BalanceTransaction.objects.filter(account=account).order_by().values_list("currency", flat=True).distinct()
    held = {entry.currency for entry in seen.entries if entry.amount} if seen else set()
    return sorted({*moved, *held})


def _is_in_transit(movement: BalanceTransaction, now: datetime) -> bool:
    """Whether it is no difference that a movement is not booked: it just came, or a bank has not answered."""
    return movement.seen_at > now - KNOWN_WITHIN or waits_for_the_bank(movement)


def _available(account: GatewayAccount, currency: str, asked_at: datetime) -> QuerySet[BalanceTransaction]:
    """What counts to date. A debit that was taken back counts together with what took it back."""
    until = Q(account=account, currency=currency, available_at__lte=asked_at, created_at__lte=asked_at)
    taken_back = BalanceTransaction.objects.filter(until, kind=MovementKind.CHARGE_FAILURE).values("source_id")
    debits = Q(account=account, currency=currency, kind=MovementKind.CHARGE, source_id__in=taken_back)
    return BalanceTransaction.objects.filter(until | debits)


def _balance(
    account: GatewayAccount,
    currency: str,
    seen: BalanceSeen | None,
    asked_at: datetime,
    in_transit: Collection[BalanceTransaction],
) -> CurrencyBalance:
    movements = _available(account, currency, asked_at)
    kinds = movements.order_by("kind").values_list("kind").annotate(total=Sum("amount"))
    totals = movements.aggregate(net=Sum("net"), fee=Sum("fee"))
    transit = movements.filter(pk__in=[movement.pk for movement in in_transit])
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
        in_transit=Money(transit.aggregate(net=Sum("net"))["net"] or 0, currency),
        gateway=seen.available(currency) if seen else None,
    )


def _unknown(unbooked: Iterable[BalanceTransaction]) -> Iterator[Difference]:
    """Movements of something that no row here knows; what is known and cannot be booked is told by the booking."""
    for movement in unbooked:
        if is_known(movement):
            continue
        yield Difference(
            Topic.MOVEMENT,
            movement.gateway_id,
            movement.amount,
            f"{movement.gateway_id} moved our balance by {movement.money} for {movement.category} "
            f"{movement.source_id}, which no payment here knows. Was it made outside the shop? "
            "Once you close this, it is booked as not ours.",
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
        booked = balance.movements - balance.in_transit
        if balance.ledger != booked:
            yield Difference(
                Topic.LEDGER,
                balance.currency,
                (balance.ledger - booked).amount,
                f"Our balance in {balance.currency} that is available to date: the ledger has {balance.ledger}, "
                f"the gateway's movements sum to {booked}.",
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


def _unread(balance: BalanceSeen | None) -> Iterator[Difference]:
    for entry in balance.unread if balance else ():
        yield Difference(
            Topic.BALANCE,
            entry.gateway_id,
            0,
            f"The gateway tells a balance in {entry.gateway_id} that cannot be read: {entry.reason}.",
        )
