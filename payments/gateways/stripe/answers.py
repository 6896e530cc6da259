"""What Stripe's errors mean for the caller. Every surprise is unknown.

Source: docs.stripe.com/api/errors, docs.stripe.com/error-low-level, docs.stripe.com/api/idempotent_requests.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import stripe
from urllib3.exceptions import NewConnectionError

from payments.gateways.base import LONGEST_WAIT_S, Declined, DefinitelyNotSent, PaymentSeen, Unknown
from payments.gateways.stripe.objects import payment_seen
from payments.gateways.stripe.refusals import refusal_of

# No byte of the request had left: no address, no connection, or no trust in whoever answered.
_BEFORE_SENDING = (requests.exceptions.ConnectTimeout, NewConnectionError, ssl.SSLCertVerificationError)


def failed_write(error: stripe.StripeError) -> Declined | DefinitelyNotSent | Unknown:
    """What a write that raised this error has done."""
    if isinstance(error, stripe.IdempotencyError):
        return Unknown(f"the key was used with another request: {error}")
    if isinstance(error, (stripe.CardError, stripe.InvalidRequestError)) and _is_final(error):
        return _declined(error)
    return failed_question(error)


def failed_question(error: stripe.StripeError) -> DefinitelyNotSent | Unknown:
    """Why a question, or a write that was not answered with a decision, brought nothing."""
    if isinstance(error, stripe.APIConnectionError):
        before = any(isinstance(cause, _BEFORE_SENDING) for cause in _causes(error))
        return DefinitelyNotSent(_reason(error)) if before else Unknown(_reason(error))
    if isinstance(error, (stripe.AuthenticationError, stripe.PermissionError)):
        return DefinitelyNotSent(f"Stripe turned the API key away: {_reason(error)}")
    return Unknown(_reason(error), retry_after_s=_retry_after(error), replayed=_was_replayed(error))


def _is_final(error: stripe.StripeError) -> bool:
    """Lock time-outs come as invalid requests too, and say nothing about the write."""
    return error.code != "lock_timeout"


def _declined(error: stripe.StripeError) -> Declined | Unknown:
    if error.error is None:
        return Unknown(f"an error without a body: {error}")
    intent = getattr(error.error, "payment_intent", None)
    seen: PaymentSeen | None = None
    if isinstance(intent, stripe.PaymentIntent):
        seen = payment_seen(intent)
    return Declined(refusal_of(error.error), seen, replayed=_was_replayed(error))


def _reason(error: stripe.StripeError) -> str:
    status = f"HTTP {error.http_status}: " if error.http_status else ""
    network = next((str(cause) for cause in _causes(error) if not isinstance(cause, stripe.StripeError)), "")
    return f"{status}{network or error}"[:500]


def _retry_after(error: stripe.StripeError) -> float | None:
    """Seconds that the answer asks to wait: whole seconds, or until a date (RFC 9110, section 10.2.3)."""
    value = (_header(error, "Retry-After") or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT_S)
    until = _date(value)
    if until is None:
        return None
    answered_at = _date(_header(error, "Date") or "") or datetime.now(UTC)
    return min(max((until - answered_at).total_seconds(), 0.0), LONGEST_WAIT_S)


def _date(value: str) -> datetime | None:
    """An HTTP date, which is always in UTC (RFC 9110, section 5.6.7); None for anything else."""
    try:
        return parsedate_to_datetime(value).replace(tzinfo=UTC)
    except ValueError:
        return None


def is_replay(made: stripe.StripeObject) -> bool:
    """Whether Stripe answered with what it had stored for the key, instead of doing the write."""
    response = made.last_response
    return response is not None and _says_replayed(response.headers)


def _was_replayed(error: stripe.StripeError) -> bool:
    return _says_replayed(error.headers or {})


def _says_replayed(headers: Mapping[str, str]) -> bool:
    return _of(headers, "Idempotent-Replayed") == "true"


def _header(error: stripe.StripeError, name: str) -> str | None:
    return _of(error.headers or {}, name)


def _of(headers: Mapping[str, str], name: str) -> str | None:
    return {key.lower(): value for key, value in headers.items()}.get(name.lower())


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything that it was raised from, also where urllib3 keeps it as `reason`."""
    while error is not None:
        yield error
        inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
        error = error.__cause__ or getattr(error, "reason", None) or inner or error.__context__
        if not isinstance(error, BaseException):
            return
