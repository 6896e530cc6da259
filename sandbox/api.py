"""From a request under `/v1/` to its answer: key, parameters, faults, one transaction, error envelope."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass, replace

from sandbox.auth import Key, authenticate
from sandbox.endpoints import Call, Endpoint
from sandbox.errors import ApiError, CardError, InvalidParameter
from sandbox.exchange import Exchange, form_of, keyed, version_of
from sandbox.expand import rendered
from sandbox.fault_answers import error_of, instead, interrupted
from sandbox.faults import Fault
from sandbox.form import Form
from sandbox.idempotency import Kept
from sandbox.messages import Request, Response, to_json
from sandbox.parameters import Params, check, load
from sandbox.payments.method_types import refuse_payment_method_types
from sandbox.world import Sandbox

BROWSER_FIELDS = ("key", "client_secret")


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
        exchange = Exchange.begin(request)
        try:
            form = form_of(request)
            exchange = replace(exchange, version=version_of(request), keyed=keyed(request, form))
            return self._answer(exchange, self._call(exchange, form))
        except ApiError as error:
            return exchange.refusal(error)

    def _call(self, exchange: Exchange, form: Form) -> Call:
        request, endpoint = exchange.request, self._endpoint
        form, from_browser = _without_browser_fields(form) if endpoint.browser else (form, {})
        key = authenticate(request, self._sandbox.config, from_browser.get("key", ""), endpoint.browser)
        return Call(
            sandbox=self._sandbox,
            params=self._params(form, request, key),
            path=request.path_parameters,
            key=key,
            client_secret=from_browser.get("client_secret", ""),
            request_id=exchange.id,
            idempotency_key=exchange.keyed.key if exchange.keyed else None,
        )

    def _params(self, form: Form, request: Request, key: Key) -> Params:
        """The checked parameters; a server whose parameters are refused is shown what they were for."""
        try:
            if self._endpoint.name.startswith("payment_intents."):
                refuse_payment_method_types(form)
            return check(form, load(self._endpoint.name))
        except InvalidParameter as error:
            if self._endpoint.about and key is Key.SECRET:
                error.detail.update(self._endpoint.about(self._sandbox, request.path_parameters["id"]))
            raise

    def _answer(self, exchange: Exchange, call: Call) -> Response:
        """What stands between the caller and the endpoint comes first: keys are a layer behind it.

        So too many requests, a proxy's failure or a lost connection strike a key that has its answer too
        (docs.stripe.com/error-low-level#idempotency: rate limiters run before the idempotency layer).
        """
        fault = self._sandbox.faults.take(self._endpoint.name, "before", of_endpoint=False)
        if fault and (failure := instead(fault, exchange)):
            time.sleep(fault.hold_s)
            return failure
        response, after = self._behind_key(exchange, call, fault.hold_s if fault else 0)
        return interrupted(response, after, exchange)

    def _behind_key(self, exchange: Exchange, call: Call, hold_s: float) -> tuple[Response, Fault | None]:
        """The kept answer or the first one. A request that is held up has come in: it holds its key meanwhile."""
        keyed, keys = exchange.keyed, self._sandbox.idempotency_keys
        with keys.claim(keyed) if keyed else nullcontext():
            time.sleep(hold_s)
            if keyed and (kept := keys.find(keyed)):
                return exchange.replay(kept), self._sandbox.faults.take(self._endpoint.name, "after")
            return self._first_answer(exchange, call)

    def _first_answer(self, exchange: Exchange, call: Call) -> tuple[Response, Fault | None]:
        """Do the work once, unless Stripe's own 500 comes first. The fault that comes after goes with the answer."""
        fault = self._sandbox.faults.take(self._endpoint.name, "before", of_endpoint=True)
        if fault and (error := error_of(fault)):
            time.sleep(fault.hold_s)
            with self._sandbox.store.transaction():
                self._keep(exchange, _Outcome(error.status, to_json(error.document(exchange.id))))
            return exchange.refusal(error), None
        with self._sandbox.store.transaction():
            outcome = self._work(call)
            after = self._sandbox.faults.take(self._endpoint.name, "after")
            self._keep(exchange, _failed_afterwards(outcome, after, exchange.id))
        self._sandbox.deliveries.wake()
        return Response(outcome.status, outcome.body, exchange.headers()), after

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

    def _keep(self, exchange: Exchange, outcome: _Outcome) -> None:
        if exchange.keyed and outcome.lasting:
            kept = Kept(outcome.status, outcome.body, exchange.id)
            self._sandbox.idempotency_keys.keep(exchange.keyed, kept)


def _failed_afterwards(outcome: _Outcome, fault: Fault | None, request_id: str) -> _Outcome:
    """What the key remembers: the 500 that came after the work, not the work's own answer."""
    error = error_of(fault) if fault else None
    if error is None or not error.stored:
        return outcome
    return _Outcome(error.status, to_json(error.document(request_id)))


def _without_browser_fields(form: Form) -> tuple[Form, dict[str, str]]:
    """Stripe.js may send the publishable key and an object's client secret among the parameters."""
    browser = {name: value for name, value in form.items() if name in BROWSER_FIELDS and isinstance(value, str)}
    return {name: value for name, value in form.items() if name not in browser}, browser
