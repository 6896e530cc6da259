"""When to send, and when to ask the gateway again about what is still open."""

from __future__ import annotations

from datetime import timedelta

SWEEP_AFTER = timedelta(seconds=10)  # an operation whose job was lost is found after that
WRITE_WITHIN = timedelta(hours=23)  # inside the idempotency window of every gateway that we know
CHECK_FIRST_AFTER = timedelta(seconds=30)
CHECK_AT_MOST_EVERY = timedelta(hours=6)


def check_interval(checks: int) -> timedelta:
    """How long to wait after `checks` fruitless looks: doubling from half a minute up to six hours."""
    return min(CHECK_FIRST_AFTER * 2.0 ** min(checks, 20), CHECK_AT_MOST_EVERY)
