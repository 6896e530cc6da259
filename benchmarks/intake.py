"""Taking webhooks in, signature and all, against one INSERT by the same server."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid

from benchmarks.figures import Ratio, in_turns
from benchmarks.load import Request, per_second
from launch.shop import Shop

REQUESTS, ROUNDS = 400, 5


def measure(shop: Shop) -> Ratio:
    """The worker stands still meanwhile: what is measured is the intake, not the drain."""
    secret = shop.environment["STRIPE_WEBHOOK_SECRETS"].split(",")[0]

    def ours() -> float:
        return per_second(shop.url, [_webhook(secret) for _ in range(REQUESTS)])

    def theirs() -> float:
        bodies = [_webhook(secret) for _ in range(REQUESTS)]
        return per_second(shop.url, [Request("/bare/", request.body, request.headers) for request in bodies])

    return in_turns("webhook intake / one bare INSERT", ours, theirs, rounds=ROUNDS, goal=0.8)


def _webhook(secret: str) -> Request:
    """An event as Stripe signs it (docs.stripe.com/webhooks/signature), of a usual size."""
    shown = {"object": "payment_intent", "id": f"pi_{uuid.uuid4().hex}", "metadata": {"padding": "x" * 1500}}
    event = {
        "id": f"evt_{uuid.uuid4().hex}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": shown},
    }
    body = json.dumps(event).encode()
    now = int(time.time())
    signature = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={now},v1={signature}"}
    return Request("/payments/webhooks/stripe/", body, headers)
