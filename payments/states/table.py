"""The one table of allowed transitions: for each kind of row, by cause, from where to where.

The database's triggers hold the same edges (see the migrations), and so does the diagram in docs/architecture.md; a
test compares the three. `NEW` stands for a row that is just being inserted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

NEW = ""


class Cause(StrEnum):
    """Why a status changes."""

    REQUESTED = "requested"  # a person or the shop asked for it
    LEASED = "leased"  # a worker took the operation up and is about to send it
    ANSWER_LOST = "answer_lost"  # it was sent, and no answer proves what became of it
    NOT_SENT = "not_sent"  # it provably never reached the gateway
    OBSERVED = "observed"  # an observation proves it


Edges = Mapping[Cause, Mapping[str, Sequence[str]]]

_PAYMENT_OUTCOMES = ("requires_capture", "partially_captured", "succeeded", "canceled", "failed")

PAYMENT: Edges = {
    Cause.REQUESTED: {
        NEW: ("processing",),
        "requires_payment_method": ("processing",),
    },
    Cause.NOT_SENT: {"processing": ("requires_payment_method",)},
    Cause.OBSERVED: {
        "requires_payment_method": ("requires_action", "processing", *_PAYMENT_OUTCOMES),
        "requires_action": ("requires_payment_method", "processing", *_PAYMENT_OUTCOMES),
        "processing": ("requires_payment_method", "requires_action", *_PAYMENT_OUTCOMES),
        "requires_capture": ("partially_captured", "succeeded", "canceled", "failed"),
        "partially_captured": ("succeeded",),
        # Money that came after all is never refused.
        "canceled": ("partially_captured", "succeeded"),
        "failed": ("partially_captured", "succeeded"),
    },
}

_ATTEMPT_OUTCOMES = ("authorized", "succeeded", "declined", "canceled", "expired")

ATTEMPT: Edges = {
    Cause.REQUESTED: {NEW: ("created",)},
    Cause.LEASED: {"created": ("submitted",)},
    Cause.NOT_SENT: {"created": ("canceled",), "submitted": ("canceled",)},
    Cause.OBSERVED: {
        # `created` too: its operation to open the payment may be refused, or the payment be canceled meanwhile.
        "created": ("declined", "canceled"),
        "submitted": ("requires_action", "processing", *_ATTEMPT_OUTCOMES),
        "requires_action": ("processing", *_ATTEMPT_OUTCOMES),
        "processing": ("requires_action", *_ATTEMPT_OUTCOMES),
        "authorized": ("succeeded", "canceled", "expired"),
        "declined": ("authorized", "succeeded"),
        "canceled": ("succeeded",),
        "expired": ("succeeded",),
    },
}

OPERATION: Edges = {
    Cause.REQUESTED: {NEW: ("created",)},
    Cause.LEASED: {"created": ("in_flight",)},
    Cause.ANSWER_LOST: {"in_flight": ("unknown",)},
    Cause.NOT_SENT: {"in_flight": ("created",), "created": ("failed",)},
    Cause.OBSERVED: {
        # `created` too: the payment may be canceled, or its opening refused, before this was ever sent.
        "created": ("succeeded", "failed"),
        "in_flight": ("succeeded", "failed"),
        "unknown": ("succeeded", "failed"),
        # Two proofs disagree; the one that says that money moved wins, and a discrepancy is opened.
        "failed": ("succeeded",),
    },
}

REFUND: Edges = {
    Cause.REQUESTED: {NEW: ("requested",)},
    Cause.NOT_SENT: {"requested": ("failed",)},
    Cause.OBSERVED: {
        NEW: ("pending", "succeeded", "failed", "canceled"),  # made outside, first seen at the gateway
        "requested": ("pending", "succeeded", "failed", "canceled"),
        "pending": ("succeeded", "failed", "canceled"),
        "succeeded": ("failed",),
        "failed": ("pending", "succeeded", "canceled"),  # called not done by a person, and it was
    },
}

# A dispute's status is the gateway's word. Whatever it says next is believed: a lost one may be won on appeal.
DISPUTE_STATUSES = (
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "needs_response",
    "under_review",
    "won",
    "lost",
    "prevented",
)

DISPUTE: Edges = {
    Cause.OBSERVED: {
        before: tuple(after for after in DISPUTE_STATUSES if after != before) for before in (NEW, *DISPUTE_STATUSES)
    },
}

TABLE: Mapping[str, Edges] = {
    "payment": PAYMENT,
    "attempt": ATTEMPT,
    "operation": OPERATION,
    "refund": REFUND,
    "dispute": DISPUTE,
}


def allows(kind: str, before: str, after: str, cause: Cause) -> bool:
    """Whether a row of this kind may go from `before` to `after` for this cause."""
    return after in TABLE[kind].get(cause, {}).get(before, ())


def edges() -> set[tuple[str, str, str, str]]:
    """Every allowed (kind, from, to, cause)."""
    return {
        (kind, before, after, cause.value)
        for kind, causes in TABLE.items()
        for cause, starts in causes.items()
        for before, ends in starts.items()
        for after in ends
    }
