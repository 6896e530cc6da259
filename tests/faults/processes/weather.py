"""What else goes wrong at the gateway while people shop: held, dropped, refused and broken answers, odd webhooks."""

from __future__ import annotations

import random
from collections.abc import Mapping

from tests.faults.processes.crash_points import (
    ANSWER_LOST,
    ASKED,
    BEFORE_ASKING,
    EVENT_MISSED,
    FENCED,
    GATEWAY_LOST_AT_WORK,
    GATEWAY_LOST_BEFORE_ASKING,
    GOING_ON,
    LEFT_TO_A_PERSON,
    MADE_ANEW,
    OUTCOME_RECORDED,
    OUTCOME_STORED,
    PUT_DOWN,
    REFUND_COMMITTED,
)
from tests.faults.processes.gateway import LONG_HOLD_S, Gateway
from tests.faults.processes.point import CrashPoint

Fault = dict[str, object]

CONFIRM, CREATE = "payment_intents.confirm", "payment_intents.create"
RETRIEVE, REFUND = "payment_intents.retrieve", "refunds.create"

DROPPED: Fault = {"on": CONFIRM, "when": "after", "drop": True}
HELD_BACK: Fault = {"on": CONFIRM, "when": "after", "hold_s": LONG_HOLD_S}
NEVER_DONE: Fault = {"on": CONFIRM, "when": "before", "status": 500}
NEVER_OPENED: Fault = {"on": CREATE, "when": "before", "status": 500}
NEVER_TOLD: Fault = {"on": "webhooks", "do": "lose", "times": 3}
NEVER_REFUNDED: Fault = {"on": REFUND, "when": "before", "status": 500}  # only a person can end it

FAULTS: tuple[Fault, ...] = (
    {"on": CONFIRM, "when": "after", "hold_s": 2},
    {"on": CONFIRM, "when": "after", "hold_s": 8},  # longer than a short lease
    {"on": CONFIRM, "when": "before", "hold_s": 2},
    {"on": CONFIRM, "when": "before", "drop": True},
    DROPPED,
    NEVER_DONE,
    {"on": CONFIRM, "when": "after", "status": 500},
    {"on": CONFIRM, "when": "after", "status": 502},
    {"on": CONFIRM, "when": "before", "status": 503},
    {"on": CONFIRM, "when": "before", "status": 409},
    {"on": CONFIRM, "when": "before", "status": 429, "retry_after_s": 1},
    {"on": CREATE, "when": "after", "drop": True},
    NEVER_OPENED,
    {"on": CREATE, "when": "after", "status": 500},
    {"on": CREATE, "when": "before", "status": 429, "retry_after_s": 1},
    {"on": RETRIEVE, "when": "after", "hold_s": 3},
    {"on": RETRIEVE, "when": "before", "status": 500},
    {"on": RETRIEVE, "when": "before", "drop": True},
    {"on": REFUND, "when": "after", "hold_s": 3},
    {"on": REFUND, "when": "after", "drop": True},
    {"on": REFUND, "when": "after", "status": 500},
    NEVER_REFUNDED,
    {"on": REFUND, "when": "before", "status": 429, "retry_after_s": 1},
    NEVER_TOLD,
    {"on": "webhooks", "do": "double", "times": 3},
    {"on": "webhooks", "do": "delay", "delay_s": 5, "times": 2},
    {"on": "webhooks", "do": "reorder", "times": 4},
)

# What brings a call to a point that a fair day never reaches, or belongs to it.
PROVOKED_BY: Mapping[CrashPoint, Fault] = {
    ANSWER_LOST: DROPPED,
    PUT_DOWN: DROPPED,
    BEFORE_ASKING: DROPPED,
    ASKED: DROPPED,
    GOING_ON: DROPPED,
    FENCED: NEVER_DONE,
    MADE_ANEW: NEVER_OPENED,
    LEFT_TO_A_PERSON: NEVER_REFUNDED,
    OUTCOME_STORED: NEVER_REFUNDED,
    OUTCOME_RECORDED: NEVER_REFUNDED,
    REFUND_COMMITTED: NEVER_REFUNDED,
    EVENT_MISSED: NEVER_TOLD,
    GATEWAY_LOST_AT_WORK: HELD_BACK,
    GATEWAY_LOST_BEFORE_ASKING: DROPPED,
}


class Weather:
    def __init__(self, gateway: Gateway, seed: int) -> None:
        self._gateway = gateway
        self._dice = random.Random(f"{seed} weather")

    def change(self, point: CrashPoint) -> None:
        """Two faults by chance, and the one that leads to `point` where it takes one."""
        faults = self._dice.sample(FAULTS, 2)
        if point in PROVOKED_BY:
            faults.append(PROVOKED_BY[point])
        for fault in faults:
            self._gateway.will(**fault)
