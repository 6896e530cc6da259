"""What becomes of each call: most go well, the others as networks and gateways really fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random


class Fate(Enum):
    WELL = auto()
    LOST_BEFORE = auto()  # a time-out, a dropped connection or an unstored 502: the request never arrived
    ARRIVES_LATE = auto()  # it timed out for us, and is worked on minutes later
    LOST_AFTER = auto()  # the work is done, the answer is lost
    ERROR_BEFORE = auto()  # a 500 that is stored for the key, nothing done
    ERROR_AFTER = auto()  # a 500 that is stored for the key, although the work is done
    TURNED_AWAY = auto()  # 429, with a time to wait
    UNREACHABLE = auto()  # no connection


_FAILURES = [fate for fate in Fate if fate is not Fate.WELL]


@dataclass
class Weather:
    """`badness` is the share of calls that fail; during an outage every call does."""

    badness: float = 0.0
    outage: bool = False
    drawn: list[Fate] = field(default_factory=list)

    def draw(self, rng: Random) -> Fate:
        if self.outage:
            return rng.choice([Fate.LOST_BEFORE, Fate.TURNED_AWAY, Fate.UNREACHABLE])
        return rng.choice(_FAILURES) if rng.random() < self.badness else Fate.WELL
