"""What a movement of our balance was in the currency that the shopper saw."""

from __future__ import annotations

from payments.gateways.settlement import MovementKind
from payments.models import BalanceTransaction, Payment
from payments.money import Money

Kind = MovementKind


def presented(movement: BalanceTransaction, payment: Payment) -> Money:
    """The signed amount in the payment's currency.

    Without a conversion it is the movement's own. With one it is taken from the row that the movement belongs to, since
    dividing by a rounded rate is not exact.
    """
    if movement.currency == payment.currency:
        return movement.money
    sign = -1 if movement.amount < 0 else 1
    return Money(sign * _amount_of_its_row(movement, payment), payment.currency)


def _amount_of_its_row(movement: BalanceTransaction, payment: Payment) -> int:
    match movement.kind:
        case Kind.REFUND | Kind.REFUND_FAILURE:
            return payment.refunds.get(gateway_id=movement.source_id).amount
        case Kind.DISPUTE | Kind.DISPUTE_REVERSAL:
            return payment.disputes.get(gateway_id=movement.source_id).amount
    return payment.captured_amount or payment.amount  # of a debit that was refused, nothing was captured
