"""From a request under `/v1/` to its answer: key, parameters, faults, one transaction, error envelope."""

from __future__ import annotations

import re
import time
from contextlib import nullcontext
from dataclasses import dataclass, replace

from sandbox.auth import authenticate
from sandbox.config import API_VERSION
from sandbox.endpoints import Call, Endpoint
from sandbox.errors import ApiError, CardError, InvalidParameter
from sandbox.expand import rendered
from sandbox.fault_answers import error_of, instead, interrupted
from sandbox.faults import Fault
from sandbox.form import Form, decode
from sandbox.idempotency import Kept, Keyed
from sandbox.ids import random_text
from sandbox.messages import Headers, Request, Response, to_json
from sandbox.parameters import check, load
from sandbox.payments.method_types import refuse_payment_method_types
from sandbox.world import Sandbox

CROSS_ORIGIN: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, PUT, PATCH, POST, DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Stripe-Version, Accept"),
    ("Access-Control-Expose-Headers", "Request-Id, Stripe-Manage-Version, Idempotent-Replayed"),
    ("Access-Control-Max-Age", "300"),
)
BROWSER_FIELDS = ("key", "client_secret")
_VERSION = re.compile(r"20\d\d-\d\d-\d\d(\.[a-z]+)?(;.*)?")


@dataclass(frozen=True)
class _Exchange:
    """One request on its way, under its own id, version and idempotency key."""

    request: Request
    id: str
    version: str = API_VERSION
    keyed: Keyed | None = None


@dataclass(frozen=True)
class _Outcome:
    """What the endpoint answered; `lasting` says whether an idempotency key remembers it."""

    status: int
    body: bytes
    lasting: bool = True


class Api:
    """Answers one endpoint's requests."""

    def __init__(self, sandbox: Sandbox, endpoint: Endpoint) -> None:
        self._sandbox = sandbox
        self._endpoint = endpoint

    def __call__(self, request: Request) -> Response:
        exchange = _Exchange(request, f"req_{random_text(14)}")
        try:
            form = _form(request)
            exchange = replace(exchange, version=_version(request), keyed=_keyed(request, form))
            return self._answer(exchange, self._call(exchange, form))
        except ApiError as error:
            return _refusal(error, exchange)

    def _call(self, exchange: _Exchange, form: Form) -> Call:
        request, endpoint = exchange.request, self._endpoint
        form, from_browser = _without_browser_fields(form) if endpoint.browser else (form, {})
        key = authenticate(request, self._sandbox.config, from_browser.get("key", ""), endpoint.browser)
        if endpoint.name.startswith("payment_intents."):
            refuse_payment_method_types(form)
        return Call(
            sandbox=self._sandbox,
            params=check(form, load(endpoint.name)),
            path=request.path_parameters,
            key=key,
            client_secret=from_browser.get("client_secret", ""),
            request_id=exchange.id,
            idempotency_key=exchange.keyed.key if exchange.keyed else None,
        )

    def _answer(self, exchange: _Exchange, call: Call) -> Response:
        keyed, keys = exchange.keyed, self._sandbox.idempotency_keys
        with keys.claim(keyed) if keyed else nullcontext():
            if keyed and (kept := keys.find(keyed)):
                response = _replay(exchange, kept)
                fault = self._sandbox.faults.take(self._endpoint.name, "after")
            else:
                response, fault = self._first_answer(exchange, call)
        return interrupted(response, fault, exchange.id)

    def _first_answer(self, exchange: _Exchange, call: Call) -> tuple[Response, Fault | None]:
        """Do the work once, unless a fault comes before it. The fault that comes after it goes with the answer."""
        fault = self._sandbox.faults.take(self._endpoint.name, "before")
        if fault and fault.hold_s:
            time.sleep(fault.hold_s)
        if fault and (failure := instead(fault, exchange.id)):
            self._keep_failure(exchange, fault)
            return failure, None
        with self._sandbox.store.transaction():
            outcome = self._work(call)
            after = self._sandbox.faults.take(self._endpoint.name, "after")
            self._keep(exchange, _failed_afterwards(outcome, after, exchange.id))
        self._sandbox.deliveries.wake()
        return Response(outcome.status, outcome.body, _headers(exchange)), after

    def _work(self, call: Call) -> _Outcome:
        """Run the endpoint. A refused card keeps what it wrote; every other error leaves no trace."""
        try:
            with self._sandbox.store.savepoint():
                try:
                    answer = self._endpoint.work(call)
                    return _Outcome(200, to_json(rendered(call.sandbox, answer, call.params.texts("expand"))))
                except CardError as declined:
                    return _Outcome(declined.status, to_json(declined.document(call.request_id)))
        except ApiError as error:
            return _Outcome(error.status, to_json(error.document(call.request_id)), error.stored)

    def _keep(self, exchange: _Exchange, outcome: _Outcome) -> None:
        if exchange.keyed and outcome.lasting:
            kept = Kept(outcome.status, outcome.body, exchange.id)
            self._sandbox.idempotency_keys.keep(exchange.keyed, kept)

    def _keep_failure(self, exchange: _Exchange, fault: Fault) -> None:
        """Stripe's own 500 is remembered under the key; what never reached the endpoint is not."""
        error = error_of(fault)
        if error and error.stored:
            with self._sandbox.store.transaction():
                self._keep(exchange, _Outcome(error.status, to_json(error.document(exchange.id))))


