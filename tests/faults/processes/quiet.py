"""When the storm is over: nothing is open, and nothing waits for a job."""

from __future__ import annotations

import psycopg

_OPEN = """
SELECT 'operations unsettled', count(*) FROM payments_operation WHERE status IN ('created', 'in_flight', 'unknown')
UNION ALL SELECT 'payments under way', count(*) FROM payments_payment
  WHERE status IN ('processing', 'requires_action', 'requires_payment_method')
UNION ALL SELECT 'attempts live', count(*) FROM payments_paymentattempt
  WHERE status IN ('created', 'submitted', 'requires_action', 'processing')
UNION ALL SELECT 'refunds under way', count(*) FROM payments_refund WHERE status IN ('requested', 'pending')
UNION ALL SELECT 'disputes undecided', count(*) FROM payments_dispute WHERE status NOT IN ('won', 'lost')
UNION ALL SELECT 'observations not applied', count(*) FROM payments_observation WHERE applied_at IS NULL
UNION ALL SELECT 'webhook events waiting', count(*) FROM payments_webhookevent WHERE next_try_at IS NOT NULL
UNION ALL SELECT 'e-mails unsent', count(*) FROM checkout_orderemail WHERE sent_at IS NULL
UNION ALL SELECT 'audit entries unsealed', count(*) FROM payments_pendingseal
UNION ALL SELECT 'jobs of dead workers', count(*) FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IS NULL
"""


def still_open(database_url: str) -> dict[str, int]:
    """How many rows of each kind are not at their end; empty when all is quiet."""
    with psycopg.connect(database_url) as connection:
        return {str(what): int(count) for what, count in connection.execute(_OPEN).fetchall() if count}
