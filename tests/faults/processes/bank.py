"""The shoppers' bank: now and then it disputes a charge, and in the end it decides each dispute."""

from __future__ import annotations

import random
from threading import Event

from tests.faults.processes.gateway import Gateway

EVERY_S = (8.0, 16.0)
AMOUNT = 100  # minor units: what was refunded before never passes the rest
MOST = 10


class Bank:
    def __init__(self, gateway: Gateway, seed: int) -> None:
        self._gateway = gateway
        self._dice = random.Random(f"{seed} bank")

    def dispute_until(self, stopping: Event) -> None:
        """Claim a little of one charge after the other; each dispute waits a while, then the bank decides."""
        open_dispute = ""
        for _ in range(MOST):
            if stopping.wait(self._dice.uniform(*EVERY_S)):
                break
            self._decide(open_dispute)
            open_dispute = self._dispute()
        stopping.wait()
        self._decide(open_dispute)

    def _dispute(self) -> str:
        charges = [
            str(charge["id"])
            for charge in self._gateway.everything("charges")
            if charge["status"] == "succeeded" and not charge["disputed"] and not charge["amount_refunded"]
        ]
        return self._gateway.dispute(self._dice.choice(charges), AMOUNT) if charges else ""

    def _decide(self, dispute: str) -> None:
        if dispute:
            self._gateway.decide_dispute(dispute, won=self._dice.random() < 0.5)
