"""Whether what the gateway shows is what we asked it for. If not, it is a discrepancy and never "paid"."""

from __future__ import annotations

from datetime import datetime

from payments.gateways.base import DisputeSeen, PaymentSeen, PaymentState, RefundSeen, Seen
from payments.models import Payment
from payments.states.surplus import is_second_object, surplus_refunds


def mismatch(payment: Payment, seen: Seen, asked_at: datetime) -> str:
    """What does not fit in an answer to what was asked at this time, in words for staff; empty where all fits."""
    if seen.live != payment.account.live:
        return f"the account is {payment.account}, the object's mode is {'live' if seen.live else 'test'}"
    if seen.money.currency != payment.currency:
        return f"asked in {payment.currency}, the object is in {seen.money.currency}"
    match seen:
        case PaymentSeen():
            return _payment_mismatch(payment, seen, asked_at)
        case RefundSeen():
            return _part_mismatch(payment, seen, "refund")
        case DisputeSeen():
            return _part_mismatch(payment, seen, "dispute")


def _payment_mismatch(payment: Payment, seen: PaymentSeen, asked_at: datetime) -> str:
    if is_second_object(payment, seen):
        return ""  # money that really moved: it is booked as surplus
    if payment.gateway_id and seen.gateway_id != payment.gateway_id:
        return f"this payment is {payment.gateway_id}, the object is {seen.gateway_id}"
    if seen.reference != payment.reference:
        return f"the object {seen.gateway_id} carries the reference {seen.reference!r}, not ours"
    if seen.money != payment.money:
        return f"asked for {payment.money}, the object is for {seen.money}"
    if seen.captured.amount < payment.captured_amount and not payment.knows_newer_than(asked_at):
        return f"{payment.captured} was captured, the object now shows {seen.captured}"
    if seen.state == PaymentState.SUCCEEDED and not seen.captured:
        return "the object is called succeeded but nothing was captured"
    return ""


def _part_mismatch(payment: Payment, seen: RefundSeen | DisputeSeen, kind: str) -> str:
    """Of a refund or dispute: it is of our object, or of one whose money is booked as surplus."""
    of = seen.payment_gateway_id
    if of and (of == payment.gateway_id or surplus_refunds(payment, of).exists()):
        return ""
    return f"this payment is {payment.gateway_id}, the {kind} {seen.gateway_id} is of {of}"
