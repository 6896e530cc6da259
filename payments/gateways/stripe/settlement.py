"""What Stripe settles, as the port's values: balance transactions and payouts.

Source: docs.stripe.com/api/balance_transactions, docs.stripe.com/api/payouts,
docs.stripe.com/reports/reporting-categories.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

import stripe

from payments.gateways.base import NotListed, Unknown
from payments.gateways.settlement import BalanceSeen, BalanceTransactionSeen, MovementKind, Page, PayoutSeen, Unread
from payments.gateways.stripe.amounts import from_stripe
from payments.gateways.stripe.answers import failed_question
from payments.gateways.stripe.objects import Unreadable, readable

Answer = TypeVar("Answer")
Shown = TypeVar("Shown", bound=stripe.StripeObject)
Value = TypeVar("Value")

PAGE = 100

# `reporting_category` tells apart what `type` calls an adjustment: disputes, their reversals, failed refunds.
_KINDS = {
    "charge": MovementKind.CHARGE,
    "charge_failure": MovementKind.CHARGE_FAILURE,
    "refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND_FAILURE,
    "dispute": MovementKind.DISPUTE,
    "dispute_reversal": MovementKind.DISPUTE_REVERSAL,
    "payout": MovementKind.PAYOUT,
    "payout_reversal": MovementKind.PAYOUT_REVERSAL,
    "fee": MovementKind.FEE,
}


def list_balance_transactions(
    client: stripe.StripeClient, since: datetime, after: str
) -> Page[BalanceTransactionSeen] | NotListed:
    """Newest first, as Stripe lists them; `after` is the id of the last one of the page before."""

    def ask() -> Page[BalanceTransactionSeen]:
        created: stripe.params.BalanceTransactionListParamsCreated = {"gte": int(since.timestamp())}
        params: stripe.params.BalanceTransactionListParams = {"created": created, "limit": PAGE}
        if after:
            params["starting_after"] = after
        return page_of(client.v1.balance_transactions.list(params), _balance_transaction)

    return answered_list(ask)


def list_payouts(client: stripe.StripeClient, since: datetime, after: str) -> Page[PayoutSeen] | NotListed:
    """Newest first, as Stripe lists them; `after` is the id of the last one of the page before."""

    def ask() -> Page[PayoutSeen]:
        created: stripe.params.PayoutListParamsCreated = {"gte": int(since.timestamp())}
        params: stripe.params.PayoutListParams = {"created": created, "limit": PAGE}
        if after:
            params["starting_after"] = after
        return page_of(client.v1.payouts.list(params), _payout)

    return answered_list(ask)


def retrieve_balance(client: stripe.StripeClient) -> BalanceSeen | NotListed:
    """Source: docs.stripe.com/api/balance/balance_object."""

    def ask() -> BalanceSeen:
        return readable(_balance, client.v1.balance.retrieve())

    return answered_list(ask)


def _balance(shown: stripe.Balance) -> BalanceSeen:
    entries, unread = _sorted_out(shown.available, lambda entry: from_stripe(entry.amount, entry.currency), "currency")
    return BalanceSeen(entries, unread)


def page_of(listed: stripe.ListObject[Shown], read: Callable[[Shown], Value]) -> Page[Value]:
    """What a list shows, less what cannot be read. Raises Unreadable where it does not say how it goes on."""
    items, unread = _sorted_out(listed.data, read, "id")
    last = _name(listed.data[-1], "id") if listed.data and listed.has_more else ""
    if listed.has_more and not last:
        raise Unreadable("it goes on after something without an id")
    return Page(items, last, unread)


def _sorted_out(
    listed: Sequence[Shown], read: Callable[[Shown], Value], name: str
) -> tuple[tuple[Value, ...], tuple[Unread, ...]]:
    """What can be read of it, and the rest by the field `name`."""
    items, unread = [], []
    for shown in listed:
        try:
            items.append(readable(read, shown))
        except Unreadable as error:
            unread.append(Unread(_name(shown, name), str(error)))
    return tuple(items), tuple(unread)


def _name(shown: stripe.StripeObject, field: str) -> str:
    return str(getattr(shown, field, ""))


def answered_list(ask: Callable[[], Answer]) -> Answer | NotListed:
    """What a list gave, or why it gave nothing."""
    try:
        return ask()
    except stripe.StripeError as error:
        return failed_question(error)
    except Unreadable as error:
        return Unknown(f"a list that makes no sense: {error}")


def _balance_transaction(shown: stripe.BalanceTransaction) -> BalanceTransactionSeen:
    return BalanceTransactionSeen(
        gateway_id=shown.id,
        kind=_KINDS.get(shown.reporting_category, MovementKind.OTHER),
        category=shown.reporting_category,
        source_id=_source_id(shown),
        amount=from_stripe(shown.amount, shown.currency),
        fee=from_stripe(shown.fee, shown.currency),
        net=from_stripe(shown.net, shown.currency),
        exchange_rate=None if shown.exchange_rate is None else Decimal(str(shown.exchange_rate)),
        created_at=datetime.fromtimestamp(shown.created, UTC),
        available_at=datetime.fromtimestamp(shown.available_on, UTC),
    )


def _source_id(shown: stripe.BalanceTransaction) -> str:
    source = shown.source
    return source if isinstance(source, str) else str(source.id) if source is not None else ""


def _payout(shown: stripe.Payout) -> PayoutSeen:
    return PayoutSeen(
        gateway_id=shown.id,
        status=shown.status,
        money=from_stripe(shown.amount, shown.currency),
        arrival_on=datetime.fromtimestamp(shown.arrival_date, UTC).date(),
        created_at=datetime.fromtimestamp(shown.created, UTC),
        failure=shown.failure_message or shown.failure_code or "",
    )
