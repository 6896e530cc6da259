"""From stored documents to what is sent: what Stripe keeps to itself goes."""

from __future__ import annotations

from collections.abc import Mapping

PRIVATE = "sandbox"


def public(document: Mapping[str, object]) -> dict[str, object]:
    """A stored object without its private part."""
    return {name: value for name, value in document.items() if name != PRIVATE}
