"""What the environment says about this deployment, and the refusal to start one that is not safe.

Every process imports the settings, so every process (web, worker, commands) refuses alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

STRIPE_API = "https://api.stripe.com"
# Stripe.js carries the name of the API release it was made for: docs.stripe.com/sdks/stripejs-versioning
STRIPE_JS = "https://js.stripe.com/endive/stripe.js"

# For a shop on the loopback only: `manage.py` works in a clone without any environment.
LOCAL_SECRET = "only-for-the-loopback"  # noqa: S105
SHORTEST_SECRET = 32
LOCAL_SITE = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class StripeKeys:
    secret_key: str
    publishable_key: str
    webhook_secrets: tuple[str, ...]
    api_base: str
    js_url: str

    @property
    def live(self) -> bool:
        """Whether both keys are of the live mode (docs.stripe.com/keys); `rk_` is a restricted secret key."""
        return self.secret_key.startswith(("sk_live_", "rk_live_")) and self.publishable_key.startswith("pk_live_")


@dataclass(frozen=True)
class Deployment:
    site_url: str
    debug: bool
    secret_key: str
    audit_seal_key: str
    allow_test_mode: bool
    stripe: StripeKeys

    @property
    def host(self) -> str:
        return urlsplit(self.site_url).hostname or ""

    @property
    def https(self) -> bool:
        return urlsplit(self.site_url).scheme == "https"

    @property
    def on_loopback(self) -> bool:
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether `host` can only mean this machine: localhost, its subdomains (RFC 6761), 127.0.0.0/8 or ::1."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read(env: environ.Env) -> Deployment:
    """The deployment as the environment describes it."""
    return Deployment(
        site_url=env.str("SITE_URL", default=LOCAL_SITE).rstrip("/"),
        debug=env.bool("DEBUG", default=False),
        secret_key=env.str("SECRET_KEY", default=LOCAL_SECRET),
        audit_seal_key=env.str("AUDIT_SEAL_KEY", default=LOCAL_SECRET),
        allow_test_mode=env.bool("ALLOW_TEST_MODE", default=False),
        stripe=_stripe_keys(env),
    )


def _stripe_keys(env: environ.Env) -> StripeKeys:
    return StripeKeys(
        secret_key=env.str("STRIPE_SECRET_KEY", default=""),
        publishable_key=env.str("STRIPE_PUBLISHABLE_KEY", default=""),
        webhook_secrets=tuple(secret.strip() for secret in env.list("STRIPE_WEBHOOK_SECRETS", default=[])),
        api_base=env.str("STRIPE_API_BASE", default=STRIPE_API).rstrip("/"),
        js_url=env.str("STRIPE_JS_URL", default=STRIPE_JS),
    )


def refuse_unsafe(deployment: Deployment) -> None:
    """Raise ImproperlyConfigured naming every reason at once why this deployment must not start."""
    reasons = list(refusals(deployment))
    if reasons:
        lines = "\n".join(f"  - {reason}" for reason in reasons)
        raise ImproperlyConfigured(f"Refusing to start {deployment.site_url or 'without SITE_URL'}:\n{lines}")


def refusals(deployment: Deployment) -> Iterator[str]:
    """Each reason not to start, with what to do about it. A shop on the loopback may run as it likes."""
    if not deployment.host:
        yield "SITE_URL has no host: set it to the shop's public address, such as https://shop.example."
    if deployment.on_loopback:
        return
    if not deployment.https:
        yield "SITE_URL is not https: serve the shop over TLS and set SITE_URL to its https address."
    if deployment.debug:
        yield "DEBUG is on, which shows settings to strangers: unset it."
    yield from _weak_secrets(deployment)
    yield from _stripe_refusals(deployment.stripe, allow_test_mode=deployment.allow_test_mode)


def _weak_secrets(deployment: Deployment) -> Iterator[str]:
    for name, secret in (("SECRET_KEY", deployment.secret_key), ("AUDIT_SEAL_KEY", deployment.audit_seal_key)):
        if secret == LOCAL_SECRET or len(secret) < SHORTEST_SECRET:
            yield f"{name} is missing or too weak: set it to {SHORTEST_SECRET} random characters or more."
    if deployment.secret_key == deployment.audit_seal_key:
        yield "AUDIT_SEAL_KEY is the same as SECRET_KEY: draw one of its own."


def _stripe_refusals(stripe: StripeKeys, *, allow_test_mode: bool) -> Iterator[str]:
    if not stripe.secret_key.startswith(("sk_", "rk_")):
        yield "STRIPE_SECRET_KEY is missing: set it to the account's secret or restricted key."
    if not stripe.publishable_key.startswith("pk_"):
        yield "STRIPE_PUBLISHABLE_KEY is missing: set it to the account's publishable key."
    if not stripe.webhook_secrets or not all(secret.startswith("whsec_") for secret in stripe.webhook_secrets):
        yield "STRIPE_WEBHOOK_SECRETS is missing: set it to the webhook endpoint's signing secret (whsec_...)."
    if stripe.api_base != STRIPE_API:
        yield f"STRIPE_API_BASE is not Stripe's own ({STRIPE_API}): unset it."
    if stripe.js_url != STRIPE_JS:
        yield f"STRIPE_JS_URL is not Stripe's own ({STRIPE_JS}): unset it."
    if stripe.secret_key and stripe.publishable_key and not (stripe.live or allow_test_mode):
        yield "The Stripe keys are not both live: set live keys, or ALLOW_TEST_MODE=1 for a staging shop."
