"""A client's own word about its address and scheme counts for nothing; a trusted proxy's does."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.middleware.trusted_proxies import TrustedProxies

PROXY, CLIENT = "10.0.0.7", "203.0.113.9"


def seen(settings: Settings, trusted: list[str], *, peer: str, **headers: str) -> HttpRequest:
    """The request as the view sees it."""
    settings.TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={k.replace("_", "-"): v for k, v in headers.items()})
    TrustedProxies(lambda _: HttpResponse())(request)
    return request


def test_the_address_that_a_trusted_proxy_saw_is_the_clients(settings: Settings) -> None:
    request = seen(settings, ["10.0.0.0/8"], peer=PROXY, x_forwarded_for=CLIENT)
    assert request.META["REMOTE_ADDR"] == CLIENT


def test_what_the_client_wrote_before_it_does_not_count(settings: Settings) -> None:
    request = seen(settings, ["10.0.0.0/8"], peer=PROXY, x_forwarded_for=f"198.51.100.1, {CLIENT}, 10.0.0.9")
    assert request.META["REMOTE_ADDR"] == CLIENT


def test_a_stranger_is_not_believed(settings: Settings) -> None:
    request = seen(settings, [PROXY], peer=CLIENT, x_forwarded_for="127.0.0.1", x_forwarded_proto="https")
    assert request.META["REMOTE_ADDR"] == CLIENT
    assert not request.is_secure()


def test_a_trusted_proxy_says_that_the_shopper_came_by_https(settings: Settings) -> None:
    assert seen(settings, [PROXY], peer=PROXY, x_forwarded_for=CLIENT, x_forwarded_proto="https").is_secure()


def test_a_proxy_on_a_unix_socket_is_trusted_only_by_name(settings: Settings) -> None:
    assert seen(settings, ["unix"], peer="", x_forwarded_for=CLIENT).META["REMOTE_ADDR"] == CLIENT
    assert seen(settings, [PROXY], peer="", x_forwarded_for=CLIENT).META["REMOTE_ADDR"] == ""


def test_rubbish_in_the_header_is_no_address(settings: Settings) -> None:
    assert seen(settings, [PROXY], peer=PROXY, x_forwarded_for="<script>").META["REMOTE_ADDR"] == ""


@pytest.mark.django_db
def test_plain_http_is_sent_to_https_unless_a_trusted_proxy_had_it_so(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.TRUSTED_PROXIES = [PROXY]
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": CLIENT}
    assert Client(REMOTE_ADDR=CLIENT).get("/admin/login/", headers=forwarded).status_code == 301
    assert Client(REMOTE_ADDR=PROXY).get("/admin/login/", headers=forwarded).status_code == 200
