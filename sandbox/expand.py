"""From stored documents to what is sent: the private part goes, and what `expand` names is put in full.

Source: docs.stripe.com/expand (dots for depth, `data.` for lists, at most four levels).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from sandbox.errors import InvalidParameter
from sandbox.lists import list_of
from sandbox.payments import payouts
from sandbox.render import public
from sandbox.world import Sandbox

MAXIMUM_DEPTH = 4
TABLE = Path(__file__).with_name("expandable.txt")
"""What can be expanded: an object's kind and the way to the field, as the types of Stripe's Python package have it."""

Find = Callable[[Sandbox, str], Mapping[str, object] | None]

_FIND: dict[str, Find] = {
    "ba": lambda sandbox, object_id: payouts.bank_account(object_id),
    "ch": lambda sandbox, object_id: sandbox.charges.get(object_id),
    "du": lambda sandbox, object_id: sandbox.disputes.get(object_id),
    "pi": lambda sandbox, object_id: sandbox.payment_intents.get(object_id),
    "pm": lambda sandbox, object_id: sandbox.payment_methods.get(object_id),
    "po": lambda sandbox, object_id: sandbox.payouts.get(object_id),
    "py": lambda sandbox, object_id: sandbox.charges.get(object_id),
    "pyr": lambda sandbox, object_id: sandbox.refunds.get(object_id),
    "re": lambda sandbox, object_id: sandbox.refunds.get(object_id),
    "txn": lambda sandbox, object_id: sandbox.balance_transactions.get(object_id),
}
"""By the prefix of its id, an object that this account can have; the id of any other stays as it is."""


def rendered(sandbox: Sandbox, answer: Mapping[str, object], paths: Sequence[str]) -> dict[str, object]:
    """An endpoint's answer, one object or a list of them, fit to be sent."""
    shown = public(answer)
    members = shown.get("data")
    if shown.get("object") in ("list", "search_result") and isinstance(members, list):
        shown["data"] = [public(member) for member in members]
    for path in paths:
        _expand(sandbox, shown, _split(path), path)
    return shown


def _split(path: str) -> list[str]:
    parts = path.split(".")
    if len(parts) > MAXIMUM_DEPTH:
        raise InvalidParameter(
            f"You cannot expand more than {MAXIMUM_DEPTH} levels of a property. Property: {path}", param="expand"
        )
    return parts


def _expand(sandbox: Sandbox, shown: dict[str, object], parts: list[str], path: str) -> None:
    kind = str(shown.get("object"))
    if kind in ("list", "search_result"):
        _expand_members(sandbox, shown, parts, path)
    elif kind == "charge" and parts[0] == "refunds":
        refunds = shown.setdefault("refunds", _refunds(sandbox, str(shown["id"])))
        _expand_further(sandbox, refunds, parts[1:], path)
    else:
        _expand_field(sandbox, shown, _field_of(kind, parts, path), parts, path)


def _field_of(kind: str, parts: list[str], path: str) -> int:
    """How many parts lead to a field that can be expanded."""
    for length in range(1, len(parts) + 1):
        if (kind, ".".join(parts[:length])) in _expandable():
            return length
    raise InvalidParameter(f"This property cannot be expanded ({path}).")


def _expand_field(sandbox: Sandbox, shown: dict[str, object], length: int, parts: list[str], path: str) -> None:
    """Put the object for its id. Where the way to it is not there, there is nothing to expand."""
    holder: object = shown
    for part in parts[: length - 1]:
        holder = holder.get(part) if isinstance(holder, dict) else None
    if isinstance(holder, dict) and parts[length - 1] in holder:
        name = parts[length - 1]
        holder[name] = _found(sandbox, holder[name])
        _expand_further(sandbox, holder[name], parts[length:], path)


def _expand_further(sandbox: Sandbox, value: object, rest: list[str], path: str) -> None:
    if rest and isinstance(value, dict):
        _expand(sandbox, value, rest, path)


def _expand_members(sandbox: Sandbox, shown: dict[str, object], parts: list[str], path: str) -> None:
    members = shown.get("data")
    if parts[0] != "data" or len(parts) == 1:
        raise InvalidParameter(
            f"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead."
        )
    for member in members if isinstance(members, list) else []:
        _expand(sandbox, member, parts[1:], path)


def _found(sandbox: Sandbox, value: object) -> object:
    find = _FIND.get(value.partition("_")[0]) if isinstance(value, str) else None
    document = find(sandbox, value) if find and isinstance(value, str) else None
    return value if document is None else public(document)


@cache
def _expandable() -> frozenset[tuple[str, str]]:
    lines = (line.partition(" ") for line in TABLE.read_text().splitlines())
    return frozenset((kind, path) for kind, _, path in lines)


def _refunds(sandbox: Sandbox, charge: str) -> dict[str, object]:
    newest_first = list(reversed(sandbox.refunds.of_charge(charge)))
    members = [public(refund) for refund in newest_first[:10]]
    return list_of(members, f"/v1/charges/{charge}/refunds", has_more=len(newest_first) > 10)
