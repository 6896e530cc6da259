"""A clock that only the simulation moves, for the gateway and, by functions of the same names, for the database.

The functions stand before PostgreSQL's own in the search path. Each reading is ten microseconds later than the one
before, so that two readings never fall together and a schedule is the same each time it runs.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection

SEARCH_PATH = "clock,pg_catalog,public"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)

_INSTALL = """
CREATE SCHEMA clock;
CREATE SEQUENCE clock.readings;
CREATE TABLE clock.state (at timestamptz NOT NULL);
INSERT INTO clock.state VALUES (pg_catalog.now());
CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
  $$ SELECT at + pg_catalog.nextval('clock.readings') * interval '10 microseconds' FROM clock.state $$;
CREATE FUNCTION clock.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT at + pg_catalog.nextval('clock.readings') * interval '10 microseconds' FROM clock.state $$;
CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT clock.statement_timestamp() $$;
"""

# A column's default was resolved when its table was made.
_DEFAULTS = """
SELECT format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT clock.statement_timestamp()', a.attrelid::regclass, a.attname)
FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND pg_get_expr(d.adbin, d.adrelid) IN ('statement_timestamp()', 'now()')
"""


def install() -> None:
    """Give the migrated database this clock."""
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = pg_catalog, public")
        cursor.execute(_INSTALL)
        cursor.execute(_DEFAULTS)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


class Clock:
    def __init__(self) -> None:
        self.now = START
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clock.state SET at = %s", [START])
            cursor.execute("ALTER SEQUENCE clock.readings RESTART")

    def advance(self, by: timedelta) -> None:
        self.now += by
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clock.state SET at = %s", [self.now])
