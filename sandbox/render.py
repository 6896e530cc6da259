"""From stored documents to what is sent: what Stripe keeps to itself goes."""

from __future__ import annotations

from collections.abc import Mapping

PRIVATE = "sandbox"


def public(document: Mapping[str, object]) -> dict[str, object]:
    """A stored object without its private part."""
    return {name: value for name, value in document.items() if name != PRIVATE}


def rendered(answer: Mapping[str, object]) -> dict[str, object]:
    """An endpoint's answer, one object or a list of them, fit to be sent."""
    shown = public(answer)
    members = shown.get("data")
    if shown.get("object") in ("list", "search_result") and isinstance(members, list):
        shown["data"] = [public(member) for member in members]
    return shown
