"""Shorter waits for a worker under test: what is proven stays the same, and recovery takes seconds."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

SHORT: dict[str, timedelta | float] = {
    "payments.operations.lease:LEASE": timedelta(seconds=5),
    "payments.operations.lease:BACKOFF_MOST_S": 5.0,
    "payments.operations.breaker:PAUSE_FIRST_S": 1.0,
    "payments.operations.breaker:PAUSE_MOST_S": 3.0,
    "payments.operations.breaker:PROBE_FOR": timedelta(seconds=5),
    "payments.operations.breaker:SPREAD_S": 2.0,
    "payments.operations.sweeping:SWEPT_AGAIN_AFTER": timedelta(seconds=5),
    "payments.webhooks.inbox:CLAIMED_FOR": timedelta(seconds=5),
    "payments.states.schedule:CHECK_FIRST_AFTER": timedelta(seconds=3),
    "payments.states.schedule:CHECK_AT_MOST_EVERY": timedelta(seconds=10),
    "checkout.operations.emails:LOST_AFTER": timedelta(seconds=5),
}


def shorten_clocks() -> None:
    """Raises AttributeError where a wait of the table is not there."""
    for place, wait in SHORT.items():
        module_name, _, name = place.partition(":")
        module = import_module(module_name)
        if type(getattr(module, name)) is not type(wait):
            raise AttributeError(f"{place} is no {type(wait).__name__}")
        setattr(module, name, wait)
