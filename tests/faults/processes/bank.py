"""The shoppers' bank: now and then it disputes a charge, and by and by decides each dispute; and payouts go to ours."""

from __future__ import annotations

import random
from threading import Event

from tests.faults.processes.gateway import Gateway
from tests.faults.processes.insisting import insist

EVERY_S = (8.0, 16.0)
AMOUNT = 100  # minor units: what was refunded before never passes the rest
MOST = 10
DECIDED = frozenset({"won", "lost"})


class Bank:
    def __init__(self, gateway: Gateway, seed: int) -> None:
        self._gateway = gateway
        self._dice = random.Random(f"{seed} bank")

    def work_until(self, stopping: Event) -> None:
        """Claim a little of one charge after the other, decide what was claimed before, and take payouts."""
        disputed = 0
        while not stopping.wait(self._dice.uniform(*EVERY_S)):
            insist(self._decide, "decide a dispute")
            insist(self._gateway.pay_out, "be paid out")
            if disputed < MOST:
                disputed += insist(self._dispute, "dispute a charge")
        insist(self._decide, "decide a dispute")

    def _dispute(self) -> bool:
        charges = [
            str(charge["id"])
            for charge in self._gateway.everything("charges")
            if charge["status"] == "succeeded"
            and charge["captured"]
            and not charge["disputed"]
            and not charge["amount_refunded"]
            and int(str(charge["amount_captured"])) >= AMOUNT
        ]
        if charges:
            self._gateway.dispute(self._dice.choice(charges), AMOUNT)
        return bool(charges)

    def _decide(self) -> None:
        for dispute in self._gateway.everything("disputes"):
            if dispute["status"] not in DECIDED:
                self._gateway.decide_dispute(str(dispute["id"]), won=self._dice.random() < 0.5)
