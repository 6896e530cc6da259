"""Write the table of what can be expanded from the `stripe` package's own classes.

`python -m tests.sandbox.expandable_fields` rewrites it; a test compares it without writing.
"""

from __future__ import annotations

from collections.abc import Iterator

import stripe
from stripe import StripeObject

from sandbox.expand import TABLE
from tests.sandbox.conformance import annotations_of, options_of

DESCRIBED: tuple[type[StripeObject], ...] = (
    stripe.BalanceTransaction,
    stripe.Charge,
    stripe.ConfirmationToken,
    stripe.Dispute,
    stripe.PaymentIntent,
    stripe.PaymentMethod,
    stripe.Payout,
    stripe.Refund,
)


def table() -> str:
    """A line for each field that holds an id or, expanded, the object: its object's kind and the way to it."""
    return "".join(f"{kind} {path}\n" for kind, path in fields())


def fields() -> Iterator[tuple[str, str]]:
    """Kind and path of each field that can be expanded."""
    for described in DESCRIBED:
        yield from ((vars(described)["OBJECT_NAME"], path) for path in _paths(described, ""))


def _paths(described: type[StripeObject], prefix: str) -> Iterator[str]:
    for name, hint in annotations_of(described).items():
        options = options_of(hint)
        classes = [option for option in options if isinstance(option, type) and issubclass(option, StripeObject)]
        if classes and str in options:
            yield f"{prefix}{name}"
            continue
        for inner in classes:
            if inner.__qualname__.startswith(f"{described.__qualname__}."):
                yield from _paths(inner, f"{prefix}{name}.")


if __name__ == "__main__":
    TABLE.write_text(table())
