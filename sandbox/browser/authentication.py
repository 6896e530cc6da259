"""The bank's page for 3-D Secure: in the frame that Stripe.js opens, or on its own with a way back to the shop.

Source: docs.stripe.com/payments/3d-secure/authentication-flow.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from sandbox.browser import pages
from sandbox.errors import ApiError
from sandbox.form import decode
from sandbox.ids import random_text
from sandbox.messages import Request, Response
from sandbox.payments.authentication import Challenge, challenge, finish
from sandbox.payments.currencies import exponent
from sandbox.routing import Router
from sandbox.world import Sandbox

COMPLETE = "complete"


class Authentication:
    """Shows the page and takes the shopper's answer."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def register(self, router: Router) -> None:
        router.get("/3d_secure_2/{attempt}", self.show)
        router.post("/3d_secure_2/{attempt}", self.answer)

    def show(self, request: Request) -> Response:
        """The question, or a word that it is settled.

        In a frame nobody can answer before the script around it listens: an answer sent earlier would be heard by
        the bank alone, and the shop's page would wait for ever.
        """
        asked = challenge(self._sandbox, _intent(request), _secret(request))
        if asked is None or asked.attempt != request.path_parameters["attempt"]:
            return pages.page(pages.filled("authentication_over"), embeddable=True)
        embedded = not _redirects(request)
        html = pages.filled(
            "authentication",
            lock="disabled" if embedded else "",
            amount=money(asked.amount, asked.currency),
            last4=asked.last4,
            action=f"{request.path}?{request.query}",
        )
        return pages.page(html, embeddable=embedded, form_action=_ways_back(asked))

    def answer(self, request: Request) -> Response:
        """Pass or fail; then back to the shop, or a word to the script in the frame."""
        passed = decode(request.body.decode(errors="replace")).get("answer") == COMPLETE
        attempt = request.path_parameters["attempt"]
        try:
            back = finish(self._sandbox, _intent(request), _secret(request), attempt, passed)
        except ApiError as error:
            return self._refused(request, error)
        return Response.see_other(back) if _redirects(request) else Response.json(200, {"settled": True})

    def _refused(self, request: Request, error: ApiError) -> Response:
        if _redirects(request):
            return pages.page(pages.filled("authentication_over"), embeddable=False, status=error.status)
        return Response.json(error.status, error.document(f"req_{random_text(14)}"))


def money(amount: int, currency: str) -> str:
    """An amount in minor units as people write it."""
    digits = exponent(currency)
    whole, rest = divmod(amount, 10**digits)
    return f"{whole:,}{f'.{rest:0{digits}}' if digits else ''} {currency.upper()}"


def _ways_back(asked: Challenge) -> str:
    """A browser applies `form-action` to the redirect after a form too: the shop's address is allowed."""
    shop = urlsplit(asked.return_url or "")
    if not shop.scheme:
        return "'self'"
    return f"'self' {shop.scheme}://{shop.netloc}" if shop.scheme in ("http", "https") else f"'self' {shop.scheme}:"


def _intent(request: Request) -> str:
    return request.query_value("payment_intent")


def _secret(request: Request) -> str:
    return request.query_value("payment_intent_client_secret")


def _redirects(request: Request) -> bool:
    return request.query_value("redirect") == "1"
