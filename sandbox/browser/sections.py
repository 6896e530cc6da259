"""The sections of the page for a person, and what each is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.browser import tables
from sandbox.browser.markup import Table
from sandbox.world import Sandbox


@dataclass(frozen=True)
class Section:
    """A table by page number, and a line that says what one sees in it."""

    lead: str
    table: Callable[[Sandbox, int], Table]


SECTIONS = {
    "Payments": Section(
        "Every PaymentIntent of the account: where it stands, and what went wrong last. A bank answers a debit later, "
        "and can dispute what was paid.",
        tables.payments,
    ),
    "Refunds": Section("What was given back. A bank can send even a refund that succeeded back again.", tables.refunds),
    "Disputes": Section(
        "What cardholders want back. The shop answers with evidence through the API; the bank decides here.",
        tables.disputes,
    ),
    "Payouts": Section(
        "What went to the shop's bank account, for each currency. A payout can come back even after it arrived.",
        tables.payouts,
    ),
    "Events": Section("What happened, in the order in which it happened; each becomes a webhook.", tables.events),
    "Deliveries": Section(
        "Webhooks on their way: pending ones are tried again, failed ones were given up.", tables.deliveries
    ),
    "Faults": Section(
        "What shall go wrong, and when. A fault waits for its moment and is gone once it is used up.", tables.faults
    ),
}
FIRST_SECTION = next(iter(SECTIONS))
