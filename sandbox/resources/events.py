"""Events (docs.stripe.com/api/events): what happened in the last thirty days."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.collection import in_list
from sandbox.documents import Event
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import InvalidParameter, Missing
from sandbox.lists import Conditions, list_of, page_of

KEPT_S = 30 * 24 * 3600
MOST_TYPES = 20
_UNDELIVERED = "EXISTS (SELECT 1 FROM deliveries WHERE event = objects.id AND status <> 'delivered')"


def retrieve(call: Call) -> Answer:
    event = call.sandbox.events.get(call.id)
    if event is None or event["created"] <= _forgotten(call):
        raise Missing("event", call.id, "id")
    return _as_delivered(call, [event])[0]


def list_all(call: Call) -> Answer:
    """Newest first; `type` may end in `*`, `types` names up to twenty."""
    members, has_more = page_of(call.sandbox.events, call.params, further=_conditions(call))
    return list_of(_as_delivered(call, members), "/v1/events", has_more)


def _forgotten(call: Call) -> int:
    return call.sandbox.clock.now() - KEPT_S


def _as_delivered(call: Call, events: Sequence[Event]) -> list[Event]:
    """Events are kept as they were; only whether the webhook endpoint took them changes."""
    waiting = call.sandbox.deliveries.undelivered([event["id"] for event in events])
    return [{**event, "pending_webhooks": int(event["id"] in waiting)} for event in events]


def _conditions(call: Call) -> Conditions:
    conditions, values = _of_types(call)
    if "delivery_success" in call.params:
        conditions.append(f"NOT {_UNDELIVERED}" if call.params.flag("delivery_success") else _UNDELIVERED)
    return ["created > ?", *conditions], [_forgotten(call), *values]


def _of_types(call: Call) -> Conditions:
    types, pattern = call.params.texts("types"), call.params.text("type")
    if types and pattern:
        raise InvalidParameter("You may only specify one of these parameters: type, types.", param="types")
    if len(types) > MOST_TYPES:
        raise InvalidParameter(f"Array too long: up to {MOST_TYPES} types are allowed.", param="types")
    if types:
        condition, values = in_list("json_extract(body, '$.type')", types)
        return [condition], list(values)
    return (["json_extract(body, '$.type') GLOB ?"], [pattern]) if pattern else ([], [])


ENDPOINTS = (
    Endpoint("events.list", "GET", "/v1/events", list_all),
    Endpoint("events.retrieve", "GET", "/v1/events/{id}", retrieve),
)
