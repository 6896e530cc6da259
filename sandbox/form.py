"""Form bodies and query strings with Stripe's brackets: `a[b]=1`, `a[]=1`, `a[0][b]=1`."""

from __future__ import annotations

import re
from typing import Union
from urllib.parse import parse_qsl

FormValue = Union[str, list["FormValue"], "Form"]
Form = dict[str, FormValue]

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_BRACKET = re.compile(r"\[([^\[\]]*)\]")


def decode(encoded: str) -> Form:
    """Nest a form's pairs. Keys that count from zero, and empty brackets, become lists; order is kept."""
    tree: Form = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True, encoding="utf-8", errors="replace"):
        _insert(tree, _path(key), value)
    return {name: _lists(value) for name, value in tree.items()}


def encode_name(path: tuple[str, ...]) -> str:
    """The bracketed name of a nested parameter: `("card", "number")` is `card[number]`."""
    return path[0] + "".join(f"[{part}]" for part in path[1:])


def _path(key: str) -> list[str]:
    match = _KEY.fullmatch(key)
    return [match[1], *_BRACKET.findall(match[2])] if match else [key]


def _insert(tree: Form, path: list[str], value: str) -> None:
    for position, part in enumerate(path[:-1]):
        slot = _slot(tree, part, path[position + 1 :])
        child = tree.get(slot)
        if not isinstance(child, dict):
            child = {}
            tree[slot] = child
        tree = child
    tree[_slot(tree, path[-1], [])] = value


def _slot(tree: Form, part: str, rest: list[str]) -> str:
    """Empty brackets open a new member of the list, unless the last one, an object, lacks what comes."""
    if part:
        return part
    last = tree.get(str(len(tree) - 1))
    return str(len(tree) - 1) if isinstance(last, dict) and rest and not _holds(last, rest) else str(len(tree))


def _holds(tree: Form, path: list[str]) -> bool:
    """Whether a value stands at the path already."""
    child = tree.get(path[0])
    return child is not None and (len(path) == 1 or not isinstance(child, dict) or _holds(child, path[1:]))


def _lists(value: FormValue) -> FormValue:
    if not isinstance(value, dict):
        return value
    items = {name: _lists(item) for name, item in value.items()}
    if items and all(name.isdigit() for name in items):
        return [items[name] for name in sorted(items, key=int)]
    return items
