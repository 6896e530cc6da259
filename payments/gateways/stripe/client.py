"""The connection to Stripe: pinned version, TLS 1.2 or later, explicit time-outs, no retries of the SDK's own."""

from __future__ import annotations

import ssl
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
import stripe
from requests.adapters import HTTPAdapter

API_VERSION = "2026-10-28.endive"
CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 3.0, 20.0
CONNECTIONS = 64
LOOPBACK = ("localhost", "127.0.0.1", "::1")

stripe.enable_telemetry = False


class ModernTLS(HTTPAdapter):
    """HTTPS with a context of our own: TLS 1.2 at least, certificates verified, nothing sent twice by itself."""

    def __init__(self) -> None:
        super().__init__(pool_connections=4, pool_maxsize=CONNECTIONS, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool: object) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=tls_context(), **pool)


def tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def connect(secret_key: str, api_base: str) -> stripe.StripeClient:
    """A client for one account. Plain http is for the loopback only; raises ValueError otherwise."""
    address = urlsplit(api_base)
    if address.scheme != "https" and address.hostname not in LOOPBACK:
        raise ValueError(f"STRIPE_API_BASE must begin with https://, not {address.scheme}://{address.hostname}")
    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": api_base.rstrip("/")},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S), session=_session()),
    )


def _session() -> requests.Session:
    """One pool for all threads, blind to the environment's proxies, .netrc and certificates, and to cookies."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", ModernTLS())
    session.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=CONNECTIONS, max_retries=0))
    return session
