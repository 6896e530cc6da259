"""Events: what happened to an object, as it was then, and what is delivered of it (docs.stripe.com/api/events)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.config import API_VERSION
from sandbox.documents import Event
from sandbox.ids import new_id
from sandbox.render import public
from sandbox.world import Sandbox


@dataclass(frozen=True)
class Cause:
    """The API request behind an event; both None where time or the control API did it."""

    request_id: str | None = None
    idempotency_key: str | None = None


BY_ITSELF = Cause()


def emit(
    sandbox: Sandbox,
    type_: str,
    document: Mapping[str, object],
    cause: Cause,
    before: Mapping[str, object] | None = None,
) -> Event:
    """Record an event inside the running transaction and queue its delivery.

    `before` is the object before the change; what differs is told as `previous_attributes`.
    """
    event: Event = {
        "id": new_id("evt_3"),
        "object": "event",
        "api_version": API_VERSION,
        "created": sandbox.clock.now(),
        "data": {"object": public(document)},
        "livemode": False,
        "pending_webhooks": 1 if sandbox.config.webhook_url else 0,
        "request": {"id": cause.request_id, "idempotency_key": cause.idempotency_key},
        "type": type_,
    }
    if before is not None:
        event["data"]["previous_attributes"] = _changes(public(before), public(document))
    sandbox.events.put(event)
    sandbox.deliveries.queue(event["id"], type_)
    return event


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """What differs, with its value before: what has vanished is told, and what is new was null."""
    changes: dict[str, object] = {}
    for name in {**after, **before}:
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            if inner := _changes(old, new):
                changes[name] = inner
        elif old != new:
            changes[name] = old
    return changes
