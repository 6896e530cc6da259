"""From a request under `/v1/` to its answer: key, parameters, one transaction, error envelope."""

from __future__ import annotations

from sandbox.auth import authenticate
from sandbox.config import API_VERSION
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import ApiError, CardError
from sandbox.form import Form, decode
from sandbox.ids import random_text
from sandbox.messages import Headers, Request, Response
from sandbox.parameters import check, load
from sandbox.render import rendered
from sandbox.world import Sandbox

CROSS_ORIGIN: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, PUT, PATCH, POST, DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Stripe-Version, Accept"),
    ("Access-Control-Expose-Headers", "Request-Id, Stripe-Manage-Version, Idempotent-Replayed"),
    ("Access-Control-Max-Age", "300"),
)


class Api:
    """Answers one endpoint's requests."""

    def __init__(self, sandbox: Sandbox, endpoint: Endpoint) -> None:
        self._sandbox = sandbox
        self._endpoint = endpoint

    def __call__(self, request: Request) -> Response:
        request_id = f"req_{random_text(14)}"
        try:
            return self._answer(request, request_id)
        except ApiError as error:
            return Response.json(error.status, error.document(request_id), _headers(request_id))

    def _answer(self, request: Request, request_id: str) -> Response:
        form = decode(request.query if request.method in ("GET", "DELETE") else request.body.decode())
        call = self._call(request, form, request_id)
        with self._sandbox.store.transaction():
            status, document = self._work(call)
        return Response.json(status, document, _headers(request_id))

    def _call(self, request: Request, form: Form, request_id: str) -> Call:
        sent = form.get("key")
        publishable = sent if self._endpoint.browser and isinstance(sent, str) else ""
        key = authenticate(request, self._sandbox.config, publishable, self._endpoint.browser)
        return Call(
            sandbox=self._sandbox,
            params=check(form, load(self._endpoint.name)),
            path=request.path_parameters,
            key=key,
            request_id=request_id,
            idempotency_key=request.header("idempotency-key"),
        )

    def _work(self, call: Call) -> tuple[int, Answer]:
        """Run the endpoint. A refused card keeps what it wrote; every other error leaves no trace."""
        try:
            with self._sandbox.store.savepoint():
                try:
                    return 200, rendered(self._endpoint.work(call))
                except CardError as declined:
                    return declined.status, rendered(declined.document(call.request_id))
        except ApiError as error:
            return error.status, error.document(call.request_id)


def preflight(request: Request) -> Response:
    """The browser asks whether it may call from the shop's origin."""
    return Response(204, b"", CROSS_ORIGIN)


def _headers(request_id: str) -> Headers:
    return (("Request-Id", request_id), ("Stripe-Version", API_VERSION), *CROSS_ORIGIN)
