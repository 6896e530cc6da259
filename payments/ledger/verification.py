"""Prove the ledger: balanced, equal to the payments' totals, and the same that the sealed audit trail tells.

Totals that the ledger does not show are held against what they sum up.
"""

from __future__ import annotations

from collections.abc import Iterator

from payments.audit.snapshot import stream

_UNBALANCED = """
SELECT coalesce(t.id, e.transaction_id), CASE
  WHEN count(t.id) = 0 THEN 'is gone, but its entries are not' WHEN count(e.id) = 0 THEN 'has no entries'
  ELSE 'sums to ' || sum(e.amount) || ' ' || e.currency END
FROM payments_ledgertransaction t FULL JOIN payments_ledgerentry e ON e.transaction_id = t.id
GROUP BY 1, e.currency HAVING sum(e.amount) <> 0 OR count(e.id) = 0 OR count(t.id) = 0 ORDER BY 1
"""

_TOTALS = """
WITH booked AS (
  SELECT t.payment_id,
         -coalesce(sum(e.amount) FILTER (WHERE e.account = 'receivable'), 0) AS captured,
         coalesce(sum(e.amount) FILTER (WHERE e.account = 'refunds'), 0) AS refunded,
         coalesce(sum(e.amount) FILTER (WHERE e.account = 'disputes'), 0) AS disputed,
         -coalesce(sum(e.amount) FILTER (WHERE e.account = 'surplus' AND t.kind = 'surplus'), 0) AS surplus,
         coalesce(sum(e.amount) FILTER (WHERE e.account = 'surplus'
                                        AND t.kind IN ('surplus_reversed', 'reversal_failed')), 0) AS reversed,
         coalesce(sum(e.amount) FILTER (WHERE e.account = 'surplus'
                                        AND t.kind IN ('dispute_withdrawn', 'dispute_reinstated')), 0) AS withdrawn
  FROM payments_ledgertransaction t JOIN payments_ledgerentry e ON e.transaction_id = t.id GROUP BY t.payment_id
), compared AS (
  SELECT p.id, totals.*
  FROM payments_payment p LEFT JOIN booked b ON b.payment_id = p.id
  CROSS JOIN LATERAL (VALUES
    ('captured', p.captured_amount, coalesce(b.captured, 0)),
    ('refunded', p.refunded_amount, coalesce(b.refunded, 0)),
    ('disputed', p.disputed_amount, coalesce(b.disputed, 0)),
    ('surplus', p.surplus_amount, coalesce(b.surplus, 0)),
    ('surplus reversed', p.surplus_reversed_amount, coalesce(b.reversed, 0)),
    ('surplus disputed', p.surplus_disputed_amount, coalesce(b.withdrawn, 0))
  ) AS totals (name, told, booked)
)
SELECT id, name, told, booked FROM compared WHERE told <> booked ORDER BY id, name
"""

# What the ledger does not show: what is reserved moved no money yet, a dispute remembers how much of it was booked, and
# an excess is what goes beyond the other totals.
_PARTS = """
WITH refunds AS (
  SELECT payment_id, sum(amount) AS reserved FROM payments_refund
  WHERE status IN ('requested', 'pending') AND surplus_gateway_id = '' GROUP BY payment_id
), disputes AS (
  SELECT payment_id, coalesce(sum(withdrawn_amount) FILTER (WHERE surplus_gateway_id = ''), 0) AS disputed,
         coalesce(sum(withdrawn_amount) FILTER (WHERE surplus_gateway_id <> ''), 0) AS surplus
  FROM payments_dispute GROUP BY payment_id
)
SELECT p.id, parts.* FROM payments_payment p
LEFT JOIN refunds r ON r.payment_id = p.id LEFT JOIN disputes d ON d.payment_id = p.id
CROSS JOIN LATERAL (VALUES
  ('reserved', p.refund_reserved_amount, 'refunds', coalesce(r.reserved, 0)),
  ('disputed', p.disputed_amount, 'disputes', coalesce(d.disputed, 0)),
  ('surplus disputed', p.surplus_disputed_amount, 'disputes', coalesce(d.surplus, 0)),
  ('excess', p.excess_amount, 'totals',
   greatest(0, p.refund_reserved_amount + p.refunded_amount + p.disputed_amount - p.captured_amount)),
  ('surplus excess', p.surplus_excess_amount, 'totals',
   greatest(0, p.surplus_reversed_amount + p.surplus_disputed_amount - p.surplus_amount))
) AS parts (name, told, part, summed)
WHERE told <> summed ORDER BY p.id, name
"""

