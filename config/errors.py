"""The pages for what no view caught."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

RETRY_AFTER_S = 5


def server_error(request: HttpRequest) -> HttpResponse:
    """503, and how to send the same again, while the database is away; for everything else 500.

    Django calls this where the exception is being handled.
    """
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
    return defaults.server_error(request)
