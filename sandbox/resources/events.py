"""Events (docs.stripe.com/api/events): what happened, for thirty days."""

from __future__ import annotations

from sandbox.collection import in_list
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import InvalidParameter, Missing
from sandbox.lists import Conditions, listed


def retrieve(call: Call) -> Answer:
    event = call.sandbox.events.get(call.id)
    if event is None:
        raise Missing("event", call.id, "id")
    return event


def list_all(call: Call) -> Answer:
    """Newest first; `type` may end in `*`, `types` names up to twenty."""
    if "type" in call.params and "types" in call.params:
        raise InvalidParameter("You may only specify one of these parameters: type, types.", param="types")
    return listed(call.sandbox.events, call.params, "/v1/events", further=_conditions(call))


def _conditions(call: Call) -> Conditions:
    types = call.params.texts("types")
    if types:
        condition, values = in_list("json_extract(body, '$.type')", types)
        return [condition], list(values)
    pattern = call.params.text("type")
    return (["json_extract(body, '$.type') GLOB ?"], [pattern]) if pattern else ([], [])


ENDPOINTS = (
    Endpoint("events.list", "GET", "/v1/events", list_all),
    Endpoint("events.retrieve", "GET", "/v1/events/{id}", retrieve),
)
