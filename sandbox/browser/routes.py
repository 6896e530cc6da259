"""The browser's addresses: Stripe.js, the frames it opens, and the page for a person."""

from __future__ import annotations

from dataclasses import replace

from sandbox.browser import assets, pages
from sandbox.browser.authentication import Authentication
from sandbox.browser.script import stripe_js
from sandbox.browser.watching import Watching
from sandbox.messages import Request, Response
from sandbox.routing import Router
from sandbox.world import Sandbox


def register(router: Router, sandbox: Sandbox) -> None:
    """Add every page and script to the router; called once at the start."""
    router.get("/endive/stripe.js", _script)
    router.get("/elements/payment", _payment_fields)
    assets.register(router)
    Authentication(sandbox).register(router)
    Watching(sandbox).register(router)


def _script(request: Request) -> Response:
    """Other sites load it: their policies may ask for the header that says so."""
    script = Response.javascript(stripe_js())
    return replace(script, headers=(*script.headers, ("Cross-Origin-Resource-Policy", "cross-origin")))


def _payment_fields(request: Request) -> Response:
    return pages.page(pages.filled("payment_fields"), embeddable=True)
