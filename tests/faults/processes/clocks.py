"""Shorter waits for a worker under test, in seconds: what is proven stays the same, and recovery takes seconds."""

from __future__ import annotations

from datetime import timedelta

from tests.faults.processes.laying import find

SHORT: dict[str, float] = {
    "payments.operations.lease:LEASE": 5.0,
    "payments.operations.lease:BACKOFF_MOST_S": 5.0,
    "payments.operations.breaker:PAUSE_FIRST_S": 1.0,
    "payments.operations.breaker:PAUSE_MOST_S": 3.0,
    "payments.operations.breaker:PROBE_FOR": 5.0,
    "payments.operations.breaker:SPREAD_S": 2.0,
    "payments.operations.sweeping:SWEPT_AGAIN_AFTER": 5.0,
    "payments.webhooks.inbox:CLAIMED_FOR": 5.0,
    "payments.states.schedule:CHECK_FIRST_AFTER": 3.0,
    "payments.states.schedule:CHECK_AT_MOST_EVERY": 10.0,
    "checkout.operations.emails:LOST_AFTER": 5.0,
}


def shorten_clocks() -> None:
    """Raises AttributeError where a wait of the table is not there."""
    for place, seconds in SHORT.items():
        holder, name = find(place)
        is_length = isinstance(getattr(holder, name), timedelta)
        setattr(holder, name, timedelta(seconds=seconds) if is_length else seconds)


def seconds_of(place: str) -> float:
    """How long the wait at `module:NAME` is now. Raises AttributeError."""
    holder, name = find(place)
    wait: timedelta | float = getattr(holder, name)
    return wait.total_seconds() if isinstance(wait, timedelta) else wait
