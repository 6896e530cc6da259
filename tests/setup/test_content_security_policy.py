"""Pages load from our own origin, and from the gateway's just what its hosted fields need."""

from __future__ import annotations

from django.test import Client

from config.environment import STRIPE_API, STRIPE_JS
from config.middleware.content_security_policy import policy


def directives(header: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (directive.split() for directive in header.split("; "))}


def test_every_answer_carries_a_policy_without_inline_code() -> None:
    header = Client().get("/livez")["Content-Security-Policy"]
    assert "unsafe" not in header
    assert directives(header)["default-src"] == ["'none'"]


def test_stripes_origins_are_those_that_stripe_lists() -> None:
    allowed = directives(policy(STRIPE_JS, STRIPE_API))
    assert allowed["script-src"] == ["'self'", "https://js.stripe.com", "https://*.js.stripe.com"]
    assert allowed["frame-src"] == ["https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"]
    assert allowed["connect-src"] == ["'self'", "https://api.stripe.com"]


def test_the_sandbox_gets_its_own_origin_and_nothing_else() -> None:
    allowed = directives(policy("http://localhost:8001/endive/stripe.js", "http://localhost:8001"))
    assert allowed["script-src"] == ["'self'", "http://localhost:8001"]
    assert allowed["frame-src"] == allowed["connect-src"][1:] == ["http://localhost:8001"]
