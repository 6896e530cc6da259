"""Each event of the gateway is in our inbox and processed, whether its webhook came or not, and none needs a person."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from tests.faults.processes.invariants.facts import Facts

DONE = frozenset({"processed", "kept"})


def broken_traces(facts: Facts) -> Iterator[str]:
    for event in facts.events:
        status = facts.events_here.get(str(event["id"]), "missing")
        if status not in DONE:
            yield f"event {event['id']} ({event['type']}) is {status} here"


def open_discrepancies(facts: Facts, database_url: str) -> Iterator[str]:
    """Nothing in this run was beyond what the shop can settle by itself.

    One thing is put before staff on purpose: an object that was opened, said 500, and was opened anew. It took nothing.
    """
    idle = {
        str(intent["id"]) for intents in facts.intents.values() for intent in intents if not intent["amount_received"]
    }
    statement = "SELECT kind, subject, explanation FROM payments_discrepancy WHERE resolved_at IS NULL"
    with psycopg.connect(database_url) as connection:
        for kind, subject, explanation in connection.execute(statement).fetchall():
            if subject in idle - {order.intent for order in facts.orders}:
                continue
            yield f"a person is asked to look at {subject} ({kind}): {explanation}"
