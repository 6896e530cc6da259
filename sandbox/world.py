"""Everything the endpoints work on: the settings, the store and its collections, the clock, what is to come."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.collection import Collection
from sandbox.config import Config
from sandbox.documents import (
    BalanceTransaction,
    Charge,
    ConfirmationToken,
    Dispute,
    Event,
    PaymentIntent,
    PaymentMethod,
    Payout,
    Refund,
)
from sandbox.faults import Faults
from sandbox.idempotency import IdempotencyKeys
from sandbox.schedule import Schedule
from sandbox.search.index import SearchableCollection
from sandbox.store import Store
from sandbox.webhooks.queue import Deliveries


class Sandbox:
    """One account in test mode."""

    def __init__(self, config: Config, port: int) -> None:
        self.config = config
        self.origin = f"http://localhost:{port}"
        self.store = Store(config.state)
        self.clock = Clock(self.store)
        self.schedule = Schedule(self.store, self.clock)
        self.faults = Faults(self.store)
        self.idempotency_keys = IdempotencyKeys(self.store, self.clock)
        self.deliveries = Deliveries(self.store, self.clock, self.faults, bool(config.webhook_url))
        self.payment_intents: SearchableCollection[PaymentIntent] = SearchableCollection(
            self.store, "payment_intent", self.clock
        )
        self.payment_methods: Collection[PaymentMethod] = Collection(self.store, "payment_method")
        self.confirmation_tokens: Collection[ConfirmationToken] = Collection(self.store, "confirmation_token")
        self.charges: SearchableCollection[Charge] = SearchableCollection(self.store, "charge", self.clock)
        self.refunds: Collection[Refund] = Collection(self.store, "refund")
        self.balance_transactions: Collection[BalanceTransaction] = Collection(self.store, "balance_transaction")
        self.disputes: Collection[Dispute] = Collection(self.store, "dispute")
        self.payouts: Collection[Payout] = Collection(self.store, "payout")
        self.events: Collection[Event] = Collection(self.store, "event")
