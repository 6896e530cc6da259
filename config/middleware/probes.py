"""Answer a load balancer's probes whatever host they name: it asks by an address, which is no host of the shop."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.health import PROBES


class Probes:
    """Stands before the middleware that holds a request's host against ALLOWED_HOSTS. The answers name no host."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = PROBES.get(request.path_info, self.get_response)
        return answer(request)
