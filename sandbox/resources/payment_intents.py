"""PaymentIntents (docs.stripe.com/api/payment_intents)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy

from sandbox.documents import PaymentIntent
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import ApiError, Detail, InvalidParameter, Missing, SecretForId
from sandbox.events import emit
from sandbox.lists import listed
from sandbox.payments import cancellation, capture, confirmation, intents, validation
from sandbox.render import public
from sandbox.search.answering import found
from sandbox.world import Sandbox

ONLY_WITH_CONFIRM = ("confirmation_token", "error_on_requires_action", "mandate_data", "off_session", "return_url")


def create(call: Call) -> Answer:
    """A new intent; with `confirm`, its first attempt at once."""
    confirms = call.params.flag("confirm")
    if not confirms and (early := [name for name in ONLY_WITH_CONFIRM if name in call.params]):
        raise InvalidParameter(
            f"You cannot set `{early[0]}` when creating a PaymentIntent without `confirm`. You can only set it when "
            "confirming one.",
            param=early[0],
        )
    intent = intents.new(call.sandbox, call.params)
    if not confirms:
        confirmation.attach(call.sandbox, intent, call.params)
    call.sandbox.payment_intents.put(intent)
    emit(call.sandbox, "payment_intent.created", intent, call.cause)
    return confirmation.confirm(call.sandbox, intent, call.params, call.cause) if confirms else intent


def retrieve(call: Call) -> Answer:
    """The intent; to a browser, which must know the client secret, a part of it."""
    return _shown(call, _intent(call))


def update(call: Call, intent: PaymentIntent) -> Answer:
    intents.change(intent, call.params)
    confirmation.attach(call.sandbox, intent, call.params)
    return call.sandbox.payment_intents.put(intent)


def list_all(call: Call) -> Answer:
    validation.check_references(call.params)
    return listed(call.sandbox.payment_intents, call.params, "/v1/payment_intents")


def search(call: Call) -> Answer:
    return found(call, call.sandbox.payment_intents, "payment_intents")


def confirm(call: Call, intent: PaymentIntent) -> Answer:
    if call.from_browser:
        confirmation.check_browser(intent, call.params)
    return _shown(call, confirmation.confirm(call.sandbox, intent, call.params, call.cause))


def capture_intent(call: Call, intent: PaymentIntent) -> Answer:
    return capture.capture(call.sandbox, intent, call.params, call.cause)


def cancel(call: Call, intent: PaymentIntent) -> Answer:
    return cancellation.cancel(call.sandbox, intent, call.params.text("cancellation_reason"), call.cause)


def _involving(work: Callable[[Call, PaymentIntent], Answer]) -> Callable[[Call], Answer]:
    """Errors of a request about an intent show it, as it then stands (docs.stripe.com/api/errors)."""

    def answer(call: Call) -> Answer:
        intent = _intent(call)
        standing = public(deepcopy(intent))
        try:
            return work(call, intent)
        except ApiError as error:
            shown = error.detail.get("payment_intent", standing)
            if call.from_browser and isinstance(shown, Mapping):
                shown = intents.browser_part(shown)
            error.detail["payment_intent"] = shown
            raise

    return answer


def _standing(sandbox: Sandbox, intent_id: str) -> Detail:
    intent = sandbox.payment_intents.get(intent_id)
    return {"payment_intent": public(intent)} if intent else {}


def _intent(call: Call) -> PaymentIntent:
    intent = call.sandbox.payment_intents.get(call.id)
    if intent is None and "_secret_" in call.id:
        raise SecretForId()
    if intent is None:
        raise Missing("payment_intent", call.id, "intent")
    if call.from_browser and not call.client_secret:
        raise InvalidParameter(
            "Missing required param: client_secret.", code="parameter_missing", param="client_secret"
        )
    if call.client_secret and call.client_secret != intent["client_secret"]:
        raise InvalidParameter(
            "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the "
            "provided client_secret and PaymentIntent ID are correct, and that they belong to the same account.",
            code="payment_intent_invalid_parameter",
            param="client_secret",
        )
    return intent


def _shown(call: Call, intent: PaymentIntent) -> Answer:
    return intents.for_browser(intent) if call.from_browser else intent


ENDPOINTS = (
    Endpoint("payment_intents.create", "POST", "/v1/payment_intents", create),
    Endpoint("payment_intents.list", "GET", "/v1/payment_intents", list_all),
    Endpoint("payment_intents.search", "GET", "/v1/payment_intents/search", search),
    Endpoint("payment_intents.retrieve", "GET", "/v1/payment_intents/{id}", retrieve, browser=True),
    Endpoint("payment_intents.update", "POST", "/v1/payment_intents/{id}", _involving(update), about=_standing),
    Endpoint(
        "payment_intents.confirm",
        "POST",
        "/v1/payment_intents/{id}/confirm",
        _involving(confirm),
        browser=True,
        about=_standing,
    ),
    Endpoint(
        "payment_intents.capture",
        "POST",
        "/v1/payment_intents/{id}/capture",
        _involving(capture_intent),
        about=_standing,
    ),
    Endpoint("payment_intents.cancel", "POST", "/v1/payment_intents/{id}/cancel", _involving(cancel), about=_standing),
)
