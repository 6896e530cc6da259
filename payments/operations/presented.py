"""What a movement of our balance was in the currency that the shopper saw."""

from __future__ import annotations

from django.db.models import Sum

from payments.gateways.settlement import MovementKind
from payments.models import BalanceTransaction, Dispute, LedgerEntry, Payment
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
    """What the gateway held back by the movements booked so far, less what it still does.

    All of it where the dispute was won; where it was lost, what had been refunded before.
    """
    came_back = _held_back(dispute) - dispute.withdrawn_amount
    if came_back <= 0:
        raise NotToldYet(f"dispute {dispute.gateway_id} does not show what came back of it")
    return came_back


def _held_back(dispute: Dispute) -> int:
    of_dispute = LedgerEntry.objects.filter(
        transaction__payment=dispute.payment_id,
        transaction__balance_transaction__source_id=dispute.gateway_id,
        account=LedgerEntry.Account.CONVERSION,
        currency=dispute.currency,
    )
    sums: int | None = of_dispute.aggregate(Sum("amount"))["amount__sum"]
    return -(sums or 0)
