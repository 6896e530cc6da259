"""One request on its way: its id, version and key, and the headers that every answer to it has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.config import API_VERSION
from sandbox.errors import ApiError, InvalidParameter
from sandbox.form import Form, decode
from sandbox.idempotency import Kept, Keyed
from sandbox.ids import random_text
from sandbox.messages import Headers, Request, Response, to_json

CROSS_ORIGIN: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, PUT, PATCH, POST, DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Stripe-Version, Accept"),
    ("Access-Control-Expose-Headers", "Request-Id, Stripe-Manage-Version, Idempotent-Replayed"),
    ("Access-Control-Max-Age", "300"),
)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_VERSION = re.compile(r"20\d\d-\d\d-\d\d(\.[a-z]+)?(;.*)?")


@dataclass(frozen=True)
class Exchange:
    """A request under its own id, version and idempotency key."""

    request: Request
    id: str
    version: str = API_VERSION
    keyed: Keyed | None = None

    @classmethod
    def begin(cls, request: Request) -> Exchange:
        """A request of which nothing was read yet."""
        return cls(request, f"req_{random_text(14)}")

    def headers(self) -> Headers:
        """The headers of every answer; for a keyed request the last one names the request itself."""
        headers = (
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-cache, no-store"),
            ("Request-Id", self.id),
            ("Stripe-Version", self.version),
            *CROSS_ORIGIN,
        )
        if self.keyed is None:
            return headers
        return (*headers, ("Idempotency-Key", self.keyed.key), ("Original-Request", self.id))

    def refusal(self, error: ApiError) -> Response:
        """An error as an answer."""
        return Response(error.status, to_json(error.document(self.id)), (*self.headers(), *error.headers()))

    def replay(self, kept: Kept) -> Response:
        """The answer that this request's key remembers."""
        headers: Headers = (("Idempotent-Replayed", "true"), ("Original-Request", kept.request_id))
        headers += (("Stripe-Should-Retry", "false"),) if kept.status >= 500 else ()
        return Response(kept.status, kept.body, (*self.headers()[:-1], *headers))


def preflight(request: Request) -> Response:
    """The browser asks whether it may call from the shop's origin."""
    return Response(204, b"", CROSS_ORIGIN)


def form_of(request: Request) -> Form:
    """The parameters: of the query, or of a form's body, the only kind that the API takes."""
    if request.method in ("GET", "DELETE"):
        return decode(request.query)
    _check_content_type(request)
    try:
        return decode(request.body.decode())
    except UnicodeDecodeError as error:
        raise InvalidParameter("The request body is not valid UTF-8.") from error


def version_of(request: Request) -> str:
    """The version that was asked for."""
    version = request.header("stripe-version") or API_VERSION
    if not _VERSION.fullmatch(version):
        raise InvalidParameter(f"Invalid Stripe API version: {version}")
    return version


def keyed(request: Request, form: Form) -> Keyed | None:
    """The idempotency key, which only writes have."""
    key = request.header("idempotency-key")
    return Keyed.of(key, request.path, form) if key and request.method == "POST" else None


def _check_content_type(request: Request) -> None:
    sent = request.header("content-type")
    kind = sent.partition(";")[0].strip().lower()
    if not request.body or kind == FORM:
        return
    if kind == JSON:
        raise InvalidParameter(
            f"Invalid request (check that your POST content type is {FORM}). If you have any questions, we can help at "
            "https://support.stripe.com/."
        )
    raise InvalidParameter(
        f"Invalid request: unsupported Content-Type {sent}. If error persists and you need assistance, please contact "
        "support@stripe.com."
    )
