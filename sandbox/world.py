"""Everything the endpoints work on: the settings, the store and its collections, the clock."""

from __future__ import annotations

import threading

from sandbox.clock import Clock
from sandbox.collection import Collection
from sandbox.config import Config
from sandbox.documents import ConfirmationToken, PaymentIntent, PaymentMethod
from sandbox.store import Store


class Sandbox:
    """One account in test mode."""

    def __init__(self, config: Config, port: int) -> None:
        self.config = config
        self.origin = f"http://localhost:{port}"
        self.store = Store(config.state)
        self.clock = Clock(lambda: self.store.number("skipped_seconds"))
        self.payment_intents: Collection[PaymentIntent] = Collection(self.store, "payment_intent")
        self.payment_methods: Collection[PaymentMethod] = Collection(self.store, "payment_method")
        self.confirmation_tokens: Collection[ConfirmationToken] = Collection(self.store, "confirmation_token")
        self.events_waiting = threading.Event()
