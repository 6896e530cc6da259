"""Hold each row against what the audit trail tells of it: that it is there, its status, and what it is about.

Each statement passes once over the trail and once over a table: what is told is sorted, never looked up row by row.
"""

from __future__ import annotations

from collections.abc import Iterator

from payments.audit.snapshot import stream
from payments.models import Dispute, Operation, Payment, PaymentAttempt, Refund

_TABLES = {"payment": Payment, "attempt": PaymentAttempt, "operation": Operation, "refund": Refund, "dispute": Dispute}

_STATUSES = """
WITH told AS (
  SELECT DISTINCT ON (object_id) object_id, after ->> 'status' AS status FROM payments_auditentry
  WHERE object_type = %(kind)s AND after ? 'status' ORDER BY object_id, id DESC
)
SELECT coalesce(t.id, told.object_id), coalesce(t.status, 'gone'), coalesce(told.status, 'nothing')
FROM {table} t FULL JOIN told ON told.object_id = t.id WHERE t.status IS DISTINCT FROM told.status ORDER BY 1
"""

# Of money that never changes the first entry counts, which nobody can add later; of a dispute's, the newest.
_ASKED = {"payment": "ASC", "operation": "ASC", "refund": "ASC", "dispute": "DESC"}

# An entry may tell the amount alone, without its currency.
_MONEY = """
WITH told AS (
  SELECT DISTINCT ON (object_id) object_id, payment_id, after ->> 'amount' AS amount,
         after ->> 'currency' AS currency
  FROM payments_auditentry
  WHERE object_type = %(kind)s AND after ? 'amount' ORDER BY object_id, id {order}
)
SELECT t.id, compared.name, compared.found, compared.told FROM {table} t JOIN told ON told.object_id = t.id
CROSS JOIN LATERAL (VALUES
  ('amount', t.amount::text, told.amount),
  ('currency', t.currency::text, coalesce(told.currency, t.currency)),
  ('payment', t.{payment}::text, told.payment_id::text)
) AS compared (name, found, told)
WHERE compared.found IS DISTINCT FROM compared.told ORDER BY t.id, compared.name
"""

# A dispute is looked at again and again without news, and each look is its proof: no trail tells of those.
_PROVEN = ("payment", "attempt", "operation", "refund")

_PROOFS = """
WITH told AS (
  SELECT DISTINCT ON (object_id) object_id, after ->> 'proof' AS proof FROM payments_auditentry
  WHERE object_type = %(kind)s AND after ? 'proof' ORDER BY object_id, id DESC
)
SELECT t.id, coalesce(seen.id::text, t.proof_id || ', which is gone', 'none'), told.proof
FROM {table} t JOIN told ON told.object_id = t.id LEFT JOIN payments_observation seen ON seen.id = t.proof_id
WHERE seen.id::text IS DISTINCT FROM told.proof ORDER BY t.id
"""

_ATTEMPTS = """
WITH told AS (
  SELECT DISTINCT ON (object_id) object_id, payment_id FROM payments_auditentry
  WHERE object_type = 'attempt' AND payment_id IS NOT NULL ORDER BY object_id, id
)
SELECT t.id, t.payment_id, told.payment_id FROM payments_paymentattempt t JOIN told ON told.object_id = t.id
WHERE t.payment_id <> told.payment_id ORDER BY t.id
"""


def verify_rows() -> Iterator[str]:
    """Name each row that is gone, or whose status, money, proof or payment is not what the trail tells."""
    for kind, model in _TABLES.items():
        yield from _verify_statuses(kind, model._meta.db_table)
        if kind in _ASKED:
            yield from _verify_money(kind, model._meta.db_table)
        if kind in _PROVEN:
            yield from _verify_proofs(kind, model._meta.db_table)
    for row_id, found, told in stream(_ATTEMPTS):
        yield f"attempt {row_id} is of payment {found}, the audit trail says {told}"


def _verify_statuses(kind: str, table: str) -> Iterator[str]:
    for row_id, status, told in stream(_STATUSES.format(table=table), {"kind": kind}):
        yield f"{kind} {row_id} is {status}, the audit trail says {told}"


def _verify_money(kind: str, table: str) -> Iterator[str]:
    """Rows whose entries tell no amount, as those of earlier versions do, are not found fault with."""
    payment = "id" if kind == "payment" else "payment_id"
    statement = _MONEY.format(table=table, order=_ASKED[kind], payment=payment)
    for row_id, name, found, told in stream(statement, {"kind": kind}):
        yield f"{kind} {row_id} is of {name} {found}, the audit trail says {told}"


def _verify_proofs(kind: str, table: str) -> Iterator[str]:
    """Rows whose entries tell no proof, as those of refunds made outside do, are not found fault with."""
    for row_id, found, told in stream(_PROOFS.format(table=table), {"kind": kind}):
        yield f"{kind} {row_id} has the proof {found}, the audit trail says {told}"
