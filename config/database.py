"""How each kind of process reaches PostgreSQL."""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured

LOCAL = "postgresql:///tillgate"
CONNECT_TIMEOUT_S = 5
POOL_WAIT_S = 5
KEPT_FOR_S = 300  # a new connection costs a job more than all its statements: its caches are empty
RUNS_UNTIL_PREPARED = 3  # of the same statement on one connection


class Database(TypedDict, total=False):
    ENGINE: str
    NAME: str
    USER: str
    PASSWORD: str
    HOST: str
    PORT: str | int
    CONN_MAX_AGE: int
    CONN_HEALTH_CHECKS: bool
    DISABLE_SERVER_SIDE_CURSORS: bool
    OPTIONS: dict[str, object]
    TEST: dict[str, str]


def database(env: environ.Env) -> Database:
    """DATABASES["default"]: with DATABASE_POOL_SIZE (set by gunicorn.conf.py) the web's pooled connections, else plain.

    A process without a pool (worker, migrations, commands) goes by DATABASE_DIRECT_URL where there is one, because
    LISTEN, session settings and prepared statements are lost behind a PgBouncer in transaction mode.
    """
    pool_size = env.int("DATABASE_POOL_SIZE", default=0)
    web = env.str("DATABASE_URL", default=LOCAL)
    direct = env.str("DATABASE_DIRECT_URL", default="") or web
    url = web if pool_size else direct
    settings: Database = environ.Env.db_url_config(url)
    if settings["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgresql://user:password@host/name")
    settings["HOST"] = unquote(settings["HOST"])  # libpq's way to write a socket folder: %2Fvar%2Frun
    options = settings.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    options["server_side_binding"] = True
    if url == direct:
        options["prepare_threshold"] = RUNS_UNTIL_PREPARED
    settings["DISABLE_SERVER_SIDE_CURSORS"] = True
    settings["CONN_HEALTH_CHECKS"] = True
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": POOL_WAIT_S}
    else:
        settings["CONN_MAX_AGE"] = KEPT_FOR_S
    return settings