def preflight(request: Request) -> Response:
    """The browser asks whether it may call from the shop's origin."""
    return Response(204, b"", CROSS_ORIGIN)


def _failed_afterwards(outcome: _Outcome, fault: Fault | None, request_id: str) -> _Outcome:
    """What the key remembers: the 500 that came after the work, not the work's own answer."""
    error = error_of(fault) if fault else None
    if error is None or not error.stored:
        return outcome
    return _Outcome(error.status, to_json(error.document(request_id)))


def _form(request: Request) -> Form:
    try:
        return decode(request.query if request.method in ("GET", "DELETE") else request.body.decode())
    except UnicodeDecodeError as error:
        raise InvalidParameter("The request body is not valid UTF-8.") from error


def _without_browser_fields(form: Form) -> tuple[Form, dict[str, str]]:
    """Stripe.js may send the publishable key and an object's client secret among the parameters."""
    browser = {name: value for name, value in form.items() if name in BROWSER_FIELDS and isinstance(value, str)}
    return {name: value for name, value in form.items() if name not in browser}, browser


def _version(request: Request) -> str:
    version = request.header("stripe-version") or API_VERSION
    if not _VERSION.fullmatch(version):
        raise InvalidParameter(f"Invalid Stripe API version: {version}")
    return version


def _keyed(request: Request, form: Form) -> Keyed | None:
    key = request.header("idempotency-key")
    return Keyed.of(key, request.path, form) if key and request.method == "POST" else None


def _replay(exchange: _Exchange, kept: Kept) -> Response:
    headers: Headers = (("Idempotent-Replayed", "true"), ("Original-Request", kept.request_id))
    headers += (("Stripe-Should-Retry", "false"),) if kept.status >= 500 else ()
    return Response(kept.status, kept.body, (*_headers(exchange)[:-1], *headers))


def _refusal(error: ApiError, exchange: _Exchange) -> Response:
    headers = (*_headers(exchange), *error.headers())
    return Response(error.status, to_json(error.document(exchange.id)), headers)


def _headers(exchange: _Exchange) -> Headers:
    """The headers of every answer; for a keyed request the last one names the request itself."""
    headers = (
        ("Content-Type", "application/json"),
        ("Cache-Control", "no-cache, no-store"),
        ("Request-Id", exchange.id),
        ("Stripe-Version", exchange.version),
        *CROSS_ORIGIN,
    )
    if exchange.keyed is None:
        return headers
    return (*headers, ("Idempotency-Key", exchange.keyed.key), ("Original-Request", exchange.id))
