"""The browser's addresses."""

from __future__ import annotations

from sandbox.messages import Request, Response
from sandbox.routing import Router
from sandbox.world import Sandbox


def register(router: Router, sandbox: Sandbox) -> None:
    """Add every page and script to the router; called once at the start."""

    def home(request: Request) -> Response:
        return Response.html(f"<!doctype html><title>Sandbox</title><p>{sandbox.origin}</p>")

    router.get("/", home)
