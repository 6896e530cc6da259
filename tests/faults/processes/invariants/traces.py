"""Each event of the gateway is in our inbox and processed, whether its webhook came or not, and none needs a person."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from tests.faults.processes.gateway import reference_in
from tests.faults.processes.invariants.facts import Facts

DONE = frozenset({"processed", "kept"})

_OPEN = """
SELECT asked.kind, coalesce(held.gateway_id, asked.subject), asked.explanation, refund.request_id::text
FROM payments_discrepancy asked
LEFT JOIN payments_payment held ON asked.kind = 'capture' AND asked.subject = 'capture:' || held.id
LEFT JOIN payments_refund refund ON asked.kind = 'refund' AND asked.subject = 'refund:' || refund.id
WHERE asked.resolved_at IS NULL
"""


def broken_traces(facts: Facts) -> Iterator[str]:
    for event in facts.events:
        status = facts.events_here.get(str(event["id"]), "missing")
        if status not in DONE:
            yield f"event {event['id']} ({event['type']}) is {status} here"


def open_discrepancies(facts: Facts, database_url: str) -> Iterator[str]:
    """Nothing in this run was beyond what the shop can settle by itself.

    Three things are put before staff on purpose: an object that was opened, said 500, and was opened anew, which took
    nothing; a capture that took nothing; and a refund that the gateway refused or never got, of which it gave nothing
    back.
    """
    idle = {
        str(intent["id"]) for intents in facts.intents.values() for intent in intents if not intent["amount_received"]
    }
    refunds = [refund for refunds in facts.refunds.values() for refund in refunds]
    given_back = {reference_in(refund) for refund in refunds if refund["status"] == "succeeded"}
    with psycopg.connect(database_url) as connection:
        for kind, subject, explanation, refund in connection.execute(_OPEN).fetchall():
            if subject in (idle if kind == "capture" else idle - {order.intent for order in facts.orders}):
                continue
            if refund is not None and refund not in given_back:
                continue
            yield f"a person is asked to look at {subject} ({kind}): {explanation}"
