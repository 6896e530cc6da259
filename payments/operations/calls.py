"""From an operation's frozen rows to the one call at the gateway that it stands for."""

from __future__ import annotations

from payments.gateways.base import (
    Answer,
    CancelPayment,
    CaptureMethod,
    CapturePayment,
    ConfirmPayment,
    Gateway,
    Lookup,
    OpenPayment,
    RefundPayment,
)
from payments.models import Operation

Kind = Operation.Kind


def send(gateway: Gateway, operation: Operation) -> Answer:
    """Make the write. The same operation makes the same call with the same key, however often."""
    key = str(operation.idempotency_key)
    payment = operation.payment
    match operation.kind:
        case Kind.OPEN:
            request = OpenPayment(
                money=operation.money,
                capture_method=CaptureMethod(payment.capture_method),
                reference=payment.reference,
                description=payment.description,
            )
            return gateway.open_payment(request, key)
        case Kind.CAPTURE:
            return gateway.capture(CapturePayment(payment.gateway_id, operation.money), key)
        case Kind.VOID:
            return gateway.cancel(CancelPayment(payment.gateway_id), key)
        case Kind.REFUND | Kind.REVERSE:
            return gateway.refund(_refund_request(operation), key)
        case _:
            return gateway.confirm(_confirm_request(operation), key)


def look(gateway: Gateway, operation: Operation) -> Lookup:
    """Ask what became of the write, without writing."""
    payment = operation.payment
    if operation.kind == Kind.OPEN:
        return gateway.find_by_reference(payment.reference)
    if operation.gives_back and operation.refund is not None:
        return gateway.find_refund(operation.refund.charged_as, operation.refund.reference)
    return gateway.retrieve_payment(payment.gateway_id)


def _confirm_request(operation: Operation) -> ConfirmPayment:
    attempt = operation.attempt
    assert attempt is not None  # the constraint payments_operation_names_its_wish
    return ConfirmPayment(operation.payment.gateway_id, attempt.token, attempt.return_url)


def _refund_request(operation: Operation) -> RefundPayment:
    refund = operation.refund
    assert refund is not None  # the constraint payments_operation_names_its_wish
    return RefundPayment(refund.charged_as, operation.money, refund.reference, refund.reason)
