"""3-D Secure: ask for it, and go on when the shopper passed or failed it.

Sources: docs.stripe.com/api/payment_intents/object#payment_intent_object-next_action,
docs.stripe.com/payments/3d-secure/authentication-flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from sandbox.documents import JSON, PaymentIntent, PaymentMethod
from sandbox.errors import CardError, Missing
from sandbox.events import BY_ITSELF, emit
from sandbox.ids import new_id
from sandbox.payments import outcome
from sandbox.payments.charges import Attempt
from sandbox.payments.failures import authentication_error, unexpected_state
from sandbox.world import Sandbox


@dataclass(frozen=True)
class Challenge:
    """What the bank's page shows. `amount` is in minor units."""

    payment_intent: str
    attempt: str
    amount: int
    currency: str
    last4: str
    return_url: str | None


def ask(attempt: Attempt, use_stripe_sdk: bool, return_url: str | None) -> PaymentIntent:
    """Wait for the shopper to authenticate: on a page of its own if there is a way back from it, else in Stripe.js.

    Without a `return_url` the action is the script's, asked for or not (github.com/stripe/stripe-ios/issues/1198).
    """
    intent = attempt.intent
    source = new_id("payatt_3")
    intent["next_action"] = _next_action(attempt, source, use_stripe_sdk, return_url)
    intent["status"], intent["last_payment_error"] = "requires_action", None
    intent["sandbox"]["attempt"] = source
    attempt.sandbox.payment_intents.put(intent)
    emit(attempt.sandbox, "payment_intent.requires_action", intent, attempt.cause)
    return intent


def challenge(sandbox: Sandbox, intent_id: str, client_secret: str) -> Challenge | None:
    """The authentication that an intent waits for, if it waits for one and the secret is right."""
    intent = sandbox.payment_intents.get(intent_id)
    if intent is None or intent["client_secret"] != client_secret or intent["status"] != "requires_action":
        return None
    card = _method(sandbox, intent).get("card") or {}
    state = intent["sandbox"]
    return Challenge(
        payment_intent=intent_id,
        attempt=state["attempt"] or "",
        amount=intent["amount"],
        currency=intent["currency"],
        last4=str(card.get("last4", "")),
        return_url=state["return_url"],
    )


def finish(sandbox: Sandbox, intent_id: str, client_secret: str, attempt: str, passed: bool) -> str:
    """The shopper passed or failed. Charges or gives up, and says where the shopper goes next.

    Raises `Missing` for a wrong secret, and the API's state error if the intent does not wait for this attempt.
    """
    with sandbox.store.transaction():
        intent = sandbox.payment_intents.get(intent_id)
        if intent is None or intent["client_secret"] != client_secret:
            raise Missing("payment_intent", intent_id, "intent")
        if intent["status"] != "requires_action" or intent["sandbox"]["attempt"] != attempt:
            raise unexpected_state("This PaymentIntent is not waiting for this authentication.", intent)
        return_url = intent["sandbox"]["return_url"]
        succeeded = _passed(sandbox, intent) if passed else _failed(sandbox, intent)
    sandbox.deliveries.wake()
    return _returning(return_url or sandbox.origin, intent, succeeded)


def _passed(sandbox: Sandbox, intent: PaymentIntent) -> bool:
    method = _method(sandbox, intent)
    if intent["confirmation_method"] == "manual":
        intent["status"], intent["next_action"] = "requires_confirmation", None
        intent["sandbox"]["authenticated"] = method["id"]
        sandbox.payment_intents.put(intent)
        return True
    attempt = Attempt(sandbox, intent, method, BY_ITSELF, outcome.three_d_secure("challenge"))
    try:
        outcome.charged(attempt)
    except CardError:
        return False
    return True


def _failed(sandbox: Sandbox, intent: PaymentIntent) -> bool:
    method = _method(sandbox, intent)
    outcome.failed(Attempt(sandbox, intent, method, BY_ITSELF), authentication_error(method))
    return False


def _method(sandbox: Sandbox, intent: PaymentIntent) -> PaymentMethod:
    method = sandbox.payment_methods.get(intent["payment_method"] or "")
    if method is None:
        raise Missing("payment_method", intent["payment_method"] or "", "payment_method")
    return method


def _next_action(attempt: Attempt, source: str, use_stripe_sdk: bool, return_url: str | None) -> dict[str, JSON]:
    intent = attempt.intent
    query = {"payment_intent": intent["id"], "payment_intent_client_secret": intent["client_secret"]}
    page = f"{attempt.sandbox.origin}/3d_secure_2/{source}"
    if return_url and not use_stripe_sdk:
        url = f"{page}?{urlencode({**query, 'redirect': '1'})}"
        return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}
    sdk: dict[str, JSON] = {
        "source": source,
        "stripe_js": f"{page}?{urlencode(query)}",
        "three_d_secure_2_source": source,
        "type": "three_d_secure_redirect",
    }
    return {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}


def _returning(return_url: str, intent: PaymentIntent, succeeded: bool) -> str:
    parts = urlsplit(return_url)
    added = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": "succeeded" if succeeded else "failed",
        }
    )
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
