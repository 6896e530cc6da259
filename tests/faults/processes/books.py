"""What our own database says of an order, read by SQL past all our code."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

_CONFIRM = """
SELECT operation.id, operation.status, operation.idempotency_key::text AS key, operation.lease,
       (SELECT count(*) FROM payments_observation told WHERE told.operation_id = operation.id) AS answers,
       (SELECT count(*) FROM payments_observation told
        WHERE told.operation_id = operation.id AND told.applied_at IS NULL) AS unapplied,
       coalesce((SELECT source FROM payments_observation told WHERE told.id = operation.proof_id), '') AS proof
FROM payments_operation operation JOIN checkout_order bought USING (payment_id)
WHERE bought.number = %s AND operation.kind = 'sale'
"""

_ASKED_OF_STAFF = """
SELECT operation.id AS operation, refund.request_id::text AS reference, payment.gateway_id AS intent
FROM payments_discrepancy asked JOIN payments_operation operation ON asked.subject = 'operation:' || operation.id
JOIN payments_refund refund ON refund.id = operation.refund_id
JOIN payments_payment payment ON payment.id = operation.payment_id
WHERE asked.kind = 'stuck' AND asked.resolved_at IS NULL AND operation.status = 'unknown'
"""


@dataclass(frozen=True, slots=True)
class StuckRefund:
    """A refund whose outcome staff were asked to look up at the gateway."""

    operation: int
    reference: str
    intent: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """The operation that takes an order's money: how often it was leased, how many answers to it are stored.

    `proof` is the source of the observation that settled it.
    """

    id: int
    status: str
    key: str
    lease: int
    answers: int
    unapplied: int
    proof: str


@dataclass(frozen=True)
class Books:
    url: str

    def confirm_of(self, order_number: str) -> Confirm:
        """The one confirm of an order whose shopper tried once."""
        with psycopg.connect(self.url) as connection, connection.cursor(row_factory=class_row(Confirm)) as cursor:
            (found,) = cursor.execute(_CONFIRM, [order_number]).fetchall()
            return found

    def stuck_refunds(self) -> list[StuckRefund]:
        with psycopg.connect(self.url) as connection, connection.cursor(row_factory=class_row(StuckRefund)) as cursor:
            return cursor.execute(_ASKED_OF_STAFF).fetchall()

    def can_be_read(self) -> bool:
        """Whether the database answers."""
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def deeds(self) -> int:
        """The number of the newest entry in the audit trail: it grows with whatever anybody does."""
        return int(self._one("SELECT coalesce(max(id), 0) FROM payments_auditentry"))

    def a_session(self) -> int | None:
        """The server process of somebody's session, of one inside a transaction where there is one."""
        statement = """
            SELECT pid FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()
            ORDER BY state = 'idle in transaction' DESC, xact_start LIMIT 1
        """
        with psycopg.connect(self.url) as connection:
            found = connection.execute(statement).fetchone()
        return int(found[0]) if found else None

    def lease_left_s(self, operation: int) -> float:
        """How long somebody still holds the operation, in seconds."""
        statement = """
            SELECT coalesce(extract(epoch FROM leased_until - clock_timestamp()), 0)
            FROM payments_operation WHERE id = %s
        """
        return float(self._one(statement, operation))

    def wishes(self) -> dict[str, int]:
        """How many refunds, captures and voids were written for a person's wish, by the wish's name."""
        statement = """
            SELECT initcap(kind), count(*) FROM payments_operation
            WHERE kind IN ('capture', 'void') AND request_id IS NOT NULL GROUP BY kind
            UNION ALL SELECT 'Refund', count(*) FROM payments_refund WHERE source = 'staff' HAVING count(*) > 0
        """
        with psycopg.connect(self.url) as connection:
            return {str(wish): int(count) for wish, count in connection.execute(statement)}

    def orders(self) -> int:
        return int(self._one("SELECT count(*) FROM checkout_order"))

    def ledger_sums(self) -> dict[str, int]:
        """What each currency of the ledger sums to, in minor units."""
        with psycopg.connect(self.url) as connection:
            rows = connection.execute("SELECT currency, sum(amount) FROM payments_ledgerentry GROUP BY currency")
            return {str(currency): int(amount) for currency, amount in rows}

    def captured(self, order_number: str) -> int:
        """Minor units that the ledger books as taken for this order."""
        statement = """
            SELECT coalesce(-sum(entry.amount), 0) FROM payments_ledgerentry entry
            JOIN payments_ledgertransaction booked ON booked.id = entry.transaction_id
            JOIN checkout_order bought USING (payment_id)
            WHERE entry.account = 'receivable' AND bought.number = %s
        """
        return int(self._one(statement, order_number))

    def let_leases_run_out(self) -> None:
        """As if a minute had passed for every operation that somebody holds."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "UPDATE payments_operation SET leased_until = now(), next_check_at = now() WHERE leased_until > now()"
            )

    def _one(self, statement: str, *values: str | int) -> str:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(statement, values).fetchone()
        assert row is not None
        return str(row[0])
