"""The application: every endpoint and page on one router."""

from __future__ import annotations

from sandbox import bank_control
from sandbox.api import Api
from sandbox.browser import routes as browser_routes
from sandbox.control import Control
from sandbox.endpoints import Endpoint
from sandbox.errors import UnrecognizedUrl
from sandbox.exchange import Exchange, preflight
from sandbox.messages import Request, Response
from sandbox.resources import (
    balance,
    balance_transactions,
    charges,
    confirmation_tokens,
    disputes,
    events,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
)
from sandbox.routing import Router
from sandbox.world import Sandbox

ENDPOINTS: tuple[Endpoint, ...] = (
    *payment_intents.ENDPOINTS,
    *confirmation_tokens.ENDPOINTS,
    *payment_methods.ENDPOINTS,
    *charges.ENDPOINTS,
    *refunds.ENDPOINTS,
    *events.ENDPOINTS,
    *balance_transactions.ENDPOINTS,
    *disputes.ENDPOINTS,
    *payouts.ENDPOINTS,
    *balance.ENDPOINTS,
)


class Application:
    """Answers every request of one sandbox process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._router = Router()
        for endpoint in ENDPOINTS:
            self._router.add(endpoint.method, endpoint.path, Api(sandbox, endpoint))
        Control(sandbox).register(self._router)
        bank_control.register(self._router, sandbox)
        browser_routes.register(self._router, sandbox)

    def __call__(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return preflight(request)
        return self._router.dispatch(request) or _unrecognized(request)


def _unrecognized(request: Request) -> Response:
    return Exchange.begin(request).refusal(UnrecognizedUrl(request.method, request.path))
