"""Prove the ledger: balanced, equal to the payments' totals, and the same that the sealed audit trail tells."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

_UNBALANCED = """
SELECT t.id, coalesce(e.currency, 'no currency'), coalesce(sum(e.amount), 0)
FROM payments_ledgertransaction t LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id
GROUP BY t.id, e.currency HAVING coalesce(sum(e.amount), 0) <> 0 OR count(e.id) = 0 ORDER BY t.id
"""

_TOTALS = """
WITH booked AS (
  SELECT t.payment_id,
         -coalesce(sum(e.amount) FILTER (WHERE e.account = 'receivable'), 0) AS captured,
         coalesce(sum(e.amount) FILTER (WHERE e.account = 'refunds'), 0) AS refunded,
         coalesce(sum(e.amount) FILTER (WHERE e.account = 'disputes'), 0) AS disputed,
         -coalesce(sum(e.amount) FILTER (WHERE e.account = 'surplus'), 0) AS owed
  FROM payments_ledgertransaction t JOIN payments_ledgerentry e ON e.transaction_id = t.id GROUP BY t.payment_id
), compared AS (
  SELECT p.id, totals.*
  FROM payments_payment p LEFT JOIN booked b ON b.payment_id = p.id
  CROSS JOIN LATERAL (VALUES
    ('captured', p.captured_amount, coalesce(b.captured, 0)),
    ('refunded', p.refunded_amount, coalesce(b.refunded, 0)),
    ('disputed', p.disputed_amount, coalesce(b.disputed, 0)),
    ('surplus owed', p.surplus_amount - p.surplus_reversed_amount - p.surplus_disputed_amount,
     coalesce(b.owed, 0))
  ) AS totals (name, told, booked)
)
SELECT id, name, told, booked FROM compared WHERE told <> booked ORDER BY id, name
"""

# Both sides as (transaction, account, amount, currency): a difference on either side was made behind the trail's back.
_AUDITED = """
WITH told AS (
  SELECT a.object_id AS id, e ->> 'account' AS account, (e ->> 'amount')::bigint AS amount, e ->> 'currency' AS currency
  FROM payments_auditentry a CROSS JOIN LATERAL jsonb_array_elements(a.after -> 'entries') e
  WHERE a.object_type = 'ledger'
), booked AS (
  SELECT transaction_id AS id, account::text, amount, currency::text FROM payments_ledgerentry
)
SELECT 'was booked, but the audit trail does not tell it', x.* FROM (SELECT * FROM booked EXCEPT SELECT * FROM told) x
UNION ALL
SELECT 'is told by the audit trail, but is not booked', y.* FROM (SELECT * FROM told EXCEPT SELECT * FROM booked) y
ORDER BY 2
"""

_SUMS = "SELECT currency, account, sum(amount) FROM payments_ledgerentry GROUP BY currency, account ORDER BY 1, 2"


def verify_ledger() -> Iterator[str]:
    """Name everything in the ledger that does not fit; nothing is yielded when all does."""
    for transaction_id, currency, amount in _rows(_UNBALANCED):
        yield f"ledger transaction {transaction_id} sums to {amount} {currency}, or has no entries"
    for payment_id, name, told, booked in _rows(_TOTALS):
        yield f"payment {payment_id} says {name} {told}, the ledger says {booked}"
    for trouble, transaction_id, account, amount, currency in _rows(_AUDITED):
        yield f"ledger transaction {transaction_id}: {account} {amount} {currency} {trouble}"


def account_sums() -> list[tuple[str, str, int]]:
    """(currency, account, minor units) of everything that was ever booked."""
    return [(str(currency), str(account), int(str(amount))) for currency, account, amount in _rows(_SUMS)]


def _rows(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[object, ...]] = cursor.fetchall()
    return rows
