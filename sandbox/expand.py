"""From stored documents to what is sent: the private part goes, and what `expand` names is put in full.

Source: docs.stripe.com/expand (dots for depth, `data.` for lists, at most four levels).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sandbox.errors import InvalidParameter
from sandbox.lists import list_of
from sandbox.render import public
from sandbox.world import Sandbox

MAXIMUM_DEPTH = 4

Find = Callable[[Sandbox, str], Mapping[str, object] | None]

_FIND: dict[str, Find] = {
    "balance_transaction": lambda sandbox, object_id: sandbox.balance_transactions.get(object_id),
    "charge": lambda sandbox, object_id: sandbox.charges.get(object_id),
    "payment_intent": lambda sandbox, object_id: sandbox.payment_intents.get(object_id),
    "payment_method": lambda sandbox, object_id: sandbox.payment_methods.get(object_id),
    "refund": lambda sandbox, object_id: sandbox.refunds.get(object_id),
    "dispute": lambda sandbox, object_id: sandbox.disputes.get(object_id),
    "payout": lambda sandbox, object_id: sandbox.payouts.get(object_id),
}
_KIND_OF_PREFIX = {"re": "refund", "pyr": "refund", "du": "dispute", "po": "payout"}
_EXPANDABLE: dict[str, dict[str, str]] = {
    "payment_intent": {"latest_charge": "charge", "payment_method": "payment_method"},
    "charge": {
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
    "balance_transaction": {"source": "source"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payout": {
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
    },
}
_ALWAYS_NULL = {
    "payment_intent": {"application", "customer", "on_behalf_of", "review"},
    "charge": {"application", "application_fee", "customer", "on_behalf_of", "review", "source_transfer"},
    "refund": {"source_transfer_reversal", "transfer_reversal"},
    "payment_method": {"customer"},
    "payout": {"application_fee", "original_payout", "reversed_by"},
}


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
    kind, name, rest = str(shown.get("object")), parts[0], parts[1:]
    if kind in ("list", "search_result"):
        _expand_members(sandbox, shown, parts, path)
        return
    if kind == "charge" and name == "refunds":
        shown.setdefault("refunds", _refunds(sandbox, str(shown["id"])))
    elif name in _EXPANDABLE.get(kind, {}):
        shown[name] = _found(sandbox, _EXPANDABLE[kind][name], shown.get(name))
    elif not (isinstance(shown.get(name), dict) and rest) and name not in _ALWAYS_NULL.get(kind, set()):
        raise InvalidParameter(f"This property cannot be expanded ({path}).", param="expand")
    value = shown.get(name)
    if rest and isinstance(value, dict):
        _expand(sandbox, value, rest, path)


def _expand_members(sandbox: Sandbox, shown: dict[str, object], parts: list[str], path: str) -> None:
    members = shown.get("data")
    if parts[0] != "data" or len(parts) == 1:
        raise InvalidParameter(
            f"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead.",
            param="expand",
        )
    for member in members if isinstance(members, list) else []:
        _expand(sandbox, member, parts[1:], path)


def _found(sandbox: Sandbox, kind: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if kind == "source":
        kind = _KIND_OF_PREFIX.get(value.partition("_")[0], "charge")
    document = _FIND[kind](sandbox, value)
    return value if document is None else public(document)


def _refunds(sandbox: Sandbox, charge: str) -> dict[str, object]:
    newest_first = list(reversed(sandbox.refunds.of_charge(charge)))
    members = [public(refund) for refund in newest_first[:10]]
    return list_of(members, f"/v1/charges/{charge}/refunds", has_more=len(newest_first) > 10)
