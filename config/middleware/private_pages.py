"""Every page tells how many things are in the visitor's cart, so no cache may give it to anybody else."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers


class PrivatePages:
    """A page belongs to the browser whose cookies it was made for (RFC 9111, 4.1 and 5.2.2.7), if it is kept at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Cookie"])
            response.headers.setdefault("Cache-Control", "private")
        return response
