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
    """Nest a form's pairs; order is kept. Empty brackets become lists.

    Whether `a[0]=1` is a list or a map with the key `0` cannot be told here: it stays a map, and `indexed` reads it as
    a list where one is wanted.
    """
    tree: Form = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True, encoding="utf-8", errors="replace"):
        _insert(tree, _path(key), value)
    return {name: _lists(value) for name, value in tree.items()}


def indexed(value: FormValue) -> list[FormValue] | None:
    """The members of a list, whichever way it was written; None if it is no list."""
    if isinstance(value, dict) and value and all(name.isdecimal() for name in value):
        return [value[name] for name in sorted(value, key=int)]
    return value if isinstance(value, list) else None


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
    newest = _opened(len(tree) - 1)
    last = tree.get(newest)
    return newest if isinstance(last, dict) and rest and not _holds(last, rest) else _opened(len(tree))


def _opened(position: int) -> str:
    """The name of a member that empty brackets opened; no key that was sent holds a bracket."""
    return f"[{position}]"


def _holds(tree: Form, path: list[str]) -> bool:
    """Whether a value stands at the path already."""
    child = tree.get(path[0])
    return child is not None and (len(path) == 1 or not isinstance(child, dict) or _holds(child, path[1:]))


def _lists(value: FormValue) -> FormValue:
    if not isinstance(value, dict):
        return value
    items = {name: _lists(item) for name, item in value.items()}
    return list(items.values()) if any(name.startswith("[") for name in items) else items
