"""Stripe, through the `stripe` package: the only place that imports it."""

from __future__ import annotations

from django.conf import settings

from payments.gateways.stripe.adapter import StripeGateway
from payments.gateways.stripe.client import connect


def from_settings() -> StripeGateway:
    """The account that the STRIPE_* settings name."""
    return StripeGateway(
        client=connect(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE),
        live=settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")),
        publishable_key=settings.STRIPE_PUBLISHABLE_KEY,
        script_url=settings.STRIPE_JS_URL,
        webhook_secrets=tuple(settings.STRIPE_WEBHOOK_SECRETS),
    )
