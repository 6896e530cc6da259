"""What a gateway settles: the movements of our account's balance there, and what it sends to our bank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from payments.money import Money

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in an answer that no sense could be made of: the gateway's id of it, and what is wrong."""

    gateway_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; `next` is what to ask for the page after it, empty on the last.

    `unread` are those of its items that make no sense: they keep no other one out.
    """

    items: tuple[Item, ...]
    next: str = ""
    unread: tuple[Unread, ...] = ()


class MovementKind(StrEnum):
    """Why the balance moved. A charge failure takes a charge back that a bank refused after it was in the balance."""

    CHARGE = "charge"
    CHARGE_FAILURE = "charge_failure"
    REFUND = "refund"
    REFUND_FAILURE = "refund_failure"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"
    PAYOUT = "payout"
    PAYOUT_REVERSAL = "payout_reversal"
    FEE = "fee"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BalanceTransactionSeen:
    """One movement of our balance at the gateway, in the settlement currency.

    `amount` is gross and signed: what comes to us is positive. `net` is `amount` less `fee`. `source_id` is the
    gateway's id of the charge, refund, dispute or payout behind it. `exchange_rate` makes settled minor units of
    presented ones, None without a conversion. `category` is the gateway's own word for the kind.
    """

    gateway_id: str
    kind: MovementKind
    category: str
    source_id: str
    amount: Money
    fee: Money
    net: Money
    exchange_rate: Decimal | None
    created_at: datetime
    available_at: datetime


@dataclass(frozen=True, slots=True)
class PayoutSeen:
    """Money on its way to the merchant's bank; `status` is the gateway's word, `money` is positive."""

    gateway_id: str
    status: str
    money: Money
    arrival_on: date
    created_at: datetime
    failure: str = ""


@dataclass(frozen=True, slots=True)
class BalanceSeen:
    """What the gateway says that it holds for us and could pay out now, one entry for each settlement currency.

    `unread` are entries that make no sense, such as one in a currency that does not exist here.
    """

    entries: tuple[Money, ...]
    unread: tuple[Unread, ...] = ()

    def available(self, currency: str) -> Money:
        """Zero where the gateway names no balance in this currency."""
        return sum((entry for entry in self.entries if entry.currency == currency), Money.zero(currency))
