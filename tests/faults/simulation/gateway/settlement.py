"""What the gateway settles of its books: movements of our balance, with its fees, and payouts to our bank."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from payments.gateways.settlement import BalanceSeen, BalanceTransactionSeen, MovementKind, Page, PayoutSeen
from payments.money import Money
from tests.faults.simulation.clock import Clock

PAGE = 8
AVAILABLE_AFTER = timedelta(days=2)


@dataclass
class Settlement:
    clock: Clock
    movements: list[BalanceTransactionSeen] = field(default_factory=list)
    payouts: list[PayoutSeen] = field(default_factory=list)

    def move(self, kind: MovementKind, source_id: str, amount: Money, fee: int = 0) -> None:
        """Our balance moves by `amount` less `fee`, in minor units of the same currency; what goes, goes at once."""
        charged, now = Money(fee, amount.currency), self.clock.now
        self.movements.append(
            BalanceTransactionSeen(
                gateway_id=f"txn_{len(self.movements) + 1}",
                kind=kind,
                category=kind.value,
                source_id=source_id,
                amount=amount,
                fee=charged,
                net=amount - charged,
                exchange_rate=None,
                created_at=now,
                available_at=now + AVAILABLE_AFTER if amount.amount > 0 else now,
            )
        )

    def pay_out(self, currency: str) -> None:
        """Send what is available to our bank."""
        money, now = self.available(currency), self.clock.now
        if money.amount > 0:
            payout = PayoutSeen(f"po_{len(self.payouts) + 1}", "paid", money, now.date(), now)
            self.payouts.append(payout)
            self.move(MovementKind.PAYOUT, payout.gateway_id, -money)

    def available(self, currency: str) -> Money:
        return sum((m.net for m in self.movements if m.available_at <= self.clock.now), Money.zero(currency))

    def balance(self, currency: str) -> BalanceSeen:
        return BalanceSeen((self.available(currency),))

    def movements_page(self, since: datetime, after: str) -> Page[BalanceTransactionSeen]:
        newest = [seen for seen in reversed(self.movements) if seen.created_at >= since]
        start = next((number + 1 for number, seen in enumerate(newest) if seen.gateway_id == after), 0)
        shown = tuple(newest[start : start + PAGE])
        return Page(shown, shown[-1].gateway_id if newest[start + PAGE :] else "")

    def payouts_page(self, since: datetime) -> Page[PayoutSeen]:
        return Page(tuple(seen for seen in reversed(self.payouts) if seen.created_at >= since))
