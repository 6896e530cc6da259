"""Stripe's error object and the errors that several endpoints raise (docs.stripe.com/api/errors, /error-codes)."""

from __future__ import annotations

from collections.abc import Mapping

Detail = Mapping[str, object]


class ApiError(Exception):
    """An answer other than 200. `stored` says whether an idempotency key remembers it, `logged` whether its request
    stands in the account's log.
    """

    type = "invalid_request_error"
    status = 400
    stored = True
    logged = True

    def __init__(self, message: str, *, code: str = "", param: str = "", detail: Detail | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.detail = dict(detail or {})

    def headers(self) -> tuple[tuple[str, str], ...]:
        """What the answer's headers say beside the usual."""
        return ()

    def document(self, request_id: str) -> dict[str, object]:
        """The error envelope; fields that do not apply are absent."""
        error: dict[str, object] = {"message": self.message, "type": self.type, **self.detail}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        if self.logged:
            error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": dict(sorted(error.items()))}


class InvalidParameter(ApiError):
    """The request's parameters were refused before the endpoint began: nothing is stored under its key."""

    stored = False


class Conflict(ApiError):
    """The object's state does not allow what was asked."""


class Missing(ApiError):
    """No such object."""

    status = 404

    def __init__(self, kind: str, object_id: str, param: str) -> None:
        super().__init__(f"No such {kind}: '{object_id}'", code="resource_missing", param=param)


class SecretForId(ApiError):
    """A PaymentIntent's client secret stands where its id belongs."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "You passed a string that looks like a client secret as the PaymentIntent ID, but you must provide a valid "
            "PaymentIntent ID. Please use the value in the `id` field of the PaymentIntent.",
            param="intent",
        )


class MissingReference(Missing):
    """A parameter names an object that does not exist: 400, since the address itself was right."""

    status = 400


class Unauthorized(ApiError):
    """No key, or one that is not ours: whose log it would be is not known."""

    status = 401
    stored = logged = False

    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("WWW-Authenticate", 'Basic realm="Stripe"'),)


class Forbidden(ApiError):
    """A publishable key where a secret one is needed."""

    status = 403
    stored = False


class RateLimited(ApiError):
    """Too many requests at once; nothing was done."""

    status = 429
    stored = False

    def __init__(self, message: str, *, code: str, retry_after_s: int = 0) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s

    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("Retry-After", str(self.retry_after_s)),) if self.retry_after_s else ()


class IdempotencyMismatch(ApiError):
    """The key was first used with other parameters or another address."""

    type = "idempotency_error"
    stored = False


class KeyInUse(ApiError):
    """The key's first request is still being worked on. Unlike a key for something else, no `idempotency_error`.

    Source: the answer in github.com/beam-community/stripity-stripe/issues/564.
    """

    status = 409
    stored = False

    def __init__(self, key: str) -> None:
        super().__init__(
            "There is currently another in-progress request using this Idempotent Key (that probably means you "
            f"submitted twice, and the other request is still going through): {key}. Please try again later.",
            code="idempotency_key_in_use",
        )

    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("Stripe-Should-Retry", "true"),)


class ServerError(ApiError):
    """Stripe's own failure: the outcome is not known from this answer."""

    status = 500
    type = "api_error"

    def headers(self) -> tuple[tuple[str, str], ...]:
        return (("Stripe-Should-Retry", "false"),)


class CardError(ApiError):
    """The issuer refused. What the attempt wrote (charge, last error, events) stays."""

    status = 402
    type = "card_error"


class UnrecognizedUrl(ApiError):
    """No endpoint has this method and path."""

    status = 404
    stored = logged = False

    def __init__(self, method: str, path: str) -> None:
        super().__init__(
            f"Unrecognized request URL ({method}: {path}). {self._hint(path)}Please see https://stripe.com/docs or we "
            "can help at https://support.stripe.com/."
        )

    @staticmethod
    def _hint(path: str) -> str:
        if not path.endswith("/"):
            return ""
        return (
            "If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, "
            "make sure you passed a valid (non-empty) identifier in your code. "
        )
