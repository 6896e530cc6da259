"""What a movement of our balance was in the currency that the shopper saw."""

from __future__ import annotations

from payments.gateways.settlement import MovementKind
from payments.models import BalanceTransaction, Dispute, Payment
from payments.money import Money

Kind = MovementKind


class NotToldYet(LookupError):
    """The gateway's balance moved, and its news of the row that this belongs to have not arrived."""


def presented(movement: BalanceTransaction, payment: Payment) -> Money:
    """The signed amount in the payment's currency.

    Without a conversion it is the movement's own. With one it is taken from the row that the movement belongs to, since
    dividing by a rounded rate is not exact. Raises NotToldYet.
    """
    if movement.currency == payment.currency:
        return movement.money
    sign = -1 if movement.amount < 0 else 1
    return Money(sign * _amount_of_its_row(movement, payment), payment.currency)


def _amount_of_its_row(movement: BalanceTransaction, payment: Payment) -> int:
    match movement.kind:
        case Kind.REFUND | Kind.REFUND_FAILURE:
            return payment.refunds.get(gateway_id=movement.source_id).amount
        case Kind.DISPUTE:
            return payment.disputes.get(gateway_id=movement.source_id).amount
        case Kind.DISPUTE_REVERSAL:
            return _what_came_back(payment.disputes.get(gateway_id=movement.source_id))
    return payment.captured_amount or payment.amount  # of a debit that was refused, nothing was captured


def _what_came_back(dispute: Dispute) -> int:
    """All of it where the dispute was won; where it was lost, what had been refunded before."""
    if dispute.withdrawn_amount == dispute.amount:
        raise NotToldYet(f"of dispute {dispute.gateway_id} all is still withdrawn")
    return dispute.amount - dispute.withdrawn_amount
