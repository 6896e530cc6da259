"""One event per request, and a request id that every other event of the request carries."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.health import PROBES
from config.logging import request_id

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"


class RequestLog:
    """Names each request by an id of our own: a client's would let it write into our log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = request_id.set(uuid.uuid4().hex)
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response.headers[HEADER] = request_id.get()
            _log(request, response, duration_ms=round((time.monotonic() - started) * 1000))
            return response
        finally:
            request_id.reset(token)


def _log(request: HttpRequest, response: HttpResponseBase, *, duration_ms: int) -> None:
    level = logging.DEBUG if request.path in PROBES else logging.INFO
    fields = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "duration_ms": duration_ms,
        "remote_address": request.META.get("REMOTE_ADDR", ""),
    }
    logger.log(level, "request_finished", extra=fields)
