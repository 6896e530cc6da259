"""A public shop starts only when it is safe, and says everything that is not at once."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import (
    LOCAL_SECRET,
    STRIPE_API,
    STRIPE_JS,
    Deployment,
    StripeKeys,
    is_loopback,
    refusals,
    refuse_unsafe,
)

LIVE = StripeKeys(
    secret_key="sk_live_1",
    publishable_key="pk_live_1",
    webhook_secrets=("whsec_1",),
    api_base=STRIPE_API,
    js_url=STRIPE_JS,
)
TEST = replace(LIVE, secret_key="sk_test_1", publishable_key="pk_test_1")
PUBLIC = Deployment(
    site_url="https://shop.example",
    debug=False,
    secret_key="a secret of at least 32 characters",
    audit_seal_key="another one of at least 32 characters",
    allow_test_mode=False,
    stripe=LIVE,
)


def test_a_public_shop_with_all_in_order_starts() -> None:
    assert list(refusals(PUBLIC)) == []


def test_a_restricted_live_key_is_a_live_key() -> None:
    assert list(refusals(replace(PUBLIC, stripe=replace(LIVE, secret_key="rk_live_1")))) == []


@pytest.mark.parametrize(
    ("deployment", "named"),
    [
        (replace(PUBLIC, site_url="http://shop.example"), "SITE_URL is not https"),
        (replace(PUBLIC, site_url=""), "SITE_URL has no host"),
        (replace(PUBLIC, debug=True), "DEBUG"),
        (replace(PUBLIC, secret_key=LOCAL_SECRET), "SECRET_KEY"),
        (replace(PUBLIC, secret_key=""), "SECRET_KEY"),
        (replace(PUBLIC, secret_key="short"), "SECRET_KEY"),
        (replace(PUBLIC, audit_seal_key=LOCAL_SECRET), "AUDIT_SEAL_KEY"),
        (replace(PUBLIC, audit_seal_key=PUBLIC.secret_key), "AUDIT_SEAL_KEY is the same"),
        (replace(PUBLIC, stripe=replace(LIVE, secret_key="")), "STRIPE_SECRET_KEY"),
        (replace(PUBLIC, stripe=replace(LIVE, publishable_key="")), "STRIPE_PUBLISHABLE_KEY"),
        (replace(PUBLIC, stripe=replace(LIVE, webhook_secrets=())), "STRIPE_WEBHOOK_SECRETS"),
        (replace(PUBLIC, stripe=replace(LIVE, webhook_secrets=("",))), "STRIPE_WEBHOOK_SECRETS"),
        (replace(PUBLIC, stripe=replace(LIVE, api_base="http://localhost:8001")), "STRIPE_API_BASE"),
        (replace(PUBLIC, stripe=replace(LIVE, api_base="https://api.stripe.com.evil.example")), "STRIPE_API_BASE"),
        (replace(PUBLIC, stripe=replace(LIVE, js_url="https://js.stripe.com/v3")), "STRIPE_JS_URL"),
        (replace(PUBLIC, stripe=TEST), "ALLOW_TEST_MODE"),
        (replace(PUBLIC, stripe=replace(LIVE, publishable_key="pk_test_1")), "ALLOW_TEST_MODE"),
    ],
)
def test_a_public_shop_is_refused_for(deployment: Deployment, named: str) -> None:
    reasons = list(refusals(deployment))
    assert any(named in reason for reason in reasons), reasons


def test_a_staging_shop_may_have_test_keys() -> None:
    assert list(refusals(replace(PUBLIC, stripe=TEST, allow_test_mode=True))) == []


def test_staging_is_no_excuse_for_another_gateway_address() -> None:
    staging = replace(PUBLIC, allow_test_mode=True, stripe=replace(TEST, api_base="http://localhost:8001"))
    assert [reason.split()[0] for reason in refusals(staging)] == ["STRIPE_API_BASE"]


def test_a_shop_on_the_loopback_may_run_as_it_likes() -> None:
    nothing_set = StripeKeys("", "", (), "http://localhost:8001", "http://localhost:8001/endive/stripe.js")
    local = Deployment("http://127.0.0.1:8000", True, LOCAL_SECRET, LOCAL_SECRET, False, nothing_set)
    assert list(refusals(local)) == []


def test_all_problems_are_said_at_once() -> None:
    bad = replace(PUBLIC, site_url="http://shop.example", debug=True, secret_key="", stripe=TEST)
    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_unsafe(bad)
    assert [name for name in ("SITE_URL", "DEBUG", "SECRET_KEY", "ALLOW_TEST_MODE") if name in str(refused.value)] == [
        "SITE_URL",
        "DEBUG",
        "SECRET_KEY",
        "ALLOW_TEST_MODE",
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "shop.localhost", "::1"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "localhost.example", "127.0.0.1.example", ""])  # noqa: S104
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("door", ["import config.wsgi", "import manage; manage.main()"])
def test_no_process_starts_an_unsafe_public_shop(door: str) -> None:
    environment = os.environ | {"SITE_URL": "http://shop.example", "DEBUG": "1"}
    run = subprocess.run(
        [sys.executable, "-c", door, "migrate"], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert "SITE_URL is not https" in run.stderr
    assert "DEBUG is on" in run.stderr
