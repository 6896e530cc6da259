"""Bring in what the gateway settled, and book it: fees, conversions and payouts against what we had booked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from payments.audit.journal import WORKER, Journal
from payments.gateways.base import NotListed
from payments.gateways.settlement import BalanceTransactionSeen, MovementKind, Page, PayoutSeen
from payments.ledger.settlement import post_settlement
from payments.models import BalanceTransaction, Dispute, GatewayAccount, Observation, Payment, Payout, Refund
from payments.operations.breaker import may_call, record
from payments.operations.clock import database_now
from payments.operations.presented import presented
from payments.operations.served import served_accounts
from payments.transactions import retried

logger = logging.getLogger(__name__)

Item = TypeVar("Item", BalanceTransactionSeen, PayoutSeen)
Kind = MovementKind

LOOK_BACK = timedelta(days=3)  # a list may show a movement late: look again at what should be known
FROM_THE_START = datetime(2020, 1, 1, tzinfo=UTC)
BATCH = 500
_OF_NO_PAYMENT = (Kind.PAYOUT, Kind.PAYOUT_REVERSAL, Kind.FEE, Kind.OTHER)


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
    is older than what it gave, so the next one begins where the last began, until one is read to its end.
    """
    gateway = account.adapter
    started = database_now()
    found = 0
    for page in _pages(account, gateway.list_balance_transactions, _since(account)):
        found += _keep_movements(account, page)
    account.movements_listed_until = started
    account.save(update_fields=["movements_listed_until"])
    for payouts in _pages(account, gateway.list_payouts, database_now() - timedelta(days=30)):
        _keep_payouts(account, payouts)
    return found


def book_settlement() -> int:
    """Book every movement whose row is known by now; returns how many. The others wait for their row."""
    booked, after = 0, 0
    while batch := _unbooked(after):
        booked += sum(_book(pk) for pk in batch)
        after = batch[-1]
    return booked


def _unbooked(after: int) -> list[int]:
    """A batch of what is not booked, in its order: those that wait keep no later one waiting."""
    waiting = BalanceTransaction.objects.filter(booked_at=None, pk__gt=after).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:BATCH])


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


def _keep_movements(account: GatewayAccount, page: Page[BalanceTransactionSeen]) -> int:
    """Keep those of the page that are new; returns how many."""
    ids = [seen.gateway_id for seen in page.items]
    kept = BalanceTransaction.objects.filter(account=account, gateway_id__in=ids).values_list("gateway_id", flat=True)
    known = set(kept)
    new = [_row(account, seen) for seen in page.items if seen.gateway_id not in known]
    BalanceTransaction.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _keep_payouts(account: GatewayAccount, page: Page[PayoutSeen]) -> None:
    Payout.objects.bulk_create(
        [
            Payout(
                account=account,
                gateway_id=seen.gateway_id,
                status=seen.status,
                amount=seen.money.amount,
                currency=seen.money.currency,
                arrival_on=seen.arrival_on,
                created_at=seen.created_at,
                failure=seen.failure[:500],
            )
            for seen in page.items
        ],
        update_conflicts=True,
        unique_fields=["account", "gateway_id"],
        update_fields=["status", "arrival_on", "failure"],
    )


@retried
def _book(movement_id: int) -> bool:
    """Book one movement in one transaction, under its payment's lock. False while its row is not known."""
    movement = BalanceTransaction.objects.get(pk=movement_id)
    payment_id = _payment_of(movement)
    if payment_id is None and movement.kind not in _OF_NO_PAYMENT:
        return False
    with transaction.atomic():
        payment = Payment.objects.lock(payment_id) if payment_id else None
        movement = BalanceTransaction.objects.select_for_update().get(pk=movement_id)
        if movement.booked_at is not None:
            return False
        journal = Journal(WORKER, payment_id)
        post_settlement(movement, payment, presented(movement, payment) if payment else None, journal)
        journal.write()
        BalanceTransaction.objects.filter(pk=movement_id).update(booked_at=Now(), payment=payment)
    return True


def _payment_of(movement: BalanceTransaction) -> int | None:
    """The payment whose charge, refund or dispute moved the balance; of two charges of one payment, either."""
    account, source = movement.account_id, movement.source_id
    match movement.kind:
        case Kind.CHARGE:
            booked = Q(gateway_id=F("payment__gateway_id")) | Q(gateway_id=F("payment__refunds__surplus_gateway_id"))
            seen = Observation.objects.filter(booked, payment__account=account, charge_id=source, captured_amount__gt=0)
            return seen.exclude(applied_at=None).values_list("payment_id", flat=True).first()
        case Kind.REFUND | Kind.REFUND_FAILURE:
            given_back = Refund.objects.filter(account=account, gateway_id=source)
            return given_back.values_list("payment_id", flat=True).first()
        case Kind.DISPUTE | Kind.DISPUTE_REVERSAL:
            claimed = Dispute.objects.filter(account=account, gateway_id=source)
            return claimed.values_list("payment_id", flat=True).first()
    return None
