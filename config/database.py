"""How each kind of process reaches PostgreSQL."""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured

LOCAL = "postgresql:///tillgate"
CONNECT_TIMEOUT_S = 5
POOL_WAIT_S = 5


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
    LISTEN and session settings are lost behind a PgBouncer in transaction mode.
    """
    pool_size = env.int("DATABASE_POOL_SIZE", default=0)
    web = env.str("DATABASE_URL", default=LOCAL)
    url = web if pool_size else env.str("DATABASE_DIRECT_URL", default="") or web
    settings: Database = environ.Env.db_url_config(url)
    if settings["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgresql://user:password@host/name")
    settings["HOST"] = unquote(settings["HOST"])  # libpq's way to write a socket folder: %2Fvar%2Frun
    options = settings.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    settings["DISABLE_SERVER_SIDE_CURSORS"] = True
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": POOL_WAIT_S}
        settings["CONN_HEALTH_CHECKS"] = True
    return settings
