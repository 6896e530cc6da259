from __future__ import annotations

from collections.abc import Callable

from tests.faults.simulation.world import World

Play = Callable[[World], None]

STEPS: dict[str, tuple[int, Play]] = {}


def step(weight: int) -> Callable[[Play], Play]:
    """Register what may happen, as often as its weight says."""

    def register(play: Play) -> Play:
        STEPS[play.__name__] = (weight, play)
        return play

    return register
