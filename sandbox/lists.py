"""Lists: cursors, limits, filters (docs.stripe.com/api/pagination)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.collection import Collection, D, Page
from sandbox.endpoints import Answer
from sandbox.errors import InvalidParameter, MissingReference
from sandbox.parameters import Params
from sandbox.store import Value

DEFAULT_LIMIT = 10
MAXIMUM_LIMIT = 100
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def list_of(members: Sequence[Mapping[str, object]], url: str, has_more: bool) -> dict[str, object]:
    """The envelope of every list."""
    return {"object": "list", "data": list(members), "has_more": has_more, "url": url}


Conditions = tuple[list[str], list[Value]]


def listed(
    collection: Collection[D],
    params: Params,
    url: str,
    filters: Mapping[str, Value] | None = None,
    further: Conditions = ([], []),
) -> Answer:
    """One page as an endpoint answers it."""
    members, has_more = page_of(collection, params, filters, further)
    return list_of(members, url, has_more)


def page_of(
    collection: Collection[D],
    params: Params,
    filters: Mapping[str, Value] | None = None,
    further: Conditions = ([], []),
) -> tuple[list[D], bool]:
    """One page, newest first, and whether there is more.

    `filters` are fields that must have a value, `further` is SQL with its values.
    """
    limit = limit_of(params)
    created, bounds = time_bounds(params, "created", "created")
    conditions, values = [*created, *further[0]], [*bounds, *further[1]]
    for path, value in (filters or {}).items():
        if value is not None:
            conditions.append(_equals(path))
            values.append(value)
    after, before = params.text("starting_after"), params.text("ending_before")
    if after and before:
        raise InvalidParameter("Received both starting_after and ending_before parameters. Please pass in only one.")
    if cursor := after or before:
        conditions.append("position < ?" if after else "position > ?")
        values.append(_position(collection, cursor, "starting_after" if after else "ending_before"))
    found = collection.find(Page(tuple(conditions), tuple(values), limit + 1, oldest_first=bool(before)))
    members = found[:limit]
    if before:
        members.reverse()
    return members, len(found) > limit


def limit_of(params: Params) -> int:
    """How many members a page has at most."""
    limit = params.integer("limit")
    if limit is None:
        return DEFAULT_LIMIT
    if limit < 1:
        raise InvalidParameter(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="limit"
        )
    if limit > MAXIMUM_LIMIT:
        raise InvalidParameter(
            f"This value must be less than or equal to {MAXIMUM_LIMIT} (found {limit}).",
            code="parameter_invalid_integer",
            param="limit",
        )
    return limit


def time_bounds(params: Params, field: str, column: str) -> Conditions:
    """The conditions that a time's parameter (a moment, or `gt`, `gte`, `lt`, `lte`) puts on a column."""
    exact = params.integer(field)
    if exact is not None:
        return [f"{column} = ?"], [exact]
    bounds = params.section(field) or Params({})
    conditions = [f"{column} {_COMPARISONS[name]} ?" for name in bounds]
    return conditions, [bounds.integer(name) for name in bounds]


def _equals(path: str) -> str:
    return f"{path} = ?" if path in ("payment_intent", "charge") else f"json_extract(body, '$.{path}') = ?"


def _position(collection: Collection[D], cursor: str, param: str) -> int:
    position = collection.position(cursor)
    if position is None:
        raise MissingReference(collection.kind, cursor, param)
    return position
