"""One Content-Security-Policy for every page: our own origin, and the gateway's where its hosted fields need it.

The gateway's share follows Stripe's list of directives (docs.stripe.com/security/guide, Content Security Policy).
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.environment import STRIPE_JS

HEADER = "Content-Security-Policy"
STRIPE_SCRIPTS = "https://js.stripe.com https://*.js.stripe.com"
STRIPE_FRAMES = f"{STRIPE_SCRIPTS} https://hooks.stripe.com"


class ContentSecurityPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.policy = policy(settings.STRIPE_JS_URL, settings.STRIPE_API_BASE)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, self.policy)
        return response


def policy(js_url: str, api_base: str) -> str:
    """The header's value for the gateway whose script is at `js_url` and whose API the browser calls at `api_base`."""
    scripts, frames = (STRIPE_SCRIPTS, STRIPE_FRAMES) if js_url == STRIPE_JS else (origin(js_url), origin(js_url))
    directives = {
        "default-src": "'none'",
        "script-src": f"'self' {scripts}",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": f"'self' {origin(api_base)}",
        "frame-src": frames,
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
