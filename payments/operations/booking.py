"""Book what was brought in of the gateway's settlement, once the row is known that a movement belongs to."""

from __future__ import annotations

import logging
from collections import defaultdict

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from payments.audit.journal import WORKER, Journal
from payments.gateways.settlement import MovementKind
from payments.ledger.settlement import post_settlement
from payments.models import BalanceTransaction, Dispute, GatewayAccount, Observation, Payment, Refund
from payments.operations.differences import Difference, Topic, is_closed_by_a_person, put_before_staff
from payments.operations.presented import presented
from payments.transactions import is_passing, retried

logger = logging.getLogger(__name__)

Kind = MovementKind

BATCH = 500
_OF_NO_PAYMENT = (Kind.PAYOUT, Kind.PAYOUT_REVERSAL, Kind.FEE, Kind.OTHER)


def book_settlement() -> int:
    """Book every movement whose row is known by now; returns how many. The others wait for their row.

    One that cannot be booked keeps no other waiting: it is put before staff and tried again with the next booking.
    """
    booked, after = 0, 0
    failed: defaultdict[int, list[Difference]] = defaultdict(list)
    while batch := _unbooked(after):
        for movement in batch:
            try:
                booked += _book(movement.pk)
            except Exception as error:  # the job's outermost edge
                if is_passing(error):
                    raise
                logger.exception("settlement_not_booked", extra={"movement": movement.gateway_id})
                failed[movement.account_id].append(_not_booked(movement, error))
        after = batch[-1].pk
    for account in GatewayAccount.objects.all():
        put_before_staff(account, failed[account.pk], {Topic.BOOKING})
    return booked


def is_known(movement: BalanceTransaction) -> bool:
    """Whether the row is known that it belongs to, if it belongs to one: then it can be booked."""
    return _is_of_no_payment(movement) or _payment_of(movement) is not None


def _is_of_no_payment(movement: BalanceTransaction) -> bool:
    """By its kind; or because nobody here knew it for so long that staff were told, and they closed that."""
    if movement.kind in _OF_NO_PAYMENT:
        return True
    return is_closed_by_a_person(movement.account_id, Topic.MOVEMENT, movement.gateway_id, movement.amount)


def _unbooked(after: int) -> list[BalanceTransaction]:
    """A batch of what is not booked, in its order: those that wait keep no later one waiting."""
    return list(BalanceTransaction.objects.filter(booked_at=None, pk__gt=after).order_by("pk")[:BATCH])


def _not_booked(movement: BalanceTransaction, error: Exception) -> Difference:
    return Difference(
        Topic.BOOKING,
        movement.gateway_id,
        movement.amount,
        f"{movement.gateway_id} ({movement.category} {movement.source_id}) moved our balance and cannot be booked: "
        f"{type(error).__name__}: {error}. It is tried again by itself; mend the cause.",
    )


@retried
def _book(movement_id: int) -> bool:
    """Book one movement in one transaction, under its payment's lock. False while its row is not known."""
    movement = BalanceTransaction.objects.get(pk=movement_id)
    payment_id = _payment_of(movement)
    if payment_id is None and not _is_of_no_payment(movement):
        return False
    with transaction.atomic():
        payment = Payment.objects.lock(payment_id) if payment_id else None
        movement = BalanceTransaction.objects.select_for_update().get(pk=movement_id)
        if movement.booked_at is not None:
            return False
        journal = Journal(WORKER, payment_id)
        post_settlement(movement, payment, presented(movement, payment) if payment else None, journal)
        journal.write()
        BalanceTransaction.objects.filter(pk=movement_id).update(booked_at=Now(), payment=payment)
    return True


def _payment_of(movement: BalanceTransaction) -> int | None:
    """The payment whose charge, refund or dispute moved the balance; of two charges of one payment, either."""
    account, source = movement.account_id, movement.source_id
    match movement.kind:
        case Kind.CHARGE:
            return _taken_for(movement) or (_debited_for(movement) if has_failed(movement) else None)
        case Kind.CHARGE_FAILURE:
            return _debited_for(movement)
        case Kind.REFUND | Kind.REFUND_FAILURE:
            given_back = Refund.objects.filter(account=account, gateway_id=source)
            return given_back.values_list("payment_id", flat=True).first()
        case Kind.DISPUTE | Kind.DISPUTE_REVERSAL:
            claimed = Dispute.objects.filter(account=account, gateway_id=source)
            return claimed.values_list("payment_id", flat=True).first()
    return None


def _taken_for(movement: BalanceTransaction) -> int | None:
    """The payment that the charge took money for."""
    booked = Q(gateway_id=F("payment__gateway_id")) | Q(gateway_id=F("payment__refunds__surplus_gateway_id"))
    return _of_charge(movement).filter(booked, captured_amount__gt=0).values_list("payment_id", flat=True).first()


def _debited_for(movement: BalanceTransaction) -> int | None:
    """The payment whose own charge it is, whatever became of it."""
    return _own_of_charge(movement).values_list("payment_id", flat=True).first()


def has_failed(movement: BalanceTransaction) -> bool:
    """Whether the bank refused the debit behind a charge after the gateway had put it into our balance."""
    same = BalanceTransaction.objects.filter(account=movement.account_id, source_id=movement.source_id)
    return same.filter(kind=Kind.CHARGE_FAILURE).exists()


def waits_for_the_bank(movement: BalanceTransaction) -> bool:
    """Whether it is a debit that the bank has not answered: the gateway tells of its money before it is taken."""
    own = _own_of_charge(movement).filter(payment__status=Payment.Status.PROCESSING)
    return movement.kind == Kind.CHARGE and own.exists()


def _own_of_charge(movement: BalanceTransaction) -> QuerySet[Observation]:
    return _of_charge(movement).filter(gateway_id=F("payment__gateway_id"))


def _of_charge(movement: BalanceTransaction) -> QuerySet[Observation]:
    """What was seen of the charge behind the movement, and is applied."""
    seen = Observation.objects.filter(payment__account=movement.account_id, charge_id=movement.source_id)
    return seen.exclude(charge_id="").exclude(applied_at=None)
