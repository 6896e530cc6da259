"""Which key a request carries, and what it may do (docs.stripe.com/api/authentication, /keys)."""

from __future__ import annotations

import base64
import binascii
from enum import Enum

from sandbox.config import Config
from sandbox.errors import Forbidden, Unauthorized
from sandbox.messages import Request

NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or "
    "we can help at https://support.stripe.com/."
)
PUBLISHABLE_REFUSED = (
    "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of "
    "your API keys at https://dashboard.stripe.com/account/apikeys."
)


class Key(Enum):
    """The kind of key that authenticated a request."""

    SECRET = "secret"  # noqa: S105  the name of a kind
    PUBLISHABLE = "publishable"


def authenticate(request: Request, config: Config, publishable_sent: str, publishable_allowed: bool) -> Key:
    """Recognise the request's key, or raise what Stripe answers.

    `publishable_sent` is the `key` form parameter, where Stripe.js may put the publishable key instead of a header.
    """
    key = _header_key(request) or publishable_sent
    if not key:
        raise Unauthorized(NO_KEY)
    if key == config.secret_key:
        return Key.SECRET
    if key != config.publishable_key:
        raise Unauthorized(f"Invalid API Key provided: {_masked(key)}")
    if not publishable_allowed:
        raise Forbidden(PUBLISHABLE_REFUSED, code="secret_key_required")
    return Key.PUBLISHABLE


def _header_key(request: Request) -> str:
    scheme, _, credentials = request.header("authorization").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        return _basic_user(credentials)
    return ""


def _basic_user(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _masked(key: str) -> str:
    """All but the prefix and the last four characters is hidden, as in Stripe's own message."""
    prefix = "_".join(key.split("_")[:2]) + "_" if key.count("_") >= 2 else ""
    hidden = len(key) - len(prefix) - 4
    return f"{prefix}{'*' * hidden}{key[-4:]}" if hidden > 0 else "*" * len(key)
