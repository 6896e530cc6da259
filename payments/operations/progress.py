"""Where a payment stands, in the few words that a shopper needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from threading import BoundedSemaphore

from django.utils import timezone

from payments.models import GatewayAccount, Operation, Payment, PaymentAttempt
from payments.operations.collect import is_being_voided


class ProgressState(StrEnum):
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    DECLINED = "declined"
    CONFIRMING = "confirming"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Progress:
    """`advice` and `refused_code` say why the last attempt was declined; `not_sent`, that it never left us.

    `is_ending`: nothing was taken, and the gateway was asked to see to it that nothing will be.
    """

    state: ProgressState
    advice: str = ""
    refused_code: str = ""
    not_sent: bool = False
    is_ending: bool = False

    @property
    def is_past_payment(self) -> bool:
        """Whether the money came or is held, whatever became of it since."""
        return self.state in (ProgressState.PAID, ProgressState.PARTIALLY_REFUNDED, ProgressState.REFUNDED)


_PAGES_THAT_WAIT = BoundedSemaphore(2)  # of the eight threads that a web process has

_BY_STATUS = {
    Payment.Status.REQUIRES_ACTION: ProgressState.REQUIRES_ACTION,
    Payment.Status.REQUIRES_CAPTURE: ProgressState.PAID,
    Payment.Status.CANCELED: ProgressState.CANCELED,
    Payment.Status.FAILED: ProgressState.EXPIRED,
}


def progress(payment: Payment) -> Progress:
    """Read from our rows alone, with at most two queries more than the payment itself."""
    status = Payment.Status(payment.status)
    if payment.captured_amount:
        return Progress(_after_capture(payment))
    if status in _BY_STATUS:
        return Progress(_BY_STATUS[status])
    if status == Payment.Status.PROCESSING:
        return Progress(ProgressState.PENDING if _is_merely_pending(payment) else ProgressState.CONFIRMING)
    return _refused(payment)


def client_secret(payment: Payment) -> str | None:
    """What the shopper's browser needs for the next action, asked of the gateway now; never store or log it.

    None when there is nothing to do, while the gateway is paused or cannot be asked with the keys that we have, and
    while other pages of this process wait for it: a slow gateway must leave threads for orders. The page asks again.
    """
    if payment.status != Payment.Status.REQUIRES_ACTION or not _may_be_asked(payment.account):
        return None
    if not _PAGES_THAT_WAIT.acquire(blocking=False):
        return None
    try:
        return payment.account.adapter.client_secret(payment.gateway_id)
    finally:
        _PAGES_THAT_WAIT.release()


def _may_be_asked(account: GatewayAccount) -> bool:
    return account.is_served and not account.is_paused_at(timezone.now())


def _after_capture(payment: Payment) -> ProgressState:
    if not payment.refunded_amount:
        return ProgressState.PAID
    all_back = payment.refunded_amount >= payment.captured_amount
    return ProgressState.REFUNDED if all_back else ProgressState.PARTIALLY_REFUNDED


def _is_merely_pending(payment: Payment) -> bool:
    """Asked in one statement: what was unknown until a moment ago, and is paid by now, is not told as pending."""
    processing = Payment.objects.filter(pk=payment.pk, status=Payment.Status.PROCESSING)
    return processing.exclude(operations__status=Operation.Status.UNKNOWN).exists()


def _refused(payment: Payment) -> Progress:
    if is_being_voided(payment):
        return Progress(ProgressState.CONFIRMING, is_ending=True)
    attempt = payment.attempts.order_by("-pk").first()
    if attempt is None or attempt.status == PaymentAttempt.Status.DECLINED:
        code, advice = (attempt.refusal_code, attempt.advice) if attempt else ("", "")
        return Progress(ProgressState.DECLINED, advice=advice, refused_code=code)
    return Progress(ProgressState.DECLINED, advice="try_again", not_sent=True)
