"""Bring in what the gateway settled: the movements of our balance, with fees and conversions, and the payouts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from django.db import DataError, IntegrityError

from payments.gateways.base import NotListed
from payments.gateways.settlement import BalanceTransactionSeen, Page, PayoutSeen, Unread
from payments.models import BalanceTransaction, GatewayAccount, Payout
from payments.operations.booking import book_settlement
from payments.operations.breaker import may_call, record
from payments.operations.clock import database_now
from payments.operations.differences import Difference, Topic, is_open, put_before_staff
from payments.operations.served import served_accounts

logger = logging.getLogger(__name__)

Item = TypeVar("Item", BalanceTransactionSeen, PayoutSeen)
Row = TypeVar("Row", BalanceTransaction, Payout)

LOOK_BACK = timedelta(days=3)  # a list may show a movement late: look again at what should be known
FROM_THE_START = datetime(2020, 1, 1, tzinfo=UTC)


class ListUnavailable(Exception):
    """The gateway did not give the list; what was brought in before it failed is kept."""


def settle_all() -> None:
    """Bring in and book what every account settled whose keys we have; one without a list is left to the next time."""
    for account in served_accounts():
        try:
            import_settlement(account)
        except ListUnavailable as error:
            logger.warning("settlement_not_listed", extra={"account": str(account), "reason": str(error)})
    book_settlement()


def import_settlement(account: GatewayAccount) -> int:
    """Keep every movement of the account's balance and every payout that we do not have; returns how many movements.

    Raises ListUnavailable. Twice brings nothing in twice. A list shows the newest first: one that breaks off lacks what
    is older than what it gave, so the next one begins where the last began, until one is read to its end. So it does
    after one with something unreadable in it, until that can be read or a person closed what is told about it.
    """
    started = database_now()
    found = _import_movements(account)
    if not is_open(account, Topic.UNREAD_MOVEMENT):
        account.movements_listed_until = started
        account.save(update_fields=["movements_listed_until"])
    _import_payouts(account)
    return found


def _import_movements(account: GatewayAccount) -> int:
    found = 0
    unread: list[Unread] = []
    for page in _pages(account, account.adapter.list_balance_transactions, _since(account)):
        kept, refused = _keep_movements(account, page)
        found += kept
        unread += [*page.unread, *refused]
    _tell_unread(account, Topic.UNREAD_MOVEMENT, unread)
    return found


def _import_payouts(account: GatewayAccount) -> None:
    unread: list[Unread] = []
    for page in _pages(account, account.adapter.list_payouts, database_now() - timedelta(days=30)):
        unread += [*page.unread, *_keep_payouts(account, page)]
    _tell_unread(account, Topic.UNREAD_PAYOUT, unread)


def _pages(
    account: GatewayAccount, ask: Callable[[datetime, str], Page[Item] | NotListed], since: datetime
) -> Iterator[Page[Item]]:
    after = ""
    while True:
        if not may_call(account, database_now()):
            raise ListUnavailable("the gateway is paused")
        page = ask(since, after)
        record(account, page)
        if not isinstance(page, Page):
            raise ListUnavailable(page.reason)
        yield page
        if not page.next:
            return
        after = page.next


def _since(account: GatewayAccount) -> datetime:
    listed_until = account.movements_listed_until
    return listed_until - LOOK_BACK if listed_until else FROM_THE_START


def _tell_unread(account: GatewayAccount, topic: Topic, unread: Sequence[Unread]) -> None:
    """Put before staff what a whole list showed and could not be kept, for as long as it is so."""
    for seen in unread:
        logger.error(
            "settlement_not_read", extra={"account": str(account), "item": seen.gateway_id, "reason": seen.reason}
        )
    put_before_staff(account, [_difference(topic, seen) for seen in unread], {topic})


def _difference(topic: Topic, seen: Unread) -> Difference:
    return Difference(
        topic,
        seen.gateway_id,
        0,
        f"{seen.gateway_id} is in the gateway's list and cannot be read: {seen.reason}. The books lack it. It is read "
        "again by itself, until you close this.",
    )


def _kept(rows: Sequence[Row], keep: Callable[[Sequence[Row]], object]) -> list[Unread]:
    """Keep the rows, all at once; where the database refuses one, one by one. Returns those that it refuses."""
    try:
        keep(rows)
    except (DataError, IntegrityError, ArithmeticError) as error:
        if len(rows) == 1:
            return [Unread(rows[0].gateway_id, f"{type(error).__name__}: {error}")]
        return [refused for row in rows for refused in _kept([row], keep)]
    return []


def _keep_movements(account: GatewayAccount, page: Page[BalanceTransactionSeen]) -> tuple[int, list[Unread]]:
    """Keep those of the page that are new; returns how many, and those that the database refuses."""
    ids = [seen.gateway_id for seen in page.items]
    kept = BalanceTransaction.objects.filter(account=account, gateway_id__in=ids).values_list("gateway_id", flat=True)
    known = set(kept)
    new = [_row(account, seen) for seen in page.items if seen.gateway_id not in known]
    refused = _kept(new, lambda rows: BalanceTransaction.objects.bulk_create(rows, ignore_conflicts=True))
    return len(new) - len(refused), refused


def _row(account: GatewayAccount, seen: BalanceTransactionSeen) -> BalanceTransaction:
    return BalanceTransaction(
        account=account,
        gateway_id=seen.gateway_id,
        kind=seen.kind,
        category=seen.category,
        source_id=seen.source_id,
        amount=seen.amount.amount,
        fee=seen.fee.amount,
        net=seen.net.amount,
        currency=seen.amount.currency,
        exchange_rate=seen.exchange_rate,
        created_at=seen.created_at,
        available_at=seen.available_at,
    )


def _keep_payouts(account: GatewayAccount, page: Page[PayoutSeen]) -> list[Unread]:
    """Keep those of the page, as they are now; returns those that the database refuses."""
    return _kept([_payout_row(account, seen) for seen in page.items], _upsert)


def _upsert(payouts: Sequence[Payout]) -> None:
    Payout.objects.bulk_create(
        payouts,
        update_conflicts=True,
        unique_fields=["account", "gateway_id"],
        update_fields=["status", "arrival_on", "failure"],
    )


def _payout_row(account: GatewayAccount, seen: PayoutSeen) -> Payout:
    return Payout(
        account=account,
        gateway_id=seen.gateway_id,
        status=seen.status,
        amount=seen.money.amount,
        currency=seen.money.currency,
        arrival_on=seen.arrival_on,
        created_at=seen.created_at,
        failure=seen.failure[:500],
    )
