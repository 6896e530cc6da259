"""PaymentIntents (docs.stripe.com/api/payment_intents)."""

from __future__ import annotations

from sandbox.documents import PaymentIntent
from sandbox.endpoints import Answer, Call, Endpoint
from sandbox.errors import Missing
from sandbox.ids import client_secret, new_id


def create(call: Call) -> Answer:
    now, intent_id = call.sandbox.clock.now(), new_id("pi_3")
    intent: PaymentIntent = {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": call.params.texts("allowed_payment_method_types") or None,
        "amount": call.params.integer("amount") or 0,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": call.params.text("capture_method") or "automatic_async",
        "client_secret": client_secret(intent_id),
        "confirmation_method": "automatic",
        "created": now,
        "currency": call.params.text("currency") or "",
        "customer": None,
        "customer_account": None,
        "description": call.params.text("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": call.params.mapping("metadata"),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        "sandbox": {"confirmations": 0},
    }
    return call.sandbox.payment_intents.put(intent)


def retrieve(call: Call) -> Answer:
    intent = call.sandbox.payment_intents.get(call.id)
    if intent is None:
        raise Missing("payment_intent", call.id, "intent")
    return intent


ENDPOINTS = (
    Endpoint("payment_intents.create", "POST", "/v1/payment_intents", create),
    Endpoint("payment_intents.retrieve", "GET", "/v1/payment_intents/{id}", retrieve, browser=True),
)
