"""What a movement of our balance was in the currency that the shopper saw."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from payments.gateways.settlement import MovementKind
from payments.models import BalanceTransaction, Payment
from payments.money import Money

Kind = MovementKind


def presented(movement: BalanceTransaction, payment: Payment) -> Money:
    """The signed amount in the payment's currency.

    Without a conversion it is the movement's own. With one it is taken from our rows, since dividing by a rounded rate
    is not exact: the rate only tells which of the amounts that are possible it is.
    """
    if movement.currency == payment.currency:
        return movement.money
    sign = -1 if movement.amount < 0 else 1
    rate = movement.exchange_rate or Decimal(1)
    about = abs(movement.amount) / rate
    nearest = min(_possible(movement, payment), key=lambda amount: abs(amount - about))
    return Money(sign * nearest, payment.currency)


def _possible(movement: BalanceTransaction, payment: Payment) -> Iterator[int]:
    match movement.kind:
        case Kind.CHARGE:
            yield payment.captured_amount
            yield payment.amount
        case Kind.PARTIAL_CAPTURE_REVERSAL:
            yield payment.amount - payment.captured_amount
        case Kind.REFUND | Kind.REFUND_FAILURE:
            yield from payment.refunds.filter(gateway_id=movement.source_id).values_list("amount", flat=True)
        case Kind.DISPUTE | Kind.DISPUTE_REVERSAL:
            yield from payment.disputes.filter(gateway_id=movement.source_id).values_list("amount", flat=True)
