"""The tables beside this module: one text file per endpoint, one line per parameter.

    amount  integer  required
    capture_method  enum  automatic automatic_async manual
    shipping.address  object  required
    shipping.address.city  string
    amount_details.line_items[]  object
    created  integer|object

A line is a path, the kinds of value it takes, then `required`, `clearable` (an empty string unsets it) and an enum's
values. They follow the parameter types that Stripe publishes for its Python package at this API version; a test
holds the two together and rewrites the files on request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass
class Shape:
    """What one parameter may be. `fields` are an object's; `items` is the shape of a list's members."""

    kinds: frozenset[str] = frozenset({"object"})
    required: bool = False
    clearable: bool = False
    choices: tuple[str, ...] = ()
    fields: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None


@cache
def load(endpoint: str) -> Shape:
    """The shape of an endpoint's parameters: `payment_intents.create` and the like."""
    root = Shape()
    for line in (FOLDER / f"{endpoint}.txt").read_text().splitlines():
        path, kinds, *rest = line.split()
        _place(root, path, _shape(kinds, rest))
    return root


def _shape(kinds: str, words: list[str]) -> Shape:
    flags = {"required", "clearable"}
    return Shape(
        kinds=frozenset(kinds.split("|")),
        required="required" in words,
        clearable="clearable" in words,
        choices=tuple(word for word in words if word not in flags),
    )


def _place(root: Shape, path: str, shape: Shape) -> None:
    *parents, name = path.split(".")
    for parent in parents:
        root = root.fields[parent.removesuffix("[]")]
        root = root.items or root
    if not name.endswith("[]"):
        root.fields[name] = shape
        return
    listed = Shape(frozenset({"array"}), shape.required, shape.clearable, items=shape)
    root.fields[name.removesuffix("[]")] = listed
