"""Each change of a status as the database itself saw it, noted beside the audit trail, which must tell the same.

A trigger notes it in the transaction that makes it: what the code forgets to tell, the witness still knows.
"""

from __future__ import annotations

from django.db import connection

from payments.models import Dispute, Operation, Payment, PaymentAttempt, Refund

_WATCHED = {"payment": Payment, "attempt": PaymentAttempt, "operation": Operation, "refund": Refund, "dispute": Dispute}

_INSTALL = """
CREATE SCHEMA witness;
CREATE TABLE witness.changes (
  id bigserial PRIMARY KEY, kind text NOT NULL, row_id bigint NOT NULL, before text NOT NULL, after text NOT NULL
);
CREATE FUNCTION witness.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO witness.changes (kind, row_id, before, after)
  VALUES (TG_ARGV[0], NEW.id, CASE TG_OP WHEN 'INSERT' THEN '' ELSE OLD.status END, NEW.status);
  RETURN NULL;
END $$;
"""

_WATCH = """
CREATE TRIGGER witnessed_first AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION witness.note('{kind}');
CREATE TRIGGER witnessed AFTER UPDATE ON {table} FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION witness.note('{kind}');
"""

_UNTOLD = """
WITH told AS (
  SELECT object_type AS kind, object_id AS row_id,
         string_agg(coalesce(before ->> 'status', '') || ' > ' || (after ->> 'status'), ', ' ORDER BY id) AS way
  FROM payments_auditentry WHERE object_type = ANY (%s) GROUP BY object_type, object_id
), seen AS (
  SELECT kind, row_id, string_agg(before || ' > ' || after, ', ' ORDER BY id) AS way
  FROM witness.changes GROUP BY kind, row_id
)
SELECT kind, row_id, coalesce(seen.way, 'nothing'), coalesce(told.way, 'nothing')
FROM seen FULL JOIN told USING (kind, row_id) WHERE seen.way IS DISTINCT FROM told.way ORDER BY kind, row_id
"""


def install() -> None:
    """Watch the migrated database."""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALL)
        for kind, model in _WATCHED.items():
            cursor.execute(_WATCH.format(table=model._meta.db_table, kind=kind))


def untold() -> list[tuple[str, int, str, str]]:
    """(kind, row, what happened to its status, what the audit trail says) wherever the two differ."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTOLD, [list(_WATCHED)])
        return [(str(kind), int(row), str(seen), str(told)) for kind, row, seen, told in cursor.fetchall()]


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM witness.changes")