# Both sides as (transaction, account, amount, currency): a difference on either side was made behind the trail's back.
# What the trail tells is compared as text, because somebody may have made anything of it.
_ENTRIES = """
WITH told AS (
  SELECT a.object_id AS id, e ->> 'account' AS account, e ->> 'amount' AS amount, e ->> 'currency' AS currency
  FROM payments_auditentry a CROSS JOIN LATERAL jsonb_array_elements(
    CASE jsonb_typeof(a.after -> 'entries') WHEN 'array' THEN a.after -> 'entries' ELSE '[]' END
  ) e WHERE a.object_type = 'ledger'
), booked AS (
  SELECT transaction_id AS id, account::text, amount::text, currency::text FROM payments_ledgerentry
)
SELECT 'was booked, but the audit trail does not tell it', x.* FROM (TABLE booked EXCEPT ALL TABLE told) x
UNION ALL
SELECT 'is told by the audit trail, but is not booked', y.* FROM (TABLE told EXCEPT ALL TABLE booked) y
ORDER BY 2
"""

# Entries of earlier versions tell neither time nor proof.
_TRANSACTIONS = """
WITH booked AS (
  SELECT id, kind, payment_id, coalesce(balance_transaction_id, observation_id)::text AS proof,
         to_char(booked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS time
  FROM payments_ledgertransaction
)
SELECT b.id, compared.name, compared.booked, compared.told
FROM booked b JOIN payments_auditentry a ON a.object_type = 'ledger' AND a.object_id = b.id
CROSS JOIN LATERAL (VALUES
  ('kind', b.kind::text, a.action::text),
  ('payment', b.payment_id::text, a.payment_id::text),
  ('proof', b.proof, coalesce(a.after ->> 'proof', b.proof)),
  ('time', b.time, coalesce(a.after ->> 'booked_at', b.time))
) AS compared (name, booked, told)
WHERE compared.booked IS DISTINCT FROM compared.told ORDER BY b.id, compared.name
"""

_SUMS = "SELECT currency, account, sum(amount) FROM payments_ledgerentry GROUP BY currency, account ORDER BY 1, 2"


def verify_ledger() -> Iterator[str]:
    """Name everything in the ledger, and in the payments' totals beside it, that does not fit."""
    for transaction_id, trouble in stream(_UNBALANCED):
        yield f"ledger transaction {transaction_id} {trouble}"
    for payment_id, name, told, booked in stream(_TOTALS):
        yield f"payment {payment_id} says {name} {told}, the ledger says {booked}"
    for payment_id, name, told, parts, summed in stream(_PARTS):
        yield f"payment {payment_id} says {name} {told}, its {parts} say {summed}"
    for trouble, transaction_id, account, amount, currency in stream(_ENTRIES):
        yield f"ledger transaction {transaction_id}: {account} {amount} {currency} {trouble}"
    for transaction_id, name, booked, told in stream(_TRANSACTIONS):
        yield f"ledger transaction {transaction_id} is of {name} {booked}, the audit trail says {told}"


def account_sums() -> list[tuple[str, str, int]]:
    """(currency, account, minor units) of everything that was ever booked."""
    return [(str(currency), str(account), int(str(amount))) for currency, account, amount in stream(_SUMS)]
