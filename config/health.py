"""What a load balancer asks: does this process live, and may it be sent traffic?"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nobody else, so that a lost database restarts no web server."""
    return _plain("ok", 200)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database is reachable and migrated, else 503 with the reason."""
    try:
        waiting = _unapplied_migrations()
    except DatabaseError as error:
        logger.warning("not_ready", extra={"reason": "database", "error": str(error)})
        return _plain("database unreachable", 503)
    if waiting:
        logger.warning("not_ready", extra={"reason": "migrations", "unapplied": waiting})
        return _plain("migrations not applied", 503)
    return _plain("ok", 200)


def _unapplied_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    return [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain")


PROBES: Mapping[str, Callable[[HttpRequest], HttpResponseBase]] = {"/livez": livez, "/readyz": readyz}
