"""What a payment's status is, given what happened: a pure function, so that it can be recomputed at any time."""

from __future__ import annotations

from payments.models import Payment, PaymentAttempt

_BY_ATTEMPT = {
    PaymentAttempt.Status.CREATED: Payment.Status.PROCESSING,
    PaymentAttempt.Status.SUBMITTED: Payment.Status.PROCESSING,
    PaymentAttempt.Status.PROCESSING: Payment.Status.PROCESSING,
    PaymentAttempt.Status.REQUIRES_ACTION: Payment.Status.REQUIRES_ACTION,
    PaymentAttempt.Status.AUTHORIZED: Payment.Status.REQUIRES_CAPTURE,
    PaymentAttempt.Status.DECLINED: Payment.Status.REQUIRES_PAYMENT_METHOD,
    PaymentAttempt.Status.CANCELED: Payment.Status.REQUIRES_PAYMENT_METHOD,
    PaymentAttempt.Status.EXPIRED: Payment.Status.REQUIRES_PAYMENT_METHOD,
}
ENDED = (Payment.Status.CANCELED, Payment.Status.FAILED)


def payment_status(*, amount: int, captured: int, ended_as: str, newest_attempt: str) -> str:
    """Money that came outweighs all; then an end at the gateway; then the newest attempt.

    `amount` and `captured` are minor units; `ended_as` is "canceled", "failed" or "" while the gateway's object lives.
    """
    if captured >= amount:
        return Payment.Status.SUCCEEDED
    if captured:
        return Payment.Status.PARTIALLY_CAPTURED
    return ended_as or _BY_ATTEMPT[PaymentAttempt.Status(newest_attempt)]
